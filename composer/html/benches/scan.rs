//! How fast the scanner reads fragments, whole and in chunks as they come off a socket: a part of 2 kB and a page with
//! slots as the benchmark of pages has them, and pages of the example site of 2 kB and 40 kB.
//!
//! With `recommendations 1400 1000` behind `--` that many are read in such chunks and nothing is told, for a profiler that counts instructions.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use bytes::Bytes;
use composer_html::{Limits, Mode, Piece, Scanner};

const FILES: [(&str, &[u8]); 4] = [
    ("part", include_bytes!("data/part.html")),
    ("page", include_bytes!("data/page.html")),
    ("recommendations", include_bytes!("data/recommendations.html")),
    ("category", include_bytes!("data/category.html")),
];
const CHUNKS: [usize; 2] = [usize::MAX, 1400];
const ROUNDS: usize = 30;
const ROUND: Duration = Duration::from_millis(20);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|each| each != "--bench").collect();
    if let [name, size, times] = &arguments[..] {
        let (_, text) = FILES
            .into_iter()
            .find(|(known, _)| known == name)
            .expect("one of the files");
        let chunks = cut(text, size.parse().expect("the size of a chunk"));
        for _ in 0..times.parse().expect("a number of times") {
            scan(&chunks);
        }
        return;
    }
    println!(
        "{:<20} {:>8} {:>8} {:>8} {:>8}",
        "fragment", "bytes", "chunk", "MB/s", "pieces"
    );
    for (name, text) in FILES {
        for size in CHUNKS {
            let chunks = cut(text, size);
            let pieces = scan(&chunks);
            let speed = megabytes_per_second(text.len(), || scan(&chunks));
            let chunk = chunks[0].len();
            println!("{name:<20} {:>8} {chunk:>8} {speed:>8.0} {pieces:>8}", text.len());
        }
    }
}

fn cut(text: &[u8], size: usize) -> Vec<Bytes> {
    text.chunks(size.min(text.len())).map(Bytes::copy_from_slice).collect()
}

fn scan(chunks: &[Bytes]) -> usize {
    let mut scanner = Scanner::new(Mode::Fragment { slots: true }, Limits::default());
    let mut pieces: Vec<Piece> = Vec::new();
    for chunk in chunks {
        scanner
            .push(chunk.clone(), &mut pieces)
            .expect("the fragment keeps to the limits");
    }
    scanner.finish(&mut pieces);
    black_box(&pieces).len()
}

/// The best of several rounds: what disturbs a round only makes it slower.
fn megabytes_per_second(bytes: usize, work: impl Fn() -> usize) -> f64 {
    let round = || {
        let start = Instant::now();
        let mut runs = 0_u32;
        while start.elapsed() < ROUND {
            black_box(work());
            runs += 1;
        }
        f64::from(runs) * bytes as f64 / start.elapsed().as_secs_f64() / 1e6
    };
    (0..ROUNDS).map(|_| round()).fold(0.0, f64::max)
}
