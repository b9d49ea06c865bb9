//! Fetches one fragment again and again from a BFF in a thread of its own; for instruction counts, see `docs/performance.md`.

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

fn main() {
    // `cargo bench` gives `--bench`.
    let numbers = std::env::args().filter_map(|argument| argument.parse().ok());
    let fetches: usize = numbers.last().unwrap_or(1_000);
    let origin = bff();
    let manifest = Manifest::parse("marquetry.toml", MANIFEST).expect("it is a manifest");
    let origins = [format!("http://{origin}")];
    let upstream = Upstream::new(&manifest, &Prefix::default(), &origins, &Config::default());
    let upstream = Arc::new(upstream.expect("its origin is one"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("the system has descriptors").block_on(async {
        let cache = Arc::new(Cache::new(Config::default().cache_bytes));
        for _ in 0..fetches {
            fetch(&upstream, &cache).await;
        }
    });
}

async fn fetch(upstream: &Arc<Upstream>, cache: &Arc<Cache>) {
    let mut page = PageFetches::new(visit(), Arc::clone(cache));
    page.start(0_u32, request(upstream));
    let mut last = None;
    while let Some((_, event)) = page.next().await {
        last = Some(event);
    }
    assert!(matches!(last, Some(Event::End)), "{last:?}");
}

fn request(upstream: &Arc<Upstream>) -> FragmentRequest {
    FragmentRequest {
        upstream: Arc::clone(upstream),
        fragment: "checkout/mini-cart".parse().expect("it is a name"),
        path: "/fragments/mini-cart".into(),
        params: Params::parse("sku=AU-02"),
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
fn bff() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    address
}

fn answer(mut stream: TcpStream) {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncache-control: no-store\r\ndate: Mon, 23 Nov 2026 12:00:00 GMT\r\ncontent-length: 2048\r\n\r\n";
    let reply = format!(
        "{head}{}",
        "<p>1234</p>\n".repeat(171).get(..2048).expect("it is longer")
    );
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
