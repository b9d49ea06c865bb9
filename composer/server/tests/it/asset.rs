//! Published files.

use composer_registry::pack_platform;
use composer_server::start;
use tempfile::TempDir;

use crate::support::{Client, Reply, config};

async fn get(address: std::net::SocketAddr, method: &str, path: &str, headers: &str) -> Reply {
    let mut client = Client::connect(address).await;
    client
        .send(&format!("{method} {path} HTTP/1.1\r\nhost: a\r\n{headers}\r\n"))
        .await;
    if method == "HEAD" {
        return client.head().await;
    }
    client.reply().await
}

#[tokio::test]
async fn an_asset_is_immutable_and_as_small_as_the_client_takes() {
    let folder = TempDir::new().unwrap();
    for name in ["build", "static"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    let source = "export const a = 1;\n".repeat(200);
    std::fs::write(folder.path().join("build/loader.js"), &source).unwrap();
    let packed = pack_platform(&folder.path().join("build"), &folder.path().join("shell")).unwrap();
    let running = start(config(folder.path(), "shell_dir = \"shell\"")).await.unwrap();
    let path = format!("/_m/assets/{}/loader.js", packed.files[0].digest);
    let get = async |method: &str, headers: &str| get(running.public, method, &path, headers).await;

    let plain = get("GET", "").await;
    assert_eq!((plain.status, plain.body.as_str()), (200, source.as_str()));
    let header = |name| plain.header(name);
    assert_eq!(header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(header("vary"), Some("accept-encoding"));
    assert_eq!(header("x-content-type-options"), Some("nosniff"));
    assert_eq!(header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(header("content-encoding"), None);

    let tag = plain.header("etag").unwrap();
    let known = get("GET", &format!("if-none-match: \"x\", W/{tag}\r\n")).await;
    assert_eq!(
        (known.status, known.body.as_str(), known.header("etag")),
        (304, "", Some(tag))
    );
    let small = get("HEAD", "accept-encoding: gzip, br\r\n").await;
    assert_eq!((small.status, small.header("content-encoding")), (200, Some("br")));
    assert_ne!(small.header("etag"), Some(tag));
    assert!(small.header("content-length").unwrap().parse::<usize>().unwrap() < source.len());
    let again = get("HEAD", &format!("accept-encoding: br\r\nif-none-match: {tag}\r\n")).await;
    assert_eq!(again.status, 200);
    for (accepted, chosen) in [("*", "gzip"), ("br;q=0\r\naccept-encoding: gzip", "gzip")] {
        let reply = get("HEAD", &format!("accept-encoding: {accepted}\r\n")).await;
        assert_eq!(reply.header("content-encoding"), Some(chosen), "{accepted}");
    }
}
