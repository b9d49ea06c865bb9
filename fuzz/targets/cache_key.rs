//! Cache key: two requests that a fragment could tell apart never have the same.
#![no_main]

use std::sync::Arc;

use composer_fetch::{Config, Forwarded, FragmentRequest, Upstream, Visit};
use contract::{Params, Prefix, Role, manifest::Manifest};
use http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;

const MANIFEST: &str = r#"
[app]
name = "shop"
version = "1.0.0"
owner = "Shop"
cookies = ["a", "b"]
headers = ["x-a", "x-b"]

[[fragments]]
name = "one"
params = ["p", "q"]
"#;

/// What a fragment sees, as it is told to its BFF.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    params: Params,
    host: Vec<u8>,
    cookie: Vec<u8>,
    headers: [Option<Vec<u8>>; 3],
}

fuzz_target!(|data: &[u8]| {
    let fields: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    let (one, other) = fields.split_at(fields.len() / 2);
    let (Some((one, one_seen)), Some((other, other_seen))) = (key(one), key(other)) else {
        return;
    };
    assert_eq!(one == other, one_seen == other_seen, "{one_seen:?} and {other_seen:?}");
});

fn key(fields: &[&[u8]]) -> Option<(Vec<u8>, Seen)> {
    let field = |at: usize| fields.get(at).copied().unwrap_or_default();
    let params: Params = [("p", field(0)), ("q", field(1))]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| Some((name.to_owned(), str::from_utf8(value).ok()?.to_owned())))
        .collect::<Option<_>>()?;
    let host = HeaderValue::from_bytes(field(2)).ok()?;
    let mut received = HeaderMap::new();
    let names = [
        &header::COOKIE,
        &"x-a".parse().ok()?,
        &"x-b".parse().ok()?,
        &header::ACCEPT_LANGUAGE,
    ];
    for (at, name) in names.into_iter().enumerate() {
        if !field(3 + at).is_empty() {
            received.insert(name, HeaderValue::from_bytes(field(3 + at)).ok()?);
        }
    }
    let cookies = ["a".to_owned(), "b".to_owned()];
    let seen = Seen {
        params: params.clone(),
        host: host.as_bytes().to_vec(),
        cookie: composer_fetch::cookies::only(&received, &cookies)
            .map(|value| value.as_bytes().to_vec())
            .unwrap_or_default(),
        headers: [names[1], names[2], names[3]].map(|name| received.get(name).map(|value| value.as_bytes().to_vec())),
    };
    let request = FragmentRequest {
        upstream: upstream(),
        fragment: "shop/one".parse().ok()?,
        path: "/one".into(),
        params,
        role: Role::Optional,
        deadline: std::time::Duration::from_secs(1),
        max_body_bytes: 1 << 20,
    };
    let from = Forwarded {
        client: std::net::Ipv4Addr::LOCALHOST.into(),
        host,
        proto: "http",
    };
    let nothing = HeaderValue::from_static("");
    let visit = Visit::new(received, &from, nothing.clone(), nothing);
    Some((request.cache_key(&visit), seen))
}

fn upstream() -> Arc<Upstream> {
    static UPSTREAM: std::sync::OnceLock<Arc<Upstream>> = std::sync::OnceLock::new();
    let make = || {
        let manifest = Manifest::parse("marquetry.toml", MANIFEST).expect("the manifest is good");
        let origins = ["http://127.0.0.1:1".to_owned()];
        let upstream = Upstream::new(&manifest, &Prefix::default(), &origins, &Config::default());
        Arc::new(upstream.expect("the origin is good"))
    };
    Arc::clone(UPSTREAM.get_or_init(make))
}
