//! Fetches fragments from a BFF in a thread of its own: `pass 1000` what is never kept, `hit 1000` one that is kept, `miss 1000` others
//! that are kept from then on, `evict 1000` the same where there is room for few. For instruction counts, see `docs/performance.md`.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    time::Duration,
};

use composer_fetch::{Cache, Config, Event, Forwarded, FragmentRequest, PageFetches, Upstream, Visit};
use contract::{Params, Prefix, Role, manifest::Manifest};
use http::{HeaderMap, HeaderValue, header};

const MANIFEST: &str = r#"
[app]
name = "checkout"
version = "1.0.0"
owner = "team"
cookies = ["cart"]
headers = ["authorization"]

[[fragments]]
name = "mini-cart"
"#;

/// Room for less than a hundred answers.
const FEW_BYTES: u64 = 1 << 18;

fn main() {
    // `cargo bench` gives `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|each| each != "--bench").collect();
    let way = arguments.first().map_or("pass", String::as_str);
    let fetches: usize = arguments.last().and_then(|times| times.parse().ok()).unwrap_or(1_000);
    let origin = bff(if way == "pass" { "no-store" } else { "s-maxage=86400" });
    let manifest = Manifest::parse("marquetry.toml", MANIFEST).expect("it is a manifest");
    let origins = [format!("http://{origin}")];
    let upstream = Upstream::new(&manifest, &Prefix::default(), &origins, &Config::default());
    let upstream = Arc::new(upstream.expect("its origin is one"));
    let bytes = if way == "evict" {
        FEW_BYTES
    } else {
        Config::default().cache_bytes
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("the system has descriptors").block_on(async {
        let cache = Arc::new(Cache::new(bytes));
        for number in 0..fetches {
            let number = if matches!(way, "miss" | "evict") { number } else { 0 };
            fetch(&upstream, &cache, number).await;
        }
    });
}

async fn fetch(upstream: &Arc<Upstream>, cache: &Arc<Cache>, number: usize) {
    let mut page = PageFetches::new(visit(), Arc::clone(cache));
    page.start(0_u32, request(upstream, number));
    let mut last = None;
    while let Some((_, event)) = page.next().await {
        last = Some(event);
    }
    assert!(matches!(last, Some(Event::End | Event::Kept(_))), "{last:?}");
}

fn request(upstream: &Arc<Upstream>, number: usize) -> FragmentRequest {
    FragmentRequest {
        upstream: Arc::clone(upstream),
        fragment: "checkout/mini-cart".parse().expect("it is a name"),
        path: "/fragments/mini-cart".into(),
        params: Params::parse(&format!("sku={number}")),
        role: Role::Optional,
        deadline: Duration::from_secs(20),
        max_body_bytes: 100_000,
    }
}

fn visit() -> Visit {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("de,en;q=0.8"));
    headers.insert(header::COOKIE, HeaderValue::from_static("cart=7; session=secret"));
    let from = Forwarded {
        client: Ipv4Addr::LOCALHOST.into(),
        host: HeaderValue::from_static("shop.example"),
        proto: "https",
    };
    let trace = HeaderValue::from_static("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    Visit::new(headers, &from, trace, HeaderValue::from_static("abc"))
}

/// Answers every request with 2 kB.
fn bff(cache_control: &str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it is bound");
    let reply = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncache-control: {cache_control}\r\ncontent-length: 2048\r\n\r\n{}",
        "<p>1234</p>\n".repeat(171).get(..2048).expect("it is longer")
    );
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let reply = reply.clone();
            std::thread::spawn(move || answer(stream, &reply));
        }
    });
    address
}

fn answer(mut stream: TcpStream, reply: &str) {
    let mut buffer = [0; 4096];
    let mut held = 0;
    while let Some(room) = buffer.get_mut(held..)
        && let Ok(read @ 1..) = stream.read(room)
    {
        held += read;
        if buffer.get(..held).is_some_and(|head| head.ends_with(b"\r\n\r\n")) {
            held = 0;
            if stream.write_all(reply.as_bytes()).is_err() {
                return;
            }
        }
    }
}
