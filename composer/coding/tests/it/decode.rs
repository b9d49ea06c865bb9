//! Decoders that are independent of the encoders.

use std::io::{Read, Write};

use composer_coding::Coding;

/// Decodes a whole body; what stands behind its end is an error.
pub(crate) fn whole(coding: Coding, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match coding {
        Coding::Zstd => {
            let mut decoder = zstd::Decoder::new(body).unwrap();
            // RFC 9659 §3.
            decoder.window_log_max(23).unwrap();
            decoder.read_to_end(&mut out).unwrap();
        }
        Coding::Brotli => {
            let mut rest = body;
            brotli::Decompressor::new(&mut rest, 1 << 16)
                .read_to_end(&mut out)
                .unwrap();
            assert!(rest.is_empty());
        }
        Coding::Gzip => {
            let mut decoder = flate2::bufread::GzDecoder::new(body);
            decoder.read_to_end(&mut out).unwrap();
            assert!(decoder.into_inner().is_empty());
        }
    }
    out
}

/// Decodes as much as the beginning of a body gives.
pub(crate) fn beginning(coding: Coding, body: &[u8]) -> Vec<u8> {
    match coding {
        Coding::Zstd => {
            let mut decoder = zstd::stream::write::Decoder::new(Vec::new()).unwrap();
            decoder.write_all(body).unwrap();
            decoder.flush().unwrap();
            decoder.into_inner()
        }
        Coding::Brotli => {
            let mut out = Vec::new();
            // It gives what there is before it tells that the rest is missing.
            let _ = brotli::Decompressor::new(body, 1 << 12).read_to_end(&mut out);
            out
        }
        Coding::Gzip => {
            let mut decoder = flate2::write::GzDecoder::new(Vec::new());
            decoder.write_all(body).unwrap();
            decoder.flush().unwrap();
            decoder.get_ref().clone()
        }
    }
}
