//! The server's half of the kit, seen from its users. Run with `--features server`.
#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test ends in a panic")]

mod example;
mod rendering;
mod slots;

use std::collections::BTreeMap;

use fragments_kit::server::FragmentContext;
use serde_json::Value;

fn context() -> FragmentContext {
    FragmentContext {
        id: "checkout/mini-cart".parse().unwrap(),
        base: "/_m/app/checkout@1.0.0".into(),
    }
}

/// What stands in the root, and the decoded text of the props script.
fn parts(html: &str) -> (&str, Value) {
    let rest = html
        .strip_prefix(r#"<div data-root data-boundary="checkout/mini-cart">"#)
        .unwrap();
    let (view, script) = rest
        .split_once(r#"</div><script type="application/json" data-props>"#)
        .unwrap();
    let json = script.strip_suffix("</script>").unwrap();
    assert!(!json.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{json}");
    (view, serde_json::from_str(json).unwrap())
}

type Texts = BTreeMap<String, String>;
