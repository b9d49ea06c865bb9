//! What pages weigh and cost in each coding: compressed on their way, stitched of kept pieces, and ready.
//!
//! `cargo bench -p composer-coding` prints a table. With arguments it does one thing so many times, for callgrind:
//! `stitch ready zstd 1000`, `stitch live br 1000`.

use std::{
    env,
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use composer_coding::{Coding, CodingError, Encoder, Part, Piece, Ready};

const HOME: &str = include_str!("data/home.html");
const FRAGMENT: &str = include_str!("../../html/benches/data/recommendations.html");
const FILLS: [&[u8]; 3] = [
    b"0123456789abcdef01234567",
    b"01890a5d-ac96-774b-bcce-b302099a8057",
    b"eyJhcHBzIjpbXX0.c2lnbmF0dXJlLW9mLWEtY29tcG9zaXRpb24",
];
const ROUNDS: usize = 20;
const ROUND: Duration = Duration::from_millis(20);
/// From here on a ready page is compressed as a whole.
const MANY: usize = 100;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [what, coding, times] => repeat(what, coding, times.parse().unwrap_or(1)),
        _ => table(),
    }
}

/// A page, cut where its fragments begin and end.
fn pages() -> [(&'static str, Vec<Part>); 2] {
    let shop = HOME.split_inclusive("</fragment-slot>").map(text).collect();
    let (head, _) = HOME.split_once("<body").unwrap_or((HOME, ""));
    let mut large = vec![
        text(&head[..400]),
        Part::Hole(0),
        text(&head[400..900]),
        Part::Hole(1),
        text(&head[900..1400]),
        Part::Hole(2),
        text(&head[1400..]),
    ];
    for number in 0..33 {
        large.push(text(&FRAGMENT.replace("CL-", &format!("C{number}-"))));
    }
    [("home page of the shop", shop), ("33 fragments of 2 kB", large)]
}

fn text(text: &str) -> Part {
    Part::Kept(Arc::new(Piece::new(Bytes::copy_from_slice(text.as_bytes()))))
}

fn table() {
    println!(
        "{:<24} {:<5} {:>7} {:>8} {:>7} {:>7} {:>9} {:>9} {:>9} {:>9}",
        "page", "", "text", "stitched", "whole", "live", "pieces us", "ready us", "whole us", "live us"
    );
    for (name, parts) in pages() {
        let plain = Ready::new(parts.clone()).body(None, &FILLS);
        for coding in Coding::ALL {
            let stitched = Ready::new(parts.clone());
            let weight = stitched.body(Some(coding), &FILLS).len();
            let pieces = once(|| Ready::new(fresh(&parts)).body(Some(coding), &FILLS).len());
            let whole = Ready::new(parts.clone());
            (0..MANY).for_each(|_| drop(whole.body(Some(coding), &FILLS)));
            let ready = once(|| whole.body(Some(coding), &FILLS).len());
            let compressed = once(|| {
                let text = Part::Text(plain.clone());
                Ready::new(vec![text]).body(Some(coding), &[]).len()
            });
            let live_bytes = live(coding, &parts).unwrap_or_default().len();
            let live = once(|| live(coding, &parts).unwrap_or_default().len());
            println!(
                "{name:<24} {:<5} {:>7} {weight:>8} {:>7} {live_bytes:>7} {pieces:>9.1} {ready:>9.2} {compressed:>9.1} {live:>9.1}",
                coding.as_str(),
                plain.len(),
                whole.body(Some(coding), &FILLS).len(),
            );
        }
        let plain = Ready::new(parts);
        let copy = once(|| plain.body(None, &FILLS).len());
        println!("{name:<24} {:<5} {:>56.2}", "none", copy);
    }
}

/// The same parts, of which none has been compressed.
fn fresh(parts: &[Part]) -> Vec<Part> {
    let part = |part: &Part| match part {
        Part::Kept(piece) => Part::Kept(Arc::new(Piece::new(piece.text().clone()))),
        other => other.clone(),
    };
    parts.iter().map(part).collect()
}

fn live(coding: Coding, parts: &[Part]) -> Result<Vec<u8>, CodingError> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(coding);
    for part in parts {
        match part {
            Part::Text(text) => encoder.push(text, &mut out)?,
            Part::Kept(piece) => encoder.push(piece.text(), &mut out)?,
            Part::Hole(hole) => encoder.push(FILLS[*hole], &mut out)?,
        }
    }
    encoder.finish(&mut out)?;
    Ok(out)
}

fn repeat(what: &str, coding: &str, times: usize) {
    let coding = Coding::ALL.into_iter().find(|known| known.as_str() == coding);
    let [_, (_, parts)] = pages();
    let page = Ready::new(parts.clone());
    for _ in 0..times {
        match (what, coding) {
            ("live", Some(coding)) => drop(black_box(live(coding, &parts))),
            _ => drop(black_box(page.body(coding, &FILLS))),
        }
    }
}

/// Microseconds, the best of several rounds: what disturbs a round only makes it slower.
fn once(work: impl Fn() -> usize) -> f64 {
    let round = || {
        let start = Instant::now();
        let mut runs = 0_u32;
        while start.elapsed() < ROUND {
            black_box(work());
            runs += 1;
        }
        start.elapsed().as_secs_f64() / f64::from(runs) * 1e6
    };
    (0..ROUNDS).map(|_| round()).fold(f64::MAX, f64::min)
}
