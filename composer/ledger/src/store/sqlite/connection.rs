//! One open SQLite file: checked when it is opened, read and appended to.

use std::{fs::File, io::Read, path::Path, time::Duration};

use rusqlite::{ErrorCode, OpenFlags, OptionalExtension, Row, TransactionBehavior, config::DbConfig};

use super::{damaged, unavailable};
use crate::{
    chain::{Head, Sealed},
    store::StoreError,
};

/// A usual entry lies on one page, in one piece.
pub(super) const PAGE_BYTES: u32 = 16_384;
pub(super) const TABLE: &str = "CREATE TABLE entries (revision INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT";

const LONGEST_WAIT: Duration = Duration::from_secs(2);
const PAGES_IN_WAL: u32 = 64;

/// An open file that was whole when it was opened.
#[derive(Debug)]
pub(super) struct Connection(rusqlite::Connection);

impl Connection {
    pub(super) fn open(path: &Path, max_pages: Option<u32>) -> Result<Self, StoreError> {
        check_header(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(path, flags).map_err(refine)?;
        let opened = Self(connection);
        match opened.prepare(max_pages) {
            Ok(()) => Ok(opened),
            Err(error @ StoreError::Damaged(_)) => {
                opened.leave_as_it_is();
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    fn prepare(&self, max_pages: Option<u32>) -> Result<(), StoreError> {
        let connection = &self.0;
        connection.busy_timeout(LONGEST_WAIT).map_err(refine)?;
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)
            .map_err(refine)?;
        for (pragma, value) in [
            ("cell_size_check", 1),
            ("synchronous", 2),
            ("wal_autocheckpoint", PAGES_IN_WAL),
        ] {
            connection.pragma_update(None, pragma, value).map_err(refine)?;
        }
        if let Some(pages) = max_pages {
            connection
                .pragma_update(None, "max_page_count", pages)
                .map_err(refine)?;
        }
        let check: String = connection
            .query_row("PRAGMA quick_check(1)", (), |row| row.get(0))
            .map_err(refine)?;
        if check != "ok" {
            return Err(damaged(check));
        }
        Ok(())
    }

    pub(super) fn read(&mut self, after: Head) -> Result<Vec<Sealed>, StoreError> {
        if after != Head::default() {
            expect(line_at(&self.0, after.revision.0)?, after)?;
        }
        let mut query = self
            .0
            .prepare_cached("SELECT revision, line FROM entries WHERE revision > ?1 ORDER BY revision")
            .map_err(refine)?;
        let rows = query.query_map([number(after.revision.0)], sealed).map_err(refine)?;
        rows.map(|row| row.map_err(refine)?).collect()
    }

    pub(super) fn append(&mut self, head: Head, next: &Sealed) -> Result<(), StoreError> {
        let transaction = self
            .0
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(refine)?;
        let last = transaction
            .prepare_cached("SELECT revision, line FROM entries ORDER BY revision DESC LIMIT 1")
            .and_then(|mut query| query.query_row((), sealed).optional())
            .map_err(refine)?
            .transpose()?;
        match last {
            Some(last) if last.revision > head.revision => {
                if head != Head::default() {
                    expect(line_at(&transaction, head.revision.0)?, head)?;
                }
                return Err(StoreError::Conflict);
            }
            None if head == Head::default() => {}
            last => expect(last, head)?,
        }
        transaction
            .prepare_cached("INSERT INTO entries (revision, line) VALUES (?1, ?2)")
            .and_then(|mut insert| insert.execute((number(next.revision.0), next.to_line())))
            .map_err(refine)?;
        transaction.commit().map_err(refine)
    }

    /// Commits a change of the one number in the header that nothing reads.
    pub(super) fn probe(&mut self) -> Result<(), StoreError> {
        let now: i32 = self
            .0
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(refine)?;
        let next = now.wrapping_add(1) & 0xff;
        self.0.pragma_update(None, "user_version", next).map_err(refine)
    }

    /// Changes when another connection has committed.
    pub(super) fn data_version(&mut self) -> rusqlite::Result<i64> {
        let mut query = self.0.prepare_cached("PRAGMA data_version")?;
        query.query_row((), |row| row.get(0))
    }

    /// Closes it without moving the WAL into the file: damage is kept as it was found.
    pub(super) fn leave_as_it_is(self) {
        let kept = self.0.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        if let Err(error) = kept {
            tracing::warn!(%error, "a damaged store can't be closed untouched");
        }
    }
}

fn line_at(connection: &rusqlite::Connection, revision: u64) -> Result<Option<Sealed>, StoreError> {
    connection
        .prepare_cached("SELECT revision, line FROM entries WHERE revision = ?1")
        .and_then(|mut query| query.query_row([number(revision)], sealed).optional())
        .map_err(refine)?
        .transpose()
}

fn expect(found: Option<Sealed>, head: Head) -> Result<(), StoreError> {
    if found.as_ref().map(Sealed::head) == Some(head) {
        return Ok(());
    }
    let Head { revision, hash } = head;
    let text = match found {
        Some(found) => format!(
            "entry {} has hash {}, where entry {revision} had {hash}",
            found.revision, found.hash
        ),
        None => format!("entry {revision} is missing"),
    };
    Err(damaged(text))
}

/// The outer error is SQLite's, the inner one the line's.
pub(super) fn sealed(row: &Row<'_>) -> rusqlite::Result<Result<Sealed, StoreError>> {
    let revision: i64 = row.get(0)?;
    let line = row.get_ref(1)?.as_str()?;
    let sealed = Sealed::from_line(line).filter(|sealed| number(sealed.revision.0) == revision);
    Ok(sealed.ok_or_else(|| damaged(format!("row {revision} holds no entry of that number"))))
}

fn number(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

/// SQLite trusts its header: a flipped bit in it can make a file read-only, or another kind of file.
fn check_header(path: &Path) -> Result<(), StoreError> {
    let mut header = [0; 100];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    match read {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Err(damaged("the file is cut")),
        Err(error) => return Err(unavailable(error)),
    }
    let [high, low] = (PAGE_BYTES as u16).to_be_bytes();
    if !header.starts_with(b"SQLite format 3\0") || header[16..20] != [high, low, 2, 2] {
        return Err(damaged("the file's header is not the ledger's"));
    }
    Ok(())
}

/// Tells damage from trouble that may pass.
pub(super) fn refine(error: rusqlite::Error) -> StoreError {
    let passing = matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::OutOfMemory
                | ErrorCode::OperationAborted
                | ErrorCode::OperationInterrupted
                | ErrorCode::NoLargeFileSupport
        )
    );
    if passing { unavailable(error) } else { damaged(error) }
}
