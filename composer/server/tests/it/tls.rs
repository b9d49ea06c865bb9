//! TLS, with HTTP/2 and HTTP/1.1 by ALPN.

use std::sync::Arc;

use composer_server::{TlsError, start};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::support::config;

const KEYS: &str = "tls.certificate = \"certificate.pem\"\ntls.key = \"key.pem\"\nlimits.head_ms = 2000";

fn folder() -> (TempDir, rcgen::CertifiedKey<rcgen::KeyPair>) {
    let folder = TempDir::new().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::create_dir(folder.path().join("static")).unwrap();
    std::fs::write(folder.path().join("static/hello.txt"), "hello").unwrap();
    std::fs::write(folder.path().join("certificate.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    (folder, made)
}

fn connector(made: &rcgen::CertifiedKey<rcgen::KeyPair>, alpn: &[&str]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

#[tokio::test]
async fn both_protocols_are_offered() {
    let (folder, made) = folder();
    let running = start(config(folder.path(), KEYS)).await.unwrap();
    for (asked, got) in [(&["h2", "http/1.1"][..], "h2"), (&["http/1.1"], "http/1.1")] {
        let stream = TcpStream::connect(running.public).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let mut stream = connector(&made, asked).connect(name, stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(got.as_bytes()));
        if got == "http/1.1" {
            let request = "GET /static/hello.txt HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut reply = String::new();
            stream.read_to_string(&mut reply).await.unwrap();
            assert!(reply.starts_with("HTTP/1.1 200") && reply.ends_with("hello"), "{reply}");
        }
    }
}

#[tokio::test]
async fn a_slow_handshake_is_closed() {
    let (folder, _made) = folder();
    let keys = KEYS.replace("2000", "100");
    let running = start(config(folder.path(), &keys)).await.unwrap();
    let mut client = crate::support::Client::connect(running.public).await;
    assert_eq!(client.until_closed().await, "");
}

#[tokio::test]
async fn everything_that_stands_in_the_way_is_told_at_once() {
    let (folder, _made) = folder();
    std::fs::write(folder.path().join("key.pem"), "no key").unwrap();
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = config(folder.path(), KEYS);
    config.admin_listen = taken.local_addr().unwrap();
    let error = start(config).await.unwrap_err();
    let [
        composer_server::Fault::Tls(TlsError::Key { .. }),
        composer_server::Fault::Listen { key, .. },
    ] = &error.0[..]
    else {
        panic!("{error}");
    };
    assert_eq!(*key, "admin_listen");
}
