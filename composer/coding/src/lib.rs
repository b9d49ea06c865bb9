//! Content codings of pages: what to use, bytes compressed on their way, and pieces compressed once and stitched in.
//!
//! All is pure: bytes in, bytes out. What is compressed live costs each time; a [`Piece`] costs once, and what an
//! [`Encoder`] or a [`Ready`] page puts between others is copied. The formats allow it because each piece ends at the
//! border of a byte and never looks back: deflate blocks behind one gzip header, Brotli metablocks behind one stream
//! header, Zstandard frames.

mod ready;
mod encoder;
mod piece;
mod engine;
mod format;
mod gzip;
mod brotli_stream;
mod zstd_frame;
mod pool;
mod crc;
mod accept;
mod coding;
mod error;

pub use coding::Coding;
pub use encoder::Encoder;
pub use error::CodingError;
pub use piece::Piece;
pub use ready::{Part, Ready};
