//! Reads what can be read of a damaged file: by SQL as far as it goes, then from the raw bytes.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use rusqlite::{OpenFlags, config::DbConfig};

use super::{connection::sealed, rebuild::with_suffix};
use crate::chain::{MAX_ENTRY_BYTES, Sealed};

/// Larger files are read by SQL only.
const MOST_RAW_BYTES: u64 = 1 << 30;
const LINE_START: &[u8] = br#"{"hash":""#;

/// All that looks like an entry. What is one is for the chain to tell.
pub(super) fn salvage(path: &Path) -> Vec<Sealed> {
    let mut found = vec![];
    for order in ["ASC", "DESC"] {
        match by_sql(path, order, &mut found) {
            Ok(()) => break,
            Err(error) => tracing::warn!(%error, order, "rows of the damaged store can't be read"),
        }
    }
    for file in [path.to_owned(), with_suffix(path, "-wal")] {
        carve(&raw(&file), &mut found);
    }
    found
}

fn by_sql(path: &Path, order: &str, found: &mut Vec<Sealed>) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(path, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let mut query = connection.prepare(&format!("SELECT revision, line FROM entries ORDER BY revision {order}"))?;
    let mut rows = query.query(())?;
    while let Some(row) = rows.next()? {
        if let Ok(Ok(sealed)) = sealed(row) {
            found.push(sealed);
        }
    }
    Ok(())
}

fn raw(path: &Path) -> Vec<u8> {
    let mut bytes = vec![];
    let small = fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= MOST_RAW_BYTES);
    if small && let Ok(file) = File::open(path) {
        // A part is better than nothing.
        let _ = file.take(MOST_RAW_BYTES).read_to_end(&mut bytes);
    }
    bytes
}

/// A line on one page lies there in one piece.
fn carve(bytes: &[u8], found: &mut Vec<Sealed>) {
    let mut rest = bytes;
    while let Some(at) = rest.windows(LINE_START.len()).position(|window| window == LINE_START) {
        rest = &rest[at..];
        let line = end_of_object(rest).and_then(|end| std::str::from_utf8(&rest[..end]).ok());
        found.extend(line.and_then(Sealed::from_line));
        rest = &rest[LINE_START.len()..];
    }
}

/// Where the JSON object ends that `bytes` begin with.
fn end_of_object(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in bytes.iter().enumerate().take(MAX_ENTRY_BYTES + 256) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_end_at_their_brace() {
        for (text, end) in [
            ("{}x", Some(2)),
            (r#"{"a":"}\"{","b":{}}, {}"#, Some(19)),
            ("{", None),
            (r#"{"a"#, None),
        ] {
            assert_eq!(end_of_object(text.as_bytes()), end, "{text}");
        }
    }
}
