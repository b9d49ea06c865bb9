//! Zstandard (RFC 8878): one frame after another.

use zstd::zstd_safe::{
    CCtx, CParameter, InBuffer, OutBuffer, ResetDirective, compress_bound, zstd_sys::ZSTD_EndDirective,
};

use crate::{coding::Effort, error::CodingError, pool::Pool};

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// The length of the content follows; it is the window, too.
const SINGLE_SEGMENT: u8 = 1 << 5;
const RAW_BLOCK_BYTES: usize = 128 << 10;
/// A page has little to look back at beyond this, and every page under way holds as much.
const LIVE_WINDOW_LOG: u32 = 16;
/// Tables are cleared before each frame: small ones cost less than they lose.
const LIVE_TABLE_LOG: u32 = 14;
const LIVE_LEVEL: i32 = 1;
/// Its window is 4 MiB at most; browsers take 8 (RFC 9659 §3).
const GOOD_LEVEL: i32 = 6;

static LIVE: Pool<CCtx<'static>> = Pool::new();

/// Compresses `text` into one frame.
pub(crate) fn frame(text: &[u8], effort: Effort) -> Result<Vec<u8>, CodingError> {
    let mut context = match effort {
        Effort::Quick => live_context(),
        Effort::Good => context(&[CParameter::CompressionLevel(GOOD_LEVEL)]),
    }?;
    let mut out = Vec::with_capacity(compress_bound(text.len()));
    context.compress2(&mut out, text).map_err(failed)?;
    if effort == Effort::Quick {
        LIVE.give_back(context);
    }
    out.shrink_to_fit();
    Ok(out)
}

/// Appends `text` as a frame that is not compressed.
pub(crate) fn stored(text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len() + 16 + 3 * (text.len() / RAW_BLOCK_BYTES));
    out.extend_from_slice(&MAGIC);
    match text.len() {
        short @ 0..256 => out.extend_from_slice(&[SINGLE_SEGMENT, short as u8]),
        long => {
            out.push(SINGLE_SEGMENT | (2 << 6));
            out.extend_from_slice(&(long as u32).to_le_bytes());
        }
    }
    let mut rest = text;
    loop {
        let (block, after) = rest.split_at(rest.len().min(RAW_BLOCK_BYTES));
        let header = (block.len() as u32) << 3 | u32::from(after.is_empty());
        out.extend_from_slice(&header.to_le_bytes()[..3]);
        out.extend_from_slice(block);
        rest = after;
        if rest.is_empty() {
            return;
        }
    }
}

fn live_context() -> Result<CCtx<'static>, CodingError> {
    if let Some(context) = LIVE.take() {
        return Ok(context);
    }
    context(&[
        CParameter::CompressionLevel(LIVE_LEVEL),
        CParameter::WindowLog(LIVE_WINDOW_LOG),
        CParameter::HashLog(LIVE_TABLE_LOG),
    ])
}

fn context(parameters: &[CParameter]) -> Result<CCtx<'static>, CodingError> {
    let mut context = CCtx::try_create().ok_or(FAILED)?;
    for parameter in parameters {
        context.set_parameter(*parameter).map_err(failed)?;
    }
    Ok(context)
}

const FAILED: CodingError = CodingError { coding: "zstd" };

fn failed(_code: usize) -> CodingError {
    FAILED
}

/// Compresses live bytes: one frame each run.
pub(crate) struct Live(Option<CCtx<'static>>);

impl Live {
    pub(crate) fn new() -> Result<Self, CodingError> {
        live_context().map(|context| Self(Some(context)))
    }

    pub(crate) fn push(&mut self, text: &[u8], out: &mut Vec<u8>) -> Result<(), CodingError> {
        self.drive(text, ZSTD_EndDirective::ZSTD_e_continue, out)
    }

    pub(crate) fn flush(&mut self, out: &mut Vec<u8>) -> Result<(), CodingError> {
        self.drive(&[], ZSTD_EndDirective::ZSTD_e_flush, out)
    }

    /// What comes after doesn't look back to what was pushed.
    pub(crate) fn end_run(&mut self, out: &mut Vec<u8>) -> Result<(), CodingError> {
        self.drive(&[], ZSTD_EndDirective::ZSTD_e_end, out)
    }

    fn drive(&mut self, text: &[u8], end: ZSTD_EndDirective, out: &mut Vec<u8>) -> Result<(), CodingError> {
        let context = self.0.as_mut().ok_or(FAILED)?;
        let mut input = InBuffer::around(text);
        loop {
            out.reserve(compress_bound(text.len() - input.pos()).max(1 << 10));
            let at = out.len();
            let left = context.compress_stream2(&mut OutBuffer::around_pos(out, at), &mut input, end);
            let is_over = match (end, left) {
                (_, Err(_)) => {
                    self.0 = None;
                    return Err(FAILED);
                }
                (ZSTD_EndDirective::ZSTD_e_continue, Ok(_)) => input.pos() == text.len(),
                (_, Ok(left)) => left == 0,
            };
            if is_over {
                return Ok(());
            }
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Some(mut context) = self.0.take()
            && context.reset(ResetDirective::SessionOnly).is_ok()
        {
            LIVE.give_back(context);
        }
    }
}
