//! Header and cookie policy: an app sees and sets its own cookies only, and a redirect stays on the site.
#![no_main]

#[path = "../../composer/server/src/compose/location.rs"]
#[allow(dead_code, unreachable_pub, reason = "the server's own file, read by itself")]
mod location;

use composer_fetch::cookies;
use http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;

const HOST: &str = "shop.example:8443";

fuzz_target!(|data: &[u8]| {
    let Ok(value) = HeaderValue::from_bytes(data) else {
        return;
    };
    let names = ["cart".to_owned()];
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, value.clone());
    if let Some(seen) = cookies::only(&headers, &names) {
        for pair in seen.as_bytes().split(|byte| *byte == b';') {
            assert!(pair.trim_ascii().starts_with(b"cart"), "{seen:?}");
        }
    }
    if let Some(set) = cookies::settable(&value, &names) {
        let text = set.as_bytes().to_ascii_lowercase();
        assert!(set.as_bytes().starts_with(b"cart"), "{set:?}");
        let is_domain = |part: &[u8]| part.trim_ascii().starts_with(b"domain=");
        assert!(!text.split(|byte| *byte == b';').skip(1).any(is_domain), "{set:?}");
    }
    if let Some(to) = location::same_site(&value, HOST) {
        let path = to.as_bytes();
        assert!(
            path.starts_with(b"/") && !path.starts_with(b"//") && !path.contains(&b'\\'),
            "{to:?}"
        );
        assert!(path.iter().all(u8::is_ascii_graphic), "{to:?}");
    }
});
