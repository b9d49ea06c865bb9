//! Bodies compressed on their way.

use std::sync::Arc;

use composer_coding::{Coding, Encoder, Piece};
use proptest::prelude::*;

use crate::decode;

/// What may happen to a body.
#[derive(Debug, Clone)]
enum Act {
    Push(Vec<u8>),
    Splice(Arc<Piece>),
    Flush,
}

fn text(longest: usize) -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![Just(0), Just(1), Just(2), 3..70_usize, 0..longest];
    // Markup with repeats near and far, or noise that can't be compressed.
    (length, any::<u64>(), 0..4_u8).prop_map(|(length, seed, kind)| match kind {
        0 => noise(length, seed),
        _ => markup(length, seed),
    })
}

pub(crate) fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

pub(crate) fn markup(length: usize, seed: u64) -> Vec<u8> {
    const WORDS: [&[u8]; 8] = [
        b"<li class=\"tile\">",
        b"</li>",
        b"<a href=\"/product/classic-60\">",
        b"Tractor",
        b" \xc3\xa4\xc3\xb6 ",
        b"0123456789",
        b"x",
        b"<fragment-slot src=\"explore/recommendations?skus=",
    ];
    let picks = noise(length / 2 + 1, seed);
    let words = picks.iter().flat_map(|pick| WORDS[usize::from(pick % 8)]);
    words.copied().take(length).collect()
}

fn act(longest: usize) -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => text(longest).prop_map(Act::Push),
        2 => text(longest).prop_map(|text| Act::Splice(Arc::new(Piece::new(text.into())))),
        2 => Just(Act::Flush),
    ]
}

fn check(coding: Coding, acts: &[Act]) {
    let mut encoder = Encoder::new(coding);
    let (mut body, mut text) = (Vec::new(), Vec::new());
    for act in acts {
        match act {
            Act::Push(bytes) => {
                encoder.push(bytes, &mut body).unwrap();
                text.extend_from_slice(bytes);
            }
            Act::Splice(piece) => {
                encoder.splice(piece, &mut body).unwrap();
                text.extend_from_slice(piece.text());
            }
            Act::Flush => {
                encoder.flush(&mut body).unwrap();
                assert!(
                    decode::beginning(coding, &body) == text,
                    "{coding:?}: a flush held something back"
                );
            }
        }
    }
    encoder.finish(&mut body).unwrap();
    assert!(decode::whole(coding, &body) == text, "{coding:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_happens_to_a_body_it_decodes_to_what_was_put_in(
        acts in proptest::collection::vec(act(24_000), 0..10),
        again in any::<prop::sample::Index>(),
    ) {
        let mut acts = acts;
        // The same piece stands twice.
        if !acts.is_empty() {
            acts.push(acts[again.index(acts.len())].clone());
        }
        Coding::ALL.into_iter().for_each(|coding| check(coding, &acts));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn long_texts_are_no_different(acts in proptest::collection::vec(act(400_000), 1..6)) {
        Coding::ALL.into_iter().for_each(|coding| check(coding, &acts));
    }
}

#[test]
fn sizes_at_the_borders_of_blocks_are_no_different() {
    for size in [
        0, 1, 63, 64, 65, 255, 256, 257, 8191, 8192, 65535, 65536, 65537, 131_072, 131_073,
    ] {
        for text in [noise(size, 7), markup(size, 7)] {
            let piece = Arc::new(Piece::new(text.clone().into()));
            let acts = [
                Act::Push(text.clone()),
                Act::Flush,
                Act::Flush,
                Act::Splice(Arc::clone(&piece)),
                Act::Splice(piece),
                Act::Push(text),
                Act::Flush,
            ];
            Coding::ALL.into_iter().for_each(|coding| check(coding, &acts));
        }
    }
}

#[test]
fn sixteen_megabytes_are_no_different() {
    let text = markup(16 << 20, 3);
    let piece = Arc::new(Piece::new(text.clone().into()));
    let acts = [Act::Push(text), Act::Splice(piece), Act::Push(b"end".to_vec())];
    Coding::ALL.into_iter().for_each(|coding| check(coding, &acts));
}

#[test]
fn a_body_of_nothing_is_a_valid_one() {
    Coding::ALL.into_iter().for_each(|coding| check(coding, &[]));
    let empty = Act::Splice(Arc::new(Piece::new("".into())));
    let acts = [Act::Push(Vec::new()), Act::Flush, empty];
    Coding::ALL.into_iter().for_each(|coding| check(coding, &acts));
}

#[test]
fn each_byte_may_be_flushed() {
    let acts: Vec<Act> = markup(300, 1)
        .into_iter()
        .flat_map(|byte| [Act::Push(vec![byte]), Act::Flush])
        .collect();
    Coding::ALL.into_iter().for_each(|coding| check(coding, &acts));
}

#[test]
fn a_piece_is_compressed_once() {
    let piece = Piece::new(markup(10_000, 2).into());
    let empty = piece.weight();
    let body = |coding| {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(coding);
        encoder.splice(&piece, &mut out).unwrap();
        encoder.finish(&mut out).unwrap();
        out
    };
    for coding in Coding::ALL {
        let before = piece.weight();
        assert_eq!(body(coding), body(coding));
        assert!(piece.weight() > before, "{coding:?}");
        assert!(body(coding).len() < 5000, "{coding:?}");
    }
    let full = piece.weight();
    Coding::ALL.into_iter().for_each(|coding| drop(body(coding)));
    assert_eq!(piece.weight(), full);
    assert!(full < empty + 3 * 5000);
}
