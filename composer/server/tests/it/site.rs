//! A small site: a composer, its one app `shop`, and a BFF that answers what a test says.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use composer_server::start;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::{Client, Composer, Reply, config};

const MANIFEST: &str = r#"
[app]
name = "shop"
version = "1.0.0"
owner = "Team Shop"
cookies = ["cart"]

[assets]
dir = "dist"
styles = ["shop.css"]

[[pages]]
path = "/product/{id}"
fragment = "product"
layout = "shop/plain"
deadline_ms = 1000

[[pages]]
path = "/secret"
fragment = "secret"
layout = "shop/plain"
compress = false

[[fragments]]
name = "secret"

[[fragments]]
name = "product"
params = ["id", "sku"]
includes = ["shop/price", "shop/hint"]
eager = ["shop/price?id={id}"]
deadline_ms = 400

[[fragments]]
name = "price"
role = "essential"
params = ["id"]
deadline_ms = 400

[[fragments]]
name = "hint"
role = "optional"
deadline_ms = 400

[[layouts]]
name = "plain"
template = "layouts/plain.html"
"#;

const LAYOUT: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Shop</title>\n</head>\n\
<body>\n<main><fragment-slot src=\"page\"></fragment-slot></main>\n</body>\n</html>\n";

/// The product page as a working BFF answers it.
pub(crate) const PRODUCT: &str = "<head><title>Product</title></head><h1>Product</h1>\
<fragment-slot src=\"shop/price?id=7\">no price</fragment-slot><fragment-slot src=\"shop/hint\">no hint</fragment-slot>";

type Answers = Arc<Mutex<HashMap<String, String>>>;

pub(crate) struct Site {
    pub(crate) composer: Composer,
    answers: Answers,
    requests: Arc<Mutex<Vec<String>>>,
    _packed: TempDir,
}

impl Site {
    /// Starts it, all fragments in order.
    pub(crate) async fn start() -> Self {
        Self::start_with("").await
    }

    /// The same, with further keys.
    pub(crate) async fn start_with(keys: &str) -> Self {
        let (answers, requests) = (Answers::default(), Arc::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = listener.local_addr().unwrap();
        tokio::spawn(accept(listener, Arc::clone(&answers), Arc::clone(&requests)));
        let packed = pack();
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("static")).unwrap();
        let dir = packed.path().join("out");
        let keys = format!("{keys}\n[[apps]]\ndir = {dir:?}\norigins = [\"http://{origin}\"]\n");
        let running = start(config(folder.path(), &keys)).await.unwrap();
        let site = Self {
            composer: Composer { running, folder },
            answers,
            requests,
            _packed: packed,
        };
        site.html("/fragments/product", PRODUCT);
        site.html("/fragments/price", "<b>12</b>");
        site.html("/fragments/hint", "<i>hint</i>");
        site
    }

    /// What the BFF answers at `path`, byte by byte; nothing at all for an empty answer.
    pub(crate) fn answer(&self, path: &str, answer: &str) {
        self.answers.lock().unwrap().insert(path.into(), answer.into());
    }

    pub(crate) fn html(&self, path: &str, html: &str) {
        self.reply(path, "200 OK\r\ncontent-type: text/html", html);
    }

    /// Status and header lines, and a body.
    pub(crate) fn reply(&self, path: &str, head: &str, body: &str) {
        let length = body.len();
        self.answer(
            path,
            &format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n{body}"),
        );
    }

    /// The heads of requests for `path`.
    pub(crate) fn requests(&self, path: &str) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        requests
            .iter()
            .filter(|head| target(head).starts_with(path))
            .cloned()
            .collect()
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.ask(&format!("GET {path} HTTP/1.1\r\n"), "").await
    }

    /// One request, its reply read to the end of the connection.
    pub(crate) async fn ask(&self, start: &str, rest: &str) -> Reply {
        let mut client: Client = self.composer.client().await;
        client
            .send(&format!("{start}host: localhost\r\nconnection: close\r\n\r\n{rest}"))
            .await;
        let text = client.until_closed().await;
        let (head, body) = text.split_once("\r\n\r\n").expect("a reply has a head");
        Reply {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.into(),
            body: body.into(),
        }
    }
}

fn pack() -> TempDir {
    let folder = TempDir::new().unwrap();
    let source = folder.path().join("source");
    let write = |name: &str, text: &str| {
        let file = source.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    };
    write("marquetry.toml", MANIFEST);
    write("layouts/plain.html", LAYOUT);
    write("dist/shop.css", "h1 { color: teal }");
    composer_registry::pack_app(&source, None, &folder.path().join("out")).unwrap();
    folder
}

async fn accept(listener: TcpListener, answers: Answers, requests: Arc<Mutex<Vec<String>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, Arc::clone(&answers), Arc::clone(&requests)));
    }
}

async fn serve(mut stream: TcpStream, answers: Answers, requests: Arc<Mutex<Vec<String>>>) {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let head = String::from_utf8(head).unwrap();
        let path = target(&head).split('?').next().unwrap().to_owned();
        requests.lock().unwrap().push(head);
        let answer = answers.lock().unwrap().get(&path).cloned().unwrap_or_default();
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn target(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}
