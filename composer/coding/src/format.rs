//! What the three formats have in common.

use crate::{
    brotli_stream,
    coding::{Coding, Effort},
    crc::Sum,
    error::CodingError,
    gzip, zstd_frame,
};

/// What a body begins with.
pub(crate) fn header(coding: Coding) -> &'static [u8] {
    match coding {
        Coding::Zstd => &[],
        Coding::Brotli => &brotli_stream::HEADER,
        Coding::Gzip => &gzip::HEADER,
    }
}

/// Appends the end of a body.
pub(crate) fn end(coding: Coding, sum: Sum, out: &mut Vec<u8>) {
    match coding {
        // No frame at all is no valid body.
        Coding::Zstd if sum.bytes == 0 => zstd_frame::stored(&[], out),
        Coding::Zstd => {}
        Coding::Brotli => out.extend_from_slice(&brotli_stream::END),
        Coding::Gzip => gzip::end(sum, out),
    }
}

/// Appends `text` as it is, in blocks that may stand anywhere.
pub(crate) fn stored(coding: Coding, text: &[u8], out: &mut Vec<u8>) {
    match coding {
        _ if text.is_empty() => {}
        Coding::Zstd => zstd_frame::stored(text, out),
        Coding::Brotli => brotli_stream::stored(text, out),
        Coding::Gzip => gzip::stored(text, out),
    }
}

/// Compresses `text` into blocks that may stand anywhere.
pub(crate) fn blocks(coding: Coding, text: &[u8], effort: Effort) -> Vec<u8> {
    let made = match coding {
        _ if text.is_empty() => return Vec::new(),
        Coding::Zstd => zstd_frame::frame(text, effort),
        Coding::Brotli => brotli_stream::blocks(text, effort),
        Coding::Gzip => gzip::blocks(text, effort),
    };
    made.unwrap_or_else(|CodingError { .. }| {
        let mut out = Vec::new();
        stored(coding, text, &mut out);
        out
    })
}
