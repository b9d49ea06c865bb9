//! The example fragment, as its server renders it.

#[expect(unreachable_pub, reason = "it is the root of a crate elsewhere")]
#[path = "../../examples/greeting.rs"]
mod greeting;

use fragments_kit::server::render;
use leptos::prelude::*;

use greeting::{Greet, Greeting};

#[tokio::test]
async fn the_example_renders_what_its_module_wakes() {
    let props = Greeting {
        name: "Ida & Bo".into(),
        count: 2,
    };
    let html = render(&crate::context(), props, |props| view! { <Greet props/> })
        .await
        .unwrap();
    let want = concat!(
        r#"<div data-root data-boundary="checkout/mini-cart">"#,
        r#"<a href="/_m/app/checkout@1.0.0/greetings">Ida &amp; Bo</a>"#,
        r#"<fragment-slot src="weather/today?count=2"><i>no weather</i></fragment-slot><button>2</button></div>"#,
        r#"<script type="application/json" data-props>"#,
        r#"{"p":{"name":"Ida \u0026 Bo","count":2},"b":"/_m/app/checkout@1.0.0","r":[],"e":[]}</script>"#
    );
    assert_eq!(html, want);
}
