//! What a BFF writes on a connection (RFC 9112): heads, and the bodies after them, found in the bytes that have come.

mod head;
mod body;
mod chunk;

use std::io;

pub(crate) use body::{Body, Piece};
pub(crate) use head::{Head, Reading};

/// Why what a BFF wrote is no response, or not all of one.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The connection broke.
    #[error("the connection broke")]
    Broken(#[from] io::Error),
    /// The connection was closed too early.
    #[error("the connection was closed before the end")]
    Closed,
    /// It is something else than a response.
    #[error("it is no response of HTTP/1")]
    Form(#[from] httparse::Error),
    /// A field can't be used.
    #[error("its field `{0}` has no valid value")]
    Field(&'static str),
    /// The head is too long.
    #[error("its head is longer than {limit_bytes} bytes")]
    LongHead {
        /// The limit.
        limit_bytes: usize,
    },
    /// A chunk doesn't begin or end as it must.
    #[error("its chunks are broken")]
    Chunk,
    /// There is more around the content than any content needs.
    #[error("more than {limit_bytes} bytes came for it")]
    Flood {
        /// The limit.
        limit_bytes: usize,
    },
}

/// Reads what comes in `pieces` as a response, for whoever looks for one that depends on where it is cut: its status, its
/// content, and whether all of it is there. `None` where there is no response, or a broken one.
#[cfg(fuzzing)]
pub fn read<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Option<(u16, Vec<u8>, bool)> {
    let (mut buffer, mut reading) = (bytes::BytesMut::new(), Reading::default());
    let (mut head, mut content) = (None, vec![]);
    for piece in pieces {
        buffer.extend_from_slice(piece);
        while head.as_ref().is_none_or(Head::is_interim) && !buffer.is_empty() {
            let Some(found) = reading.head(&mut buffer).ok()? else {
                break;
            };
            head = Some(found);
        }
        if let Some(head) = head.as_mut().filter(|head| !head.is_interim()) {
            while let Piece::Content(bytes) = head.body.take(&mut buffer).ok()? {
                content.extend_from_slice(&bytes);
            }
        }
    }
    let head = head.filter(|head| !head.is_interim())?;
    Some((head.status.as_u16(), content, head.body.is_over()))
}
