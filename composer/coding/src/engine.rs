//! Compresses runs of live bytes, whatever the coding.

use crate::{brotli_stream, coding::Coding, error::CodingError, gzip, zstd_frame};

/// The encoder of one body's live bytes.
pub(crate) enum Engine {
    Zstd(zstd_frame::Live),
    Brotli(brotli_stream::Live),
    Gzip(gzip::Live),
}

impl Engine {
    pub(crate) fn new(coding: Coding) -> Result<Self, CodingError> {
        Ok(match coding {
            Coding::Zstd => Self::Zstd(zstd_frame::Live::new()?),
            Coding::Brotli => Self::Brotli(brotli_stream::Live::new()),
            Coding::Gzip => Self::Gzip(gzip::Live::new()),
        })
    }

    pub(crate) fn push(&mut self, text: &[u8], out: &mut Vec<u8>) -> Result<(), CodingError> {
        match self {
            Self::Zstd(live) => live.push(text, out),
            Self::Brotli(live) => live.push(text, out),
            Self::Gzip(live) => live.push(text, out),
        }
    }

    /// Whatever was pushed can be decoded from what is out.
    pub(crate) fn flush(&mut self, out: &mut Vec<u8>) -> Result<(), CodingError> {
        match self {
            Self::Zstd(live) => live.flush(out),
            Self::Brotli(live) => live.flush(out),
            Self::Gzip(live) => live.flush(out),
        }
    }

    /// The same, and what comes after doesn't look back.
    pub(crate) fn end_run(&mut self, out: &mut Vec<u8>) -> Result<(), CodingError> {
        match self {
            Self::Zstd(live) => live.end_run(out),
            Self::Brotli(live) => live.end_run(out),
            Self::Gzip(live) => live.end_run(out),
        }
    }
}
