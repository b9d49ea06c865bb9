//! Brotli (RFC 7932): one stream header, metablocks that end at the border of a byte, an empty last one.
//!
//! A run of bytes that is encoded by itself may stand anywhere in a stream because its encoder (`catable`) never
//! refers to the static dictionary, whose distances depend on the place in the stream, nor to distances used before
//! its own, and sends its first two bytes as they are: what surrounds a literal is part of its coding.

use brotli::enc::{
    StandardAlloc,
    backward_references::BrotliEncoderParams,
    encode::{BrotliEncoderOperation, BrotliEncoderStateStruct},
};

use crate::{coding::Effort, error::CodingError};

/// A window of 2^18, then an empty metablock up to the border of a byte.
pub(crate) const HEADER: [u8; 2] = [0x63, 0];
/// An empty metablock that is the last.
pub(crate) const END: [u8; 1] = [3];
const STORED_BYTES: usize = 1 << 16;
/// No run looks back further than [`HEADER`] says.
const WINDOW_LOG: i32 = 18;
const LIVE_WINDOW_LOG: i32 = 16;
const LIVE_QUALITY: i32 = 3;
const GOOD_QUALITY: i32 = 5;

type State = BrotliEncoderStateStruct<StandardAlloc>;

/// Compresses `text` into metablocks.
pub(crate) fn blocks(text: &[u8], effort: Effort) -> Result<Vec<u8>, CodingError> {
    let (quality, window_log) = match effort {
        Effort::Quick => (LIVE_QUALITY, LIVE_WINDOW_LOG),
        Effort::Good => (GOOD_QUALITY, WINDOW_LOG),
    };
    let mut state = state(quality, window_log, text.len());
    let mut out = Vec::with_capacity(text.len() / 3 + 64);
    drive(
        &mut state,
        text,
        BrotliEncoderOperation::BROTLI_OPERATION_FLUSH,
        &mut out,
    )?;
    out.shrink_to_fit();
    Ok(out)
}

/// Appends `text` in metablocks that are not compressed.
pub(crate) fn stored(text: &[u8], out: &mut Vec<u8>) {
    const IS_UNCOMPRESSED: u32 = 1 << 19;
    out.reserve(text.len() + 3 * text.len().div_ceil(STORED_BYTES));
    for block in text.chunks(STORED_BYTES) {
        let header = IS_UNCOMPRESSED | ((block.len() - 1) as u32) << 3;
        out.extend_from_slice(&header.to_le_bytes()[..3]);
        out.extend_from_slice(block);
    }
}

/// Compresses live bytes: one encoder each run.
pub(crate) struct Live(Option<Box<State>>);

impl Live {
    pub(crate) fn new() -> Self {
        Self(None)
    }

    pub(crate) fn push(&mut self, text: &[u8], out: &mut Vec<u8>) -> Result<(), CodingError> {
        self.drive(text, BrotliEncoderOperation::BROTLI_OPERATION_PROCESS, out)
    }

    pub(crate) fn flush(&mut self, out: &mut Vec<u8>) -> Result<(), CodingError> {
        self.drive(&[], BrotliEncoderOperation::BROTLI_OPERATION_FLUSH, out)
    }

    /// What comes after doesn't look back to what was pushed.
    pub(crate) fn end_run(&mut self, out: &mut Vec<u8>) -> Result<(), CodingError> {
        let flushed = self.flush(out);
        self.0 = None;
        flushed
    }

    fn drive(&mut self, text: &[u8], operation: BrotliEncoderOperation, out: &mut Vec<u8>) -> Result<(), CodingError> {
        let fresh = || Box::new(state(LIVE_QUALITY, LIVE_WINDOW_LOG, 0));
        drive(self.0.get_or_insert_with(fresh), text, operation, out)
    }
}

fn state(quality: i32, window_log: i32, bytes: usize) -> State {
    let mut state = BrotliEncoderStateStruct::new(StandardAlloc::default());
    state.params = BrotliEncoderParams {
        quality,
        lgwin: window_log,
        size_hint: bytes,
        catable: true,
        bare_stream: true,
        ..Default::default()
    };
    state
}

fn drive(
    state: &mut State,
    text: &[u8],
    operation: BrotliEncoderOperation,
    out: &mut Vec<u8>,
) -> Result<(), CodingError> {
    let (mut left, mut at) = (text.len(), 0);
    loop {
        let is_fine = state.compress_stream(
            operation,
            &mut left,
            text,
            &mut at,
            &mut 0,
            &mut [],
            &mut 0,
            &mut None,
            &mut |_, _, _, _| (),
        );
        if !is_fine {
            return Err(CodingError { coding: "br" });
        }
        if !state.has_more_output() {
            if left == 0 {
                return Ok(());
            }
            continue;
        }
        while state.has_more_output() {
            let mut all = 0;
            // What it gives is longer than what there is.
            let bytes = state.take_output(&mut all);
            out.extend_from_slice(&bytes[..all]);
        }
    }
}
