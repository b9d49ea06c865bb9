//! The log in the app's own database: numbered without end, kept for a while, with a name that no other log has.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use contract::{
    Topic,
    feed::{LONGEST_AUDIENCE_BYTES, LONGEST_VALUE_BYTES, MOST_AUDIENCES, Opening, Place, is_audience},
};
use fragments_kit::Event;
use rusqlite::{Connection, params};

use crate::sqlite::{Database, DatabaseError};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS marquetry_log (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  name TEXT NOT NULL,
  keep_events INTEGER NOT NULL CHECK (keep_events >= 1),
  keep_ms INTEGER NOT NULL CHECK (keep_ms >= 1)
) STRICT;

-- Numbers are never used again, also when all events have gone.
CREATE TABLE IF NOT EXISTS marquetry_events (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms INTEGER NOT NULL,
  topic TEXT NOT NULL,
  audiences TEXT NOT NULL,
  value TEXT NOT NULL
) STRICT;
";

/// The events of an app, in its database. Clones share it.
#[derive(Debug, Clone)]
pub struct EventLog {
    database: Database,
    name: String,
}

/// How long events are kept: whichever comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// So many at most.
    pub events: u32,
    /// And none that is older.
    pub age: Duration,
}

/// Why something is no event.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// Its type names no topic.
    #[error("`{0}` is no topic, as `shop:stock-changed`")]
    Topic(&'static str),
    /// It can't be JSON.
    #[error("an event of `{topic}` can't be written as JSON")]
    Value {
        /// The topic.
        topic: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// It is too long: say what has changed, and let pages ask for the rest.
    #[error("an event of `{topic}` has {bytes} bytes, more than {LONGEST_VALUE_BYTES}")]
    Long {
        /// The topic.
        topic: &'static str,
        /// How many it has.
        bytes: usize,
    },
    /// Nobody could be in one of its audiences.
    #[error("an audience must have 1 to {LONGEST_AUDIENCE_BYTES} visible ASCII characters, got `{0}`")]
    Audience(String),
    /// There are too many, or none.
    #[error("an event for some must name 1 to {MOST_AUDIENCES} audiences, got {0}")]
    Audiences(usize),
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            events: 10_000,
            age: Duration::from_hours(24),
        }
    }
}

/// Publishes `event` for everybody, if the transaction is kept that `db` is in.
///
/// # Errors
/// When the database fails, there is no log, or it is no event ([`EventError`]): then the transaction should end with it.
pub fn publish<E: Event>(db: &Connection, event: &E) -> rusqlite::Result<()> {
    append(db, event, &[])
}

/// Publishes `event` for the visitors who are in one of `audiences`, of whom the app says so when it is asked
/// ([`Bff::audiences`](crate::Bff::audiences)).
///
/// # Errors
/// As [`publish`]; and without an audience.
pub fn publish_to<E: Event>(db: &Connection, audiences: &[&str], event: &E) -> rusqlite::Result<()> {
    if !(1..=MOST_AUDIENCES).contains(&audiences.len()) {
        return Err(refused(EventError::Audiences(audiences.len())));
    }
    append(db, event, audiences)
}

fn append<E: Event>(db: &Connection, event: &E, audiences: &[&str]) -> rusqlite::Result<()> {
    let topic = E::TOPIC;
    topic.parse::<Topic>().map_err(|_| refused(EventError::Topic(topic)))?;
    if let Some(none) = audiences.iter().find(|name| !is_audience(name)) {
        return Err(refused(EventError::Audience((*none).to_owned())));
    }
    let value = serde_json::to_string(event).map_err(|source| refused(EventError::Value { topic, source }))?;
    let bytes = value.len();
    if bytes > LONGEST_VALUE_BYTES {
        return Err(refused(EventError::Long { topic, bytes }));
    }
    let now = now_ms();
    let sql = "INSERT INTO marquetry_events (at_ms, topic, audiences, value) VALUES (?1, ?2, ?3, ?4)";
    db.prepare_cached(sql)?
        .execute(params![now, topic, audiences.join(" "), value])?;
    let last = db.last_insert_rowid();
    // The oldest are looked at first, so that this costs nothing where none is too old.
    let sql = "DELETE FROM marquetry_events WHERE number <= ?1 - (SELECT keep_events FROM marquetry_log) OR number < (
        SELECT number FROM marquetry_events WHERE at_ms >= ?2 - (SELECT keep_ms FROM marquetry_log) ORDER BY number LIMIT 1)";
    db.prepare_cached(sql)?.execute(params![last, now])?;
    Ok(())
}

