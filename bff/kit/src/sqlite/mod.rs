//! A database of the app's own: SQLite in a file, off the async threads.

mod pool;
mod error;

use std::{path::Path, sync::Arc};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::watch;

pub use error::DatabaseError;
use pool::Pool;

use crate::config;

const READERS: usize = 4;
const BUSY_TIMEOUT_MS: u32 = 5_000;

/// A SQLite database. Clones share it.
///
/// Four readers and one writer work beside each other (write-ahead log); who waits longer than 5 s gets
/// [`DatabaseError::Busy`].
#[derive(Debug, Clone)]
pub struct Database {
    readers: Arc<Pool>,
    writer: Arc<Pool>,
    commits: watch::Sender<()>,
}

impl Database {
    /// Opens `<MARQUETRY_DATA_DIR>/<name>.sqlite` and runs `schema` and `seed` in one transaction.
    ///
    /// Both run at each start, so they are written to be repeated: `CREATE TABLE IF NOT EXISTS`, `INSERT OR IGNORE`.
    ///
    /// # Errors
    /// When the file cannot be opened, or a script fails: then nothing of either is kept.
    pub fn open(name: &str, schema: &str, seed: &str) -> Result<Self, DatabaseError> {
        Self::open_in(&config::data_dir(), name, schema, seed)
    }

    /// The same, in the folder `dir`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_in(dir: &Path, name: &str, schema: &str, seed: &str) -> Result<Self, DatabaseError> {
        let path = dir.join(format!("{name}.sqlite"));
        let failed = |source: rusqlite::Error| DatabaseError::Open {
            path: path.clone(),
            source: source.into(),
        };
        std::fs::create_dir_all(dir).map_err(|source| DatabaseError::Open {
            path: path.clone(),
            source: source.into(),
        })?;
        let mut writer = connect(&path).map_err(failed)?;
        writer.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        prepare(&mut writer, schema, seed)?;
        let readers = (0..READERS).map(|_| reader(&path)).collect::<Result<Vec<_>, _>>();
        Ok(Self {
            readers: Pool::new(readers.map_err(failed)?),
            writer: Pool::new(vec![writer]),
            commits: watch::Sender::new(()),
        })
    }

    /// Reads, beside other readers and the writer.
    ///
    /// # Errors
    /// When `work` fails, or all readers stay busy.
    pub async fn read<T, F>(&self, work: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.readers.run(move |connection| work(connection)).await
    }

    /// Writes, in one transaction that is kept when `work` gives `Ok`.
    ///
    /// # Errors
    /// When `work` fails, or the writer stays busy.
    pub async fn write<T, F>(&self, work: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        let commits = self.commits.clone();
        self.writer
            .run(move |connection| {
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let value = work(&transaction)?;
                transaction.commit()?;
                commits.send_replace(());
                Ok(value)
            })
            .await
    }

    /// Tells each time that this process has written something.
    pub(crate) fn commits(&self) -> watch::Receiver<()> {
        self.commits.subscribe()
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "busy_timeout", BUSY_TIMEOUT_MS)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
}

fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn prepare(connection: &mut Connection, schema: &str, seed: &str) -> Result<(), DatabaseError> {
    let script = |script: &'static str| move |source| DatabaseError::Script { script, source };
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(script("schema"))?;
    transaction.execute_batch(schema).map_err(script("schema"))?;
    transaction.execute_batch(seed).map_err(script("seed"))?;
    transaction.commit().map_err(script("seed"))
}

#[cfg(test)]
mod tests;
