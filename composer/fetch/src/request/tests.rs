//! The key of a request and the request itself tell the same things apart.

use contract::{Prefix, manifest::Manifest};
use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::{Config, origin::Lane};

const MANIFEST: &str = r#"
[app]
name = "shop"
version = "1.0.0"
owner = "team"
cookies = ["a", "ab"]
headers = ["x-one", "x-two"]

[[fragments]]
name = "all"

[[fragments]]
name = "few"
cookies = ["a"]
headers = ["x-two", "x-forwarded-for"]

[[fragments]]
name = "none"
cookies = []
headers = []
"#;

fn upstream() -> Arc<Upstream> {
    let manifest = Manifest::parse("marquetry.toml", MANIFEST).unwrap();
    let origins = ["http://127.0.0.1:1".to_owned()];
    Arc::new(Upstream::new(&manifest, &Prefix::default(), &origins, &Config::default()).unwrap())
}

/// Short texts of few letters, so that two of them are often nearly the same.
fn text(letters: &'static [char]) -> impl Strategy<Value = String> {
    vec(select(letters), 0..6).prop_map(String::from_iter)
}

fn headers() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let names = select(
        &[
            "cookie",
            "x-one",
            "x-two",
            "accept-language",
            "user-agent",
            "x-forwarded-for",
        ][..],
    );
    vec((names, text(&['a', 'b', '=', ';', ' ', ','])), 0..4)
}

fn asked() -> impl Strategy<Value = (FragmentRequest, Visit)> {
    let fragment = select(&["all", "few", "none"][..]);
    let path = select(&["/p", "/p/a", "/pa"][..]);
    let params = vec((text(&['a', '&', '=']), text(&['a', '&', '='])), 0..3);
    let from = (select(&["h", "ha", ""][..]), any::<bool>(), 0u8..3);
    (fragment, path, params, headers(), from, any::<u8>()).prop_map(
        |(fragment, path, params, received, (host, is_secure, client), id)| {
            let request = FragmentRequest {
                upstream: upstream(),
                fragment: format!("shop/{fragment}").parse().unwrap(),
                path: path.into(),
                params: params.into_iter().collect(),
                role: Role::Optional,
                deadline: Duration::from_secs(1),
                max_body_bytes: 1_000,
            };
            let mut headers = HeaderMap::new();
            for (name, value) in received {
                headers.append(name, HeaderValue::from_str(&value).unwrap());
            }
            let from = Forwarded {
                client: IpAddr::from([127, 0, 0, client]),
                host: HeaderValue::from_static(host),
                proto: if is_secure { "https" } else { "http" },
            };
            let id = HeaderValue::from(u16::from(id));
            (request, Visit::new(headers, &from, id.clone(), id))
        },
    )
}

/// All that the fragment is sent, but for ids.
fn sent(upstream: &Arc<Upstream>, request: &FragmentRequest, visit: &Visit) -> String {
    let turn = upstream.pick(Lane::Fetch).unwrap();
    let request = FragmentRequest {
        upstream: Arc::clone(upstream),
        ..request.clone()
    };
    let sent = request.write(visit, &request.target().unwrap(), turn.origin());
    let sent = String::from_utf8(sent).unwrap();
    let mut lines: Vec<&str> = sent.split("\r\n").collect();
    let is_id = |line: &str| [ours::TRACEPARENT, ours::REQUEST_ID].contains(&line.split(':').next().unwrap());
    lines.retain(|line| !is_id(line));
    // The order of lines of one name counts, that of names doesn't.
    lines.sort_by_key(|line| line.split(':').next());
    lines.join("\n")
}

fn key(upstream: &Arc<Upstream>, request: &FragmentRequest, visit: &Visit) -> Vec<u8> {
    let request = FragmentRequest {
        upstream: Arc::clone(upstream),
        ..request.clone()
    };
    let mut key = Vec::new();
    request.push_key(visit, &mut key);
    key
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn two_requests_have_the_same_key_if_and_only_if_the_fragment_sees_the_same(
        (one, one_visit) in asked(),
        (other, other_visit) in asked(),
        share in 0..4,
    ) {
        let upstream = upstream();
        // Often the two differ in one part alone.
        let (other, other_visit) = match share {
            0 => (other, one_visit.clone()),
            1 => (one.clone(), other_visit),
            2 => (FragmentRequest { fragment: other.fragment, ..one.clone() }, one_visit.clone()),
            _ => (other, other_visit),
        };
        let same_key = key(&upstream, &one, &one_visit) == key(&upstream, &other, &other_visit);
        let same_sent = sent(&upstream, &one, &one_visit) == sent(&upstream, &other, &other_visit);
        prop_assert_eq!(same_key, same_sent);
    }

    #[test]
    fn a_version_that_is_made_anew_has_other_keys((request, visit) in asked()) {
        prop_assert_ne!(key(&upstream(), &request, &visit), key(&upstream(), &request, &visit));
    }
}
