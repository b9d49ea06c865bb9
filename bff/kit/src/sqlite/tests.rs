//! The database as a BFF uses it.

use super::*;

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS items (sku TEXT PRIMARY KEY NOT NULL, stock INTEGER NOT NULL CHECK (stock >= 0)) STRICT";
const SEED: &str = "INSERT OR IGNORE INTO items VALUES ('AU-02', 3)";

async fn stock(database: &Database) -> i64 {
    let stock = database.read(|db| db.query_row("SELECT stock FROM items WHERE sku = 'AU-02'", [], |row| row.get(0)));
    stock.await.unwrap()
}

async fn take(database: &Database, count: i64) -> Result<usize, DatabaseError> {
    let taken =
        database.write(move |db| db.execute("UPDATE items SET stock = stock - ?1 WHERE sku = 'AU-02'", [count]));
    taken.await
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open_in(dir.path(), "shop", SCHEMA, SEED).unwrap();
    take(&database, 2).await.unwrap();
    assert_eq!(stock(&database).await, 1);
    drop(database);
    assert_eq!(
        stock(&Database::open_in(dir.path(), "shop", SCHEMA, SEED).unwrap()).await,
        1
    );
}

#[tokio::test]
async fn a_failed_write_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open_in(dir.path(), "shop", SCHEMA, SEED).unwrap();
    let failed = database
        .write(|db| {
            db.execute("UPDATE items SET stock = 1", [])?;
            db.execute("UPDATE items SET stock = -1", [])
        })
        .await;
    assert!(matches!(failed, Err(DatabaseError::Statement(_))));
    assert_eq!(stock(&database).await, 3);
}

#[tokio::test]
async fn a_panic_is_an_error_and_the_connection_lives_on() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open_in(dir.path(), "shop", SCHEMA, SEED).unwrap();
    let failed: Result<(), _> = database
        .write(|db| {
            db.execute("UPDATE items SET stock = 0", [])?;
            panic!("as a test")
        })
        .await;
    assert!(matches!(failed, Err(DatabaseError::Panicked)));
    assert_eq!(take(&database, 1).await.unwrap(), 1);
    assert_eq!(stock(&database).await, 2);
}

#[tokio::test]
async fn readers_cannot_write() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open_in(dir.path(), "shop", SCHEMA, SEED).unwrap();
    assert!(database.read(|db| db.execute("DELETE FROM items", [])).await.is_err());
}

#[tokio::test]
async fn many_tasks_share_the_connections() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open_in(
        dir.path(),
        "shop",
        SCHEMA,
        "INSERT OR IGNORE INTO items VALUES ('AU-02', 200)",
    )
    .unwrap();
    let tasks: Vec<_> = (0..200)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move {
                stock(&database).await;
                take(&database, 1).await
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(stock(&database).await, 0);
}

#[test]
fn a_script_that_fails_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let error = Database::open_in(dir.path(), "shop", SCHEMA, "INSERT INTO nowhere VALUES (1)").unwrap_err();
    assert_eq!(error.to_string(), "the database's seed fails");
    let tables = Database::open_in(dir.path(), "shop", "", "").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    assert!(
        runtime
            .block_on(tables.read(|db| db.prepare("SELECT * FROM items").map(drop)))
            .is_err()
    );
}
