//! Visitors of every kind: those who read, those who leave, those who are slow, those who stay.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use tests::{
    client::{Reply, get},
    fault::{Script, Step, arena::FAULTY, stage::LANDMARKS},
    html::Page,
    wait::within,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{
    chaos::{KEYS, ROLES, Seat},
    record::Record,
};

/// No page takes longer, whatever happens: its own time, and what a busy machine adds.
const SLOWEST: Duration = Duration::from_secs(12);
/// A visitor who is slow leaves after so long.
const PATIENCE: Duration = Duration::from_secs(8);
/// A client that does nothing is gone by then.
const CLOSED: Duration = Duration::from_secs(25);

fn path(rng: &mut Rng) -> String {
    ROLES[rng.usize(..ROLES.len())].path(&format!("k{}", rng.usize(..KEYS)))
}

/// Views a page as a browser, or as something else does.
async fn view(address: SocketAddr, path: &str, browser: bool) -> Result<Reply> {
    let call = get(address, path);
    let call = if browser {
        call.header("sec-fetch-dest", "document")
    } else {
        call
    };
    call.send().await
}

/// What must hold of any page at any time.
fn check(reply: &Reply, record: &Record) -> Result<()> {
    ensure!(reply.complete, "cut after {} bytes", reply.body.len());
    ensure!(reply.took < SLOWEST, "took {:?}", reply.took);
    record.count(&format!("pages ({})", reply.status.as_u16()));
    if reply.status == 503 && !reply.header("retry-after").is_empty() {
        ensure!(!reply.body.is_empty(), "a refusal without a word");
        return Ok(());
    }
    let page = Page::parse(&reply.text());
    if reply.status.is_server_error() {
        page.whole(&[])?;
        let id = reply.header("x-request-id");
        ensure!(
            !id.is_empty() && page.source().contains(id),
            "the error page names no request"
        );
        return Ok(());
    }
    ensure!(reply.status == 200, "status {}", reply.status);
    page.whole(&LANDMARKS)?;
    // A slot that was overtaken has what came for it later in the page, and each has its own.
    let late = page.all("template[for]")?.len();
    let overtaken = page.source().matches("data-state=\"pending\"").count();
    ensure!(overtaken <= late, "{overtaken} slots wait, {late} came late");
    Ok(())
}

pub(super) async fn readers((arena, record, mut rng, end): Seat) -> Result<()> {
    let address = arena.platform.composer.address();
    while Instant::now() < end {
        let (path, browser) = (path(&mut rng), rng.bool());
        let reply = view(address, &path, browser).await.with_context(|| path.clone())?;
        check(&reply, &record).with_context(|| format!("{path}, browser: {browser}\n{}", reply.text()))?;
        sleep(Duration::from_millis(rng.u64(..10))).await;
    }
    Ok(())
}

/// Many at once, more than can be done.
pub(super) async fn bursts((arena, record, mut rng, end): Seat) -> Result<()> {
    let address = arena.platform.composer.address();
    while Instant::now() < end {
        sleep(Duration::from_millis(rng.u64(1_000..5_000))).await;
        let mut burst = JoinSet::new();
        for _ in 0..rng.usize(50..200) {
            let path = path(&mut rng);
            burst.spawn(async move { (view(address, &path, false).await, path) });
        }
        record.note(format!("a burst of {}", burst.len()));
        record.count("bursts");
        while let Some(reply) = burst.join_next().await {
            let (reply, path) = reply?;
            let reply = reply.with_context(|| format!("{path} in a burst"))?;
            check(&reply, &record).with_context(|| format!("{path} in a burst\n{}", reply.text()))?;
        }
    }
    Ok(())
}

/// Those who go away in the middle of a page, politely or not.
pub(super) async fn leavers((arena, record, mut rng, end): Seat) -> Result<()> {
    let address = arena.platform.composer.address();
    while Instant::now() < end {
        let mut stream = TcpStream::connect(address).await?;
        let ask = format!("GET {} HTTP/1.1\r\nhost: {address}\r\n\r\n", path(&mut rng));
        // The composer may close a connection at any time: then this one leaves earlier.
        let _ = stream.write_all(ask.as_bytes()).await;
        let mut some = vec![0; rng.usize(1..2_000)];
        let patience = Duration::from_millis(rng.u64(..150));
        let _ = tokio::time::timeout(patience, stream.read_exact(&mut some)).await;
        if rng.bool() {
            stream.set_zero_linger()?;
        }
        record.count("left");
    }
    Ok(())
}

