//! Passes a body on, up to the bytes that the manifest allows.

use crate::{Event, FetchError, connection::Connection, events::Sink, wire::Body};

/// Refuses a body that says itself that it is too long, while nothing of it has been shown.
pub(super) fn check(body: &Body, limit_bytes: usize) -> Result<(), FetchError> {
    match body.length() {
        Some(bytes) if bytes > limit_bytes as u64 => Err(FetchError::TooLong { limit_bytes }),
        _ => Ok(()),
    }
}

/// Sends every piece to `sink`, to the end of the body.
pub(super) async fn pass_on<K: Copy + PartialEq>(
    connection: &mut Connection,
    limit_bytes: usize,
    sink: &Sink<K>,
) -> Result<(), FetchError> {
    connection.expect_body(limit_bytes);
    let mut left = limit_bytes;
    while let Some(piece) = connection.piece().await.map_err(FetchError::Cut)? {
        left = left
            .checked_sub(piece.len())
            .ok_or(FetchError::TooLong { limit_bytes })?;
        sink.send(Event::Chunk(piece)).await?;
    }
    Ok(())
}
