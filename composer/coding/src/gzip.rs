//! Gzip (RFC 1952): one header, deflate blocks (RFC 1951) that end at the border of a byte, one trailer.

use flate2::{Compress, Compression, FlushCompress, Status};

use crate::{coding::Effort, crc::Sum, error::CodingError, pool::Pool};

/// No name, no time, unknown system.
pub(crate) const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// An empty block that is the last.
const LAST_BLOCK: [u8; 2] = [3, 0];
const STORED_BYTES: usize = 0xffff;
const LIVE_LEVEL: Compression = Compression::new(3);
const GOOD_LEVEL: Compression = Compression::new(6);

const FAILED: CodingError = CodingError { coding: "gzip" };

static LIVE: Pool<Compress> = Pool::new();

/// Compresses `text` into blocks.
pub(crate) fn blocks(text: &[u8], effort: Effort) -> Result<Vec<u8>, CodingError> {
    let mut out = Vec::with_capacity(text.len() / 3 + 64);
    match effort {
        Effort::Quick => {
            let mut live = Live::new();
            live.push(text, &mut out)?;
            live.flush(&mut out)?;
        }
        Effort::Good => {
            let mut deflate = Compress::new(GOOD_LEVEL, false);
            drive(&mut deflate, text, FlushCompress::Sync, &mut out)?;
        }
    }
    out.shrink_to_fit();
    Ok(out)
}

/// Appends `text` in blocks that are not compressed.
pub(crate) fn stored(text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len() + 5 * text.len().div_ceil(STORED_BYTES));
    for block in text.chunks(STORED_BYTES) {
        let bytes = block.len() as u16;
        out.push(0);
        out.extend_from_slice(&bytes.to_le_bytes());
        out.extend_from_slice(&(!bytes).to_le_bytes());
        out.extend_from_slice(block);
    }
}

/// Appends the end of a body with this sum.
pub(crate) fn end(sum: Sum, out: &mut Vec<u8>) {
    out.extend_from_slice(&LAST_BLOCK);
    out.extend_from_slice(&sum.crc.to_le_bytes());
    out.extend_from_slice(&sum.bytes.to_le_bytes());
}

/// Compresses live bytes.
pub(crate) struct Live(Option<Compress>);

impl Live {
    pub(crate) fn new() -> Self {
        Self(Some(LIVE.take().unwrap_or_else(|| Compress::new(LIVE_LEVEL, false))))
    }

    pub(crate) fn push(&mut self, text: &[u8], out: &mut Vec<u8>) -> Result<(), CodingError> {
        self.drive(text, FlushCompress::None, out)
    }

    pub(crate) fn flush(&mut self, out: &mut Vec<u8>) -> Result<(), CodingError> {
        self.drive(&[], FlushCompress::Sync, out)
    }

    /// What comes after doesn't look back to what was pushed.
    pub(crate) fn end_run(&mut self, out: &mut Vec<u8>) -> Result<(), CodingError> {
        self.drive(&[], FlushCompress::Full, out)
    }

    fn drive(&mut self, text: &[u8], flush: FlushCompress, out: &mut Vec<u8>) -> Result<(), CodingError> {
        let deflate = self.0.as_mut().ok_or(FAILED)?;
        let driven = drive(deflate, text, flush, out);
        if driven.is_err() {
            self.0 = None;
        }
        driven
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Some(mut deflate) = self.0.take() {
            deflate.reset();
            LIVE.give_back(deflate);
        }
    }
}

fn drive(deflate: &mut Compress, text: &[u8], flush: FlushCompress, out: &mut Vec<u8>) -> Result<(), CodingError> {
    let mut rest = text;
    loop {
        out.reserve((rest.len() / 2).max(1 << 10));
        let before = deflate.total_in();
        let status = deflate.compress_vec(rest, out, flush);
        rest = &rest[(deflate.total_in() - before) as usize..];
        match status {
            // There was room for more, so that was all.
            Ok(Status::Ok | Status::BufError) if rest.is_empty() && out.len() < out.capacity() => return Ok(()),
            Ok(Status::Ok | Status::BufError) => {}
            Ok(Status::StreamEnd) | Err(_) => return Err(FAILED),
        }
    }
}
