//! Pages of which all is known but a few holes.

use std::sync::Arc;

use bytes::Bytes;
use composer_coding::{Coding, Part, Piece, Ready};
use proptest::prelude::*;

use crate::{
    decode,
    stream::{markup, noise},
};

fn part() -> impl Strategy<Value = Part> {
    let text = || {
        (prop_oneof![0..5000_usize, 8000..20_000_usize], any::<u64>())
            .prop_map(|(length, seed)| Bytes::from(markup(length, seed)))
    };
    prop_oneof![
        text().prop_map(Part::Text),
        text().prop_map(|text| Part::Kept(Arc::new(Piece::new(text)))),
        (0..4_usize).prop_map(Part::Hole),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_ready_page_decodes_to_its_parts_and_fills(
        parts in proptest::collection::vec(part(), 0..20),
        fills in proptest::collection::vec((0..80_usize, any::<u64>()), 3),
    ) {
        let fills: Vec<Vec<u8>> = fills.into_iter().map(|(length, seed)| noise(length, seed)).collect();
        let fills: Vec<&[u8]> = fills.iter().map(Vec::as_slice).collect();
        let mut text = Vec::new();
        for part in &parts {
            match part {
                Part::Text(bytes) => text.extend_from_slice(bytes),
                Part::Kept(piece) => text.extend_from_slice(piece.text()),
                Part::Hole(hole) => text.extend_from_slice(fills.get(*hole).copied().unwrap_or_default()),
            }
        }
        let page = Ready::new(parts);
        prop_assert!(page.body(None, &fills) == text);
        for coding in Coding::ALL {
            // Often enough that it is compressed as a whole.
            let bodies: Vec<Bytes> = (0..70).map(|_| page.body(Some(coding), &fills)).collect();
            for body in [&bodies[0], &bodies[1], &bodies[69]] {
                prop_assert!(decode::whole(coding, body) == text, "{:?}", coding);
            }
        }
    }
}

#[test]
fn a_page_that_is_asked_for_often_gets_smaller() {
    let parts = (0..5).map(|seed| Part::Kept(Arc::new(Piece::new(markup(9000, seed).into()))));
    let page = Ready::new(parts.collect());
    for coding in Coding::ALL {
        let first = page.body(Some(coding), &[]).len();
        let last = (0..100).map(|_| page.body(Some(coding), &[]).len()).last().unwrap();
        assert!(last < first, "{coding:?}: {first} -> {last}");
    }
    assert!(page.weight() > 0);
}

#[test]
fn a_page_of_nothing_is_a_valid_body() {
    for parts in [vec![], vec![Part::Hole(0)], vec![Part::Text(Bytes::new())]] {
        let page = Ready::new(parts);
        for coding in Coding::ALL {
            assert_eq!(decode::whole(coding, &page.body(Some(coding), &[])), b"");
        }
        assert_eq!(page.body(None, &[]), "");
    }
}

#[test]
fn a_fill_of_any_size_fits() {
    for size in [0, 1, 24, 255, 256, 65535, 65536, 200_000] {
        let page = Ready::new(vec![Part::Hole(0), Part::Text("between".into()), Part::Hole(0)]);
        let fill = noise(size, 5);
        let text = [&fill[..], b"between", &fill[..]].concat();
        for coding in Coding::ALL {
            assert!(
                decode::whole(coding, &page.body(Some(coding), &[&fill])) == text,
                "{coding:?} {size}"
            );
        }
    }
}
