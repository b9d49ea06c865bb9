//! Path canonicaliser: a path has one spelling, which leads to the same path, and to no folder above it.
#![no_main]

#[path = "../../composer/server/src/spelling.rs"]
#[allow(dead_code, unreachable_pub, reason = "the server's own file, read by itself")]
mod spelling;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &str| {
    if let Ok(path) = spelling::decode(raw) {
        assert!(path.starts_with('/') && !path.contains(['\\', '\0']), "{path:?}");
        let segments: Vec<&str> = path[1..].split('/').collect();
        assert!(segments.iter().all(|each| *each != "." && *each != ".."), "{path:?}");
        let inner = &segments[..segments.len() - 1];
        assert!(inner.iter().all(|each| !each.is_empty()), "{path:?}");
        let spelled = spelling::encode(&path, None);
        assert!(spelled.is_ascii(), "{spelled:?}");
        assert_eq!(spelling::decode(&spelled).as_deref(), Ok(&*path));
        assert_eq!(spelling::encode(&path, None), spelled);
    }
    if let Some(host) = spelling::host(raw) {
        assert_eq!(spelling::host(&host).as_deref(), Some(host.as_str()), "{raw:?}");
        assert!(!host.contains(['@', '/', ',', ' ']), "{host:?}");
    }
});
