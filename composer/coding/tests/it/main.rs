//! What comes out of the encoders, read by decoders that know nothing of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod decode;
mod ready;
mod stream;