/// Those who send or read a little now and then, or nothing: they are closed, come to their end, or lose patience.
pub(super) async fn slow_ones((arena, record, mut rng, end): Seat) -> Result<()> {
    let address = arena.platform.composer.address();
    while Instant::now() < end {
        let mut stream = TcpStream::connect(address).await?;
        let pause = Duration::from_millis(rng.u64(1..20));
        let ask = format!(
            "GET {} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n",
            path(&mut rng)
        );
        let post = format!("POST /_m/app/faulty@1.0.0/form HTTP/1.1\r\nhost: {address}\r\ncontent-length: 9\r\n\r\n<");
        // Closed with an error is closed.
        match rng.u8(..5) {
            kind @ (0 | 1) => {
                let pause_of_head = if kind == 0 { 10 * pause } else { Duration::ZERO };
                let dawdle = dawdle(&mut stream, &ask, pause_of_head, pause);
                // A long page takes it longer than the game: it leaves.
                let _ = tokio::time::timeout(PATIENCE, dawdle).await;
            }
            2 => is_closed(&mut stream, &ask[..ask.len() / 2], Duration::ZERO).await?,
            3 => is_closed(&mut stream, &post, Duration::ZERO).await?,
            _ => is_closed(&mut stream, &ask, PATIENCE / 2).await?,
        }
        record.count("slow ones");
    }
    Ok(())
}

/// Sends a few bytes at a time, and reads a few.
async fn dawdle(stream: &mut TcpStream, ask: &str, pause_of_head: Duration, pause: Duration) -> std::io::Result<()> {
    for bytes in ask.as_bytes().chunks(7) {
        stream.write_all(bytes).await?;
        sleep(pause_of_head).await;
    }
    let mut bytes = [0; 64];
    while stream.read(&mut bytes).await? > 0 {
        sleep(pause).await;
    }
    Ok(())
}

/// Sends `ask`, does nothing for a while, and then waits for the end of the connection.
async fn is_closed(stream: &mut TcpStream, ask: &str, nothing: Duration) -> Result<()> {
    let _ = stream.write_all(ask.as_bytes()).await;
    sleep(nothing).await;
    let read_on = async {
        let mut bytes = vec![0; 64 << 10];
        while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
    };
    within(CLOSED, "a slow client's connection ends", read_on).await
}

/// WebSockets and event streams through the composer, which end in every way.
pub(super) async fn streams((arena, record, mut rng, end): Seat) -> Result<()> {
    let address = arena.platform.composer.address();
    while Instant::now() < end {
        let nth = rng.usize(..2);
        let socket = rng.bool();
        let name = format!("/stream{}", rng.u32(..));
        arena.faulty[nth].does(&name, if socket { echo() } else { events(&mut rng) });
        let extra = if socket {
            "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        } else {
            ""
        };
        let base = format!("/_m/app/{}{name}", FAULTY[nth]);
        let ask = format!("GET {base} HTTP/1.1\r\nhost: {address}\r\nsec-fetch-site: same-origin\r\n{extra}\r\n");
        let mut stream = TcpStream::connect(address).await?;
        let stay = Duration::from_millis(rng.u64(10..1_500));
        let talk = async {
            stream.write_all(ask.as_bytes()).await?;
            let mut bytes = [0; 256];
            while stream.read(&mut bytes).await? > 0 {
                if socket {
                    stream.write_all(b"hello").await?;
                    sleep(Duration::from_millis(5)).await;
                }
            }
            std::io::Result::Ok(())
        };
        // It stays for a while, or until the other side ends; then it leaves.
        let _ = tokio::time::timeout(stay, talk).await;
        record.count(if socket { "sockets" } else { "event streams" });
    }
    Ok(())
}

fn echo() -> Script {
    let head = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
                sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhello";
    vec![Step::Send(head.into()), Step::Echo]
}

fn events(rng: &mut Rng) -> Script {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let end = if rng.bool() { Step::Reset } else { Step::Hang };
    let event = "data: x\n\n".repeat(rng.usize(1..20));
    vec![
        Step::Send(head.into()),
        Step::Drip(event.into(), Duration::from_millis(rng.u64(1..10))),
        end,
    ]
}
