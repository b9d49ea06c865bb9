//! No way leads to where no instance may be, however it is written.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use composer_fetch::{AddressGuard, Config, Exchange, Fleet, Networks, OriginTerms, Resolve, Resolved, Upstream};
use contract::{AppVersion, Prefix, Role};
use http::{Request, StatusCode};
use http_body_util::Empty;
use tokio::net::TcpListener;

use crate::{
    bff::Bff,
    fetching::{Got, fetch_by, manifest, request},
};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nok";

/// Answers every name with these addresses.
#[derive(Debug)]
struct Says(Vec<IpAddr>);

impl Resolve for Says {
    fn resolve(&self, _: &str) -> Resolved {
        let found = self.0.clone();
        Box::pin(async move { Ok(found) })
    }
}

fn says(addresses: &[&str]) -> Arc<dyn Resolve> {
    Arc::new(Says(addresses.iter().map(|address| address.parse().unwrap()).collect()))
}

fn reached(origin: &str, networks: &[&str], guard: AddressGuard) -> Arc<Upstream> {
    let fleet = Fleet::new(Config::default(), Arc::new(guard), Prefix::default());
    let terms = OriginTerms {
        url: origin.into(),
        networks: Networks::parse(networks).unwrap(),
    };
    let app: AppVersion = "checkout@1.0.0".parse().unwrap();
    fleet.set_origins(&app, &[terms]).unwrap();
    fleet.ensure(&manifest())
}

