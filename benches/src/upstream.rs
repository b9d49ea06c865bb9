//! The fragment server: pages with slots in each contestant's own words, and fragments of 2 kB.

use std::{
    convert::Infallible,
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context, Result};
use bytes::{Bytes, BytesMut};
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use crate::{mode::Mode, place};

/// Where the fragment server is told to listen.
pub(crate) const PORT: &str = "BENCH_PORT";
/// Tells how many answers there were.
pub(crate) const ASKED: &str = "/asked";

pub(crate) async fn serve() -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port()?)).await?;
    let answers = Arc::new(Answers::default());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let answers = Arc::clone(&answers);
        let service = service_fn(move |request: Request<Incoming>| {
            let response = answers.to(&request);
            async move { Ok::<_, Infallible>(response) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

pub(crate) fn port() -> Result<u16> {
    place::number(PORT).with_context(|| format!("{PORT} must be a port"))
}

/// What is sent, and how often it was.
struct Answers {
    fragments: Vec<Fragment>,
    asked: AtomicU64,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            fragments: (0..Fragment::DIFFERENT).map(Fragment::at).collect(),
            asked: AtomicU64::new(0),
        }
    }
}

impl Answers {
    fn to(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        if path == ASKED {
            return Response::new(Bytes::from(self.asked.load(Ordering::Relaxed).to_string()).into());
        }
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let (mode, what) = match path.strip_prefix("/c/") {
            Some(what) => (Mode::Cached, what),
            None => (Mode::Uncached, path.strip_prefix("/u/").unwrap_or_default()),
        };
        let number = if mode == Mode::Cached { 0 } else { number };
        let asked_for = request
            .uri()
            .query()
            .and_then(|query| query.split_once('=')?.1.parse().ok())
            .unwrap_or(1);
        let mut response = Response::builder()
            .header("content-type", "text/html")
            .header("cache-control", mode.cache_control());
        let body: Bytes = match what {
            "slots" => slots(asked_for, mode, number).into(),
            "ssi" => document(asked_for, number, |at| ssi(at, mode)).into(),
            "esi" => document(asked_for, number, |at| esi(at, mode)).into(),
            "part" => self.fragment(asked_for, number),
            "tailor" => {
                let host = request.headers().get("host").and_then(|host| host.to_str().ok());
                document(asked_for, number, |at| fragment_tag(at, host.unwrap_or_default())).into()
            }
            "podlet/page/manifest.json" | "podlet/part/manifest.json" => {
                response = Response::builder().header("content-type", "application/json");
                PODLET.into()
            }
            "podlet/page/content" | "podlet/part/content" => {
                // Podium asks for the manifest anew when an answer has another version.
                response = response.header("podlet-version", "1.0.0");
                match what {
                    "podlet/page/content" => heading(number).into(),
                    _ => self.fragment(asked_for, number),
                }
            }
            _ => match what.strip_prefix("slots/").and_then(|count| count.parse().ok()) {
                Some(count) => slots(count, mode, number).into(),
                None => return not_found(),
            },
        };
        response.body(Full::new(body)).unwrap_or_default()
    }
}

impl Answers {
    fn fragment(&self, place: usize, number: u64) -> Bytes {
        self.fragments[place % self.fragments.len()].numbered(number)
    }
}

fn not_found() -> Response<Full<Bytes>> {
    let response = Response::builder().status(404).body(Full::default());
    response.unwrap_or_default()
}

const PODLET: &str =
    r#"{"name":"podlet","version":"1.0.0","content":"/content","fallback":"","js":[],"css":[],"proxy":{}}"#;

/// The page as the composer takes it: a fragment with slots.
fn slots(count: usize, mode: Mode, number: u64) -> String {
    let name = if mode == Mode::Cached { "kept-part" } else { "part" };
    let mut page = heading(number);
    for at in 0..count {
        let _ = write!(
            page,
            "<section><fragment-slot src=\"bench/{name}?i={at}\"><p>later</p></fragment-slot></section>"
        );
    }
    page
}

fn heading(number: u64) -> String {
    format!("<h1>Benchmark {number:010}</h1>")
}

pub(crate) const DOCUMENT_START: &str =
    "<!doctype html><html lang=\"en\"><head><title>Benchmark</title></head><body><main>";
pub(crate) const DOCUMENT_END: &str = "</main></body></html>";

/// The page as a document, with something for each fragment.
pub(crate) fn document(count: usize, number: u64, section: impl Fn(usize) -> String) -> String {
    let mut page = DOCUMENT_START.to_owned() + &heading(number);
    for at in 0..count {
        let _ = write!(page, "<section>{}</section>", section(at));
    }
    page + DOCUMENT_END
}

fn ssi(at: usize, mode: Mode) -> String {
    format!("<!--# include virtual=\"/{}/part?i={at}\" -->", mode.prefix())
}

fn esi(at: usize, mode: Mode) -> String {
    format!("<esi:include src=\"/{}/part?i={at}\"/>", mode.prefix())
}

fn fragment_tag(at: usize, host: &str) -> String {
    format!("<fragment src=\"http://{host}/u/part?i={at}\" public></fragment>")
}

/// A product card list, as a team would write it; 2 kB, with a number near its beginning.
pub(crate) struct Fragment {
    before: &'static str,
    after: String,
}

/// What products are called, so that fragments differ as much as real ones do and compress no better.
const WORDS: [&str; 48] = [
    "Amber", "Anvil", "Arbour", "Beacon", "Birch", "Bobbin", "Bracket", "Brass", "Cedar", "Chisel", "Cobalt", "Copper",
    "Crank", "Dowel", "Drum", "Ember", "Ferrule", "Flange", "Flint", "Gasket", "Gauge", "Harbour", "Hinge", "Indigo",
    "Ivory", "Joist", "Kiln", "Lathe", "Lever", "Linden", "Mallet", "Maple", "Mortise", "Nickel", "Ochre", "Olive",
    "Pewter", "Pinion", "Quartz", "Rasp", "Ratchet", "Saffron", "Sickle", "Spindle", "Tenon", "Umber", "Walnut",
    "Zinc",
];

impl Fragment {
    pub(crate) const DIFFERENT: u64 = 64;

    /// The one at this place of a page.
    pub(crate) fn at(place: u64) -> Self {
        let before = "<div data-part class=\"cards\"><h2>From the workshop, ";
        let mut after = "</h2><ul class=\"cards__list\">".to_owned();
        let mut seed = place.wrapping_add(1);
        let mut random = |below: u64| {
            // The linear congruential generator of Knuth's MMIX: the same text in every run.
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        while before.len() + after.len() < 1_840 {
            let (sku, price) = (10_000 + random(90_000), 20 + random(9_000));
            let name: Vec<&str> = (0..3).map(|_| WORDS[random(WORDS.len() as u64) as usize]).collect();
            let _ = write!(
                after,
                "<li class=\"card\"><a class=\"card__link\" href=\"/product/B-{sku}\"><img src=\"/static/b-{sku}.svg\" alt=\"\" \
                 width=\"160\" height=\"120\"><span class=\"card__name\">{}</span> <b>€{price}</b></a></li>",
                name.join(" ")
            );
        }
        after += "</ul><p>Prices with tax &amp; delivery.</p></div>";
        Self { before, after }
    }

    /// Differs from all others by its number.
    pub(crate) fn numbered(&self, number: u64) -> Bytes {
        let number = format!("{number:010}");
        let mut bytes = BytesMut::with_capacity(self.before.len() + number.len() + self.after.len());
        bytes.extend_from_slice(self.before.as_bytes());
        bytes.extend_from_slice(number.as_bytes());
        bytes.extend_from_slice(self.after.as_bytes());
        bytes.freeze()
    }
}