fn refused(error: EventError) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(error.into())
}

impl EventLog {
    /// The log of `database`, made when there is none; events are kept as usual.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open(database: &Database) -> Result<Self, DatabaseError> {
        Self::keeping(database, Retention::default()).await
    }

    /// The same, with events kept as `retention` says from now on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keeping(database: &Database, retention: Retention) -> Result<Self, DatabaseError> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).expect("the operating system has randomness");
        let new = format!("{:016x}", u64::from_le_bytes(random));
        let keep_ms = i64::try_from(retention.age.as_millis()).unwrap_or(i64::MAX).max(1);
        let keep_events = retention.events.max(1);
        let name = database
            .write(move |db| {
                db.execute_batch(SCHEMA)?;
                let sql = "INSERT INTO marquetry_log VALUES (1, ?1, ?2, ?3)
                    ON CONFLICT DO UPDATE SET keep_events = ?2, keep_ms = ?3 RETURNING name";
                db.query_row(sql, params![new, keep_events, keep_ms], |row| row.get(0))
            })
            .await?;
        let database = database.clone();
        Ok(Self { database, name })
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Where a composer that was at `asked` goes on: there, if nothing behind it is missing; else at most `recent` events back.
    pub(super) async fn begin(&self, asked: Option<Place>, recent: u32) -> Result<Opening, DatabaseError> {
        let (floor, last) = self
            .database
            .read(|db| {
                let sql = "SELECT (SELECT MIN(number) - 1 FROM marquetry_events),
                    COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'marquetry_events'), 0)";
                db.query_row(sql, [], |row| {
                    let last: i64 = row.get(1)?;
                    Ok((row.get::<_, Option<i64>>(0)?.unwrap_or(last), last))
                })
            })
            .await?;
        let (floor, last) = (unsigned(floor), unsigned(last));
        let known = asked.filter(|place| place.log == self.name && (floor..=last).contains(&place.number));
        let after = known.map_or(floor.max(last.saturating_sub(recent.into())), |place| place.number);
        let log = self.name.clone();
        Ok(Opening { log, after })
    }

    /// Events behind `after`, at most `most`.
    pub(super) async fn behind(&self, after: u64, most: u32) -> Result<Vec<Logged>, DatabaseError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        self.database
            .read(move |db| {
                let sql = "SELECT number, at_ms, topic, audiences, value FROM marquetry_events
                    WHERE number > ?1 ORDER BY number LIMIT ?2";
                let mut found = db.prepare_cached(sql)?;
                let rows = found.query_map(params![after, most], |row| {
                    Ok(Logged {
                        number: unsigned(row.get(0)?),
                        at_ms: row.get(1)?,
                        topic: row.get(2)?,
                        audiences: row.get(3)?,
                        value: row.get(4)?,
                    })
                })?;
                rows.collect()
            })
            .await
    }
}

