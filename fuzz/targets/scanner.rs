//! Slot finder: however a fragment is cut into chunks, what comes out is the same; and it is fit to be read again.
#![no_main]

use bytes::Bytes;
use composer_html::{Limits, Mode, Piece, Scanner};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&cut, html)) = data.split_first() else { return };
    let mode = Mode::Fragment { slots: cut & 1 == 0 };
    let whole = read(mode, &[html]);
    let at = html.len() * usize::from(cut) / 256;
    let chunks = [&html[..at], &html[at..]];
    let cut = read(mode, &chunks);
    // A limit may be met in one way of cutting only.
    let (Some(whole), Some(cut)) = (whole, cut) else { return };
    assert_eq!(text(&whole), text(&cut), "cut at {at}");
    let slots = |pieces: &[Piece]| pieces.iter().filter(|piece| matches!(piece, Piece::Slot(_))).count();
    assert_eq!(slots(&whole), slots(&cut), "cut at {at}");
    let ends = whole.iter().filter(|piece| matches!(piece, Piece::SlotEnd)).count();
    assert_eq!(slots(&whole), ends, "every slot ends");
});

fn read(mode: Mode, chunks: &[&[u8]]) -> Option<Vec<Piece>> {
    let mut scanner = Scanner::new(mode, Limits::default());
    let mut pieces = Vec::new();
    let mut is_good = true;
    for chunk in chunks {
        is_good &= scanner.push(Bytes::copy_from_slice(chunk), &mut pieces).is_ok();
    }
    scanner.finish(&mut pieces);
    is_good.then_some(pieces)
}

fn text(pieces: &[Piece]) -> Vec<u8> {
    let mut all = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Html(bytes) | Piece::Fallback(bytes) => all.extend_from_slice(bytes),
            Piece::Slot(slot) => all.extend_from_slice(format!("[{} {:?}]", slot.src, slot.attributes).as_bytes()),
            Piece::SlotEnd => all.extend_from_slice(b"[/]"),
            Piece::Head(part) => all.extend_from_slice(format!("[{part:?}]").as_bytes()),
            Piece::HeadEnd => all.extend_from_slice(b"[body]"),
        }
    }
    all
}
