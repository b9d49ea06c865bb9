//! Passes a body on, up to the bytes that the manifest allows.

use http_body::Body;
use hyper::body::Incoming;

use crate::{Event, FetchError, connection::Connection, events::Sink};

/// Refuses a body that says itself that it is too long, while nothing of it has been shown.
pub(super) fn check(body: &Incoming, limit_bytes: usize) -> Result<(), FetchError> {
    match body.size_hint().exact() {
        Some(bytes) if bytes > limit_bytes as u64 => Err(FetchError::TooLong { limit_bytes }),
        _ => Ok(()),
    }
}

/// Sends every chunk to `sink`, to the end of `body`.
pub(super) async fn pass_on<K: Copy + PartialEq>(
    connection: &mut Connection,
    mut body: Incoming,
    limit_bytes: usize,
    sink: &Sink<K>,
) -> Result<(), FetchError> {
    connection.expect_body(limit_bytes);
    let mut left = limit_bytes;
    while !body.is_end_stream() {
        let Some(frame) = connection.frame(&mut body).await else {
            break;
        };
        // Trailers say nothing about a fragment.
        let Ok(chunk) = frame.map_err(FetchError::Cut)?.into_data() else {
            continue;
        };
        left = left
            .checked_sub(chunk.len())
            .ok_or(FetchError::TooLong { limit_bytes })?;
        if !chunk.is_empty() {
            sink.send(Event::Chunk(chunk)).await?;
        }
    }
    Ok(())
}