/// An event, as the log has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Logged {
    pub(super) number: u64,
    pub(super) at_ms: i64,
    pub(super) topic: String,
    /// A space between.
    pub(super) audiences: String,
    pub(super) value: String,
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Said(String);

    impl Event for Said {
        const TOPIC: &'static str = "shop:said";
    }

    async fn log(dir: &tempfile::TempDir, events: u32, age: Duration) -> (Database, EventLog) {
        let database = Database::open_in(dir.path(), "shop", "", "").unwrap();
        let log = EventLog::keeping(&database, Retention { events, age }).await.unwrap();
        (database, log)
    }

    async fn say(database: &Database, text: &'static str) {
        database.write(move |db| publish(db, &Said(text.into()))).await.unwrap();
    }

    async fn after(log: &EventLog, number: u64, recent: u32) -> u64 {
        let log_name = log.name.clone();
        let asked = Place { log: log_name, number };
        log.begin(Some(asked), recent).await.unwrap().after
    }

    #[tokio::test]
    async fn an_event_is_there_when_its_change_is_and_not_otherwise() {
        let dir = tempfile::tempdir().unwrap();
        let (database, log) = log(&dir, 10, Duration::from_hours(1)).await;
        let undone = database.write(|db| {
            publish(db, &Said("undone".into()))?;
            Err::<(), _>(rusqlite::Error::InvalidQuery)
        });
        undone.await.unwrap_err();
        say(&database, "one").await;
        let to = database.write(|db| publish_to(db, &["a", "b"], &Said("two".into())));
        to.await.unwrap();
        let found = log.behind(0, 10).await.unwrap();
        let told: Vec<_> = found
            .iter()
            .map(|each| (each.number, each.audiences.as_str(), each.value.as_str()))
            .collect();
        assert_eq!(told, [(1, "", "\"one\""), (2, "a b", "\"two\"")]);
        let name = log.name.clone();
        drop((database, log));
        let (_, again) = self::log(&dir, 10, Duration::from_hours(1)).await;
        assert_eq!(again.name, name, "a log keeps its name");
    }

    #[tokio::test]
    async fn what_is_too_old_or_too_much_goes_and_who_asks_for_it_learns_so() {
        let dir = tempfile::tempdir().unwrap();
        let (database, log) = log(&dir, 3, Duration::from_hours(1)).await;
        assert_eq!(after(&log, 0, 100).await, 0);
        for _ in 0..5 {
            say(&database, "x").await;
        }
        assert_eq!(log.behind(0, 10).await.unwrap().len(), 3);
        assert_eq!(after(&log, 2, 0).await, 2, "nothing behind it is missing");
        assert_eq!(after(&log, 1, 1).await, 4, "something is");
        assert_eq!(after(&log, 6, 100).await, 2, "a place that it never had");
        let other = Place {
            log: "other".into(),
            number: 3,
        };
        assert_eq!(log.begin(Some(other), 2).await.unwrap().after, 3);
        assert_eq!(log.begin(None, 0).await.unwrap().after, 5);
        database
            .write(|db| db.execute("UPDATE marquetry_events SET at_ms = at_ms - 7200000", []))
            .await
            .unwrap();
        say(&database, "y").await;
        assert_eq!(log.behind(0, 10).await.unwrap().len(), 1);
        database
            .write(|db| db.execute("DELETE FROM marquetry_events", []))
            .await
            .unwrap();
        assert_eq!(after(&log, 6, 100).await, 6, "an empty log knows where it ended");
        assert_eq!(after(&log, 5, 100).await, 6);
    }

    #[tokio::test]
    async fn what_is_no_event_is_refused() {
        struct Odd;
        impl Serialize for Odd {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_unit()
            }
        }
        impl<'de> Deserialize<'de> for Odd {
            fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
                Ok(Self)
            }
        }
        impl Event for Odd {
            const TOPIC: &'static str = "odd";
        }
        let dir = tempfile::tempdir().unwrap();
        let (database, log) = log(&dir, 10, Duration::from_hours(1)).await;
        let long = database.write(|db| publish(db, &Said("x".repeat(20_000))));
        assert!(long.await.is_err());
        assert!(database.write(|db| publish(db, &Odd)).await.is_err());
        for audiences in [&[][..], &["a b"], &[""]] {
            let said = Said("x".into());
            assert!(
                database
                    .write(move |db| publish_to(db, audiences, &said))
                    .await
                    .is_err()
            );
        }
        assert_eq!(log.behind(0, 10).await.unwrap(), []);
    }
}
