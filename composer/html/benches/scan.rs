//! How fast the scanner reads a fragment of 2 kB and one of 40 kB, whole and in chunks as they come off a socket.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use bytes::Bytes;
use composer_html::{Limits, Mode, Piece, Scanner};

const FILES: [(&str, &[u8]); 2] = [
    ("recommendations", include_bytes!("data/recommendations.html")),
    ("category", include_bytes!("data/category.html")),
];
const CHUNKS: [usize; 2] = [usize::MAX, 1400];
const ROUNDS: usize = 30;
const ROUND: Duration = Duration::from_millis(20);

fn main() {
    println!(
        "{:<20} {:>8} {:>8} {:>8} {:>8}",
        "fragment", "bytes", "chunk", "MB/s", "pieces"
    );
    for (name, text) in FILES {
        for size in CHUNKS {
            let chunks: Vec<Bytes> = text.chunks(size.min(text.len())).map(Bytes::copy_from_slice).collect();
            let pieces = scan(&chunks);
            let speed = megabytes_per_second(text.len(), || scan(&chunks));
            let chunk = chunks[0].len();
            println!("{name:<20} {:>8} {chunk:>8} {speed:>8.0} {pieces:>8}", text.len());
        }
    }
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