fn why(got: &Got) -> String {
    let mut error: &dyn std::error::Error = got.failure.as_ref().unwrap();
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// Tries a page's way and a browser's way; says why both are refused.
async fn refused(upstream: &Arc<Upstream>) -> String {
    let got = fetch_by(request(upstream)).await;
    assert_eq!(got.outcome(), "forbidden", "{got:?}");
    let mut exchange = Exchange::begin(upstream).unwrap();
    let asked = Request::builder().uri("/cart").body(Empty::new()).unwrap();
    let sent: &(dyn std::error::Error + 'static) = &exchange.send(asked).await.unwrap_err();
    let chain: Vec<String> = std::iter::successors(Some(sent), |error| error.source())
        .map(ToString::to_string)
        .collect();
    assert!(chain.contains(&why(&got)), "{chain:?}");
    why(&got)
}

/// Closes each connection after one answer.
async fn closing() -> Bff {
    Bff::run(|mut peer| async move {
        peer.request().await;
        let last = OK.replacen("\r\n", "\r\nconnection: close\r\n", 1);
        peer.send(last.as_bytes()).await;
    })
    .await
}

async fn unused_port() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Nobody has connected.
async fn nobody_came(listener: &TcpListener) {
    let accepted = tokio::time::timeout(std::time::Duration::ZERO, listener.accept()).await;
    assert!(accepted.is_err());
}

#[tokio::test]
async fn metadata_services_are_out_of_reach() {
    let everything: &[&str] = &["0.0.0.0/0", "::/0"];
    for origin in [
        "http://169.254.169.254",
        "http://[::ffff:169.254.169.254]:80",
        "http://[fe80::1]",
    ] {
        let upstream = reached(origin, everything, AddressGuard::new(Networks::loopback()));
        assert!(
            refused(&upstream)
                .await
                .ends_with("is link-local, where no instance may be")
        );
    }
}

#[tokio::test]
async fn a_name_that_leads_there_is_refused_when_connecting() {
    let guard = AddressGuard::new(Networks::loopback()).resolving_by(says(&["169.254.169.254"]));
    assert_eq!(
        guard.check_literal("http://cart.internal", &Networks::default()),
        Ok(())
    );
    let upstream = reached("http://cart.internal", &[], guard);
    let text = "`169.254.169.254` is link-local, where no instance may be";
    assert_eq!(refused(&upstream).await, text);
    let guard = AddressGuard::new(Networks::loopback()).resolving_by(says(&["8.8.8.8"]));
    let text = "`8.8.8.8` is outside of the networks that the team may use: 127.0.0.0/8, ::1/128";
    assert_eq!(refused(&reached("http://cart.internal", &[], guard)).await, text);
}

#[tokio::test]
async fn the_systems_names_are_checked_too() {
    let (listener, port) = unused_port().await;
    let guard = AddressGuard::new(Networks::loopback());
    let upstream = reached(&format!("http://localhost:{port}"), &["10.0.0.0/8"], guard);
    assert!(refused(&upstream).await.ends_with("that the team may use: 10.0.0.0/8"));
    nobody_came(&listener).await;
}

#[tokio::test]
async fn the_composers_own_listeners_are_out_of_reach() {
    let (listener, port) = unused_port().await;
    for (own, origin) in [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("[::]", "admin.internal"),
    ] {
        let guard = AddressGuard::new(Networks::loopback()).resolving_by(says(&["127.0.0.1"]));
        let own: SocketAddr = format!("{own}:{port}").parse().unwrap();
        guard.forbid_listeners(vec![own]);
        let upstream = reached(&format!("http://{origin}:{port}"), &[], guard);
        let text = format!("`127.0.0.1:{port}` is where the composer itself listens");
        assert_eq!(refused(&upstream).await, text);
    }
    nobody_came(&listener).await;
}

#[tokio::test]
async fn of_a_names_addresses_the_allowed_ones_are_tried_until_one_answers() {
    let bff = closing().await;
    let guard = AddressGuard::new(Networks::loopback());
    // Nothing listens at 127.0.0.2 and 127.0.0.3.
    let guard = guard.resolving_by(says(&["169.254.169.254", "127.0.0.2", "127.0.0.1", "127.0.0.3"]));
    let upstream = reached(&format!("http://cart.internal:{}", bff.address.port()), &[], guard);
    for _ in 0..10 {
        assert_eq!(fetch_by(request(&upstream)).await.outcome(), "fresh");
    }
}

#[tokio::test]
async fn a_name_is_looked_up_for_every_connection() {
    #[derive(Debug, Default)]
    struct Counted(std::sync::atomic::AtomicUsize);
    impl Resolve for Counted {
        fn resolve(&self, host: &str) -> Resolved {
            assert_eq!(host, "cart.internal");
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Box::pin(async { Ok(vec![IpAddr::from([127, 0, 0, 1])]) })
        }
    }
    let lookups = Arc::new(Counted::default());
    let mut bff = closing().await;
    let guard = AddressGuard::new(Networks::loopback());
    let guard = guard.resolving_by(Arc::<Counted>::clone(&lookups));
    let host = format!("cart.internal:{}", bff.address.port());
    let upstream = reached(&format!("http://{host}"), &[], guard);
    for _ in 0..3 {
        assert_eq!(fetch_by(request(&upstream)).await.outcome(), "fresh");
        assert!(bff.request().await.contains(&format!("\r\nhost: {host}\r\n")));
    }
    assert_eq!(lookups.0.load(std::sync::atomic::Ordering::Relaxed), 3);
}

#[tokio::test]
async fn redirects_are_never_followed() {
    let (forbidden, port) = unused_port().await;
    let redirect =
        format!("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{port}/secret\r\ncontent-length: 0\r\n\r\n");
    let bff = Bff::says(redirect).await;
    let guard = AddressGuard::new(Networks::loopback());
    let upstream = reached(&format!("http://{}", bff.address), &[], guard);
    assert_eq!(fetch_by(request(&upstream)).await.outcome(), "status");
    let mut primary = request(&upstream);
    primary.role = Role::Primary;
    assert_eq!(fetch_by(primary).await.status, Some(StatusCode::FOUND));
    let mut exchange = Exchange::begin(&upstream).unwrap();
    let asked = Request::builder().uri("/cart").body(Empty::new()).unwrap();
    assert_eq!(exchange.send(asked).await.unwrap().status(), StatusCode::FOUND);
    nobody_came(&forbidden).await;
}
