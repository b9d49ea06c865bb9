//! What is wrong with a BFF is said at its start, all at once.

use axum::routing::get;
use bff_kit::Bff;
use http::Request;

use crate::{MANIFEST, ask, bff};

fn error(bff: Bff) -> String {
    format!("{:?}", bff.router().unwrap_err())
}

#[test]
fn every_breach_of_the_manifest_is_told() {
    let manifest = MANIFEST
        .replace("1.0.0", "one")
        .replace("300", "3")
        .replace("owner", "boss");
    let text = format!("{:?}", Bff::<()>::new(&manifest).err().unwrap());
    for part in [
        "the manifest is not right:",
        "app.version",
        "fragments[0].deadline_ms",
        "app.boss",
        "app.owner",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn handlers_and_fragments_have_to_fit() {
    let bff = bff()
        .fragment("minicart", async || "x")
        .route("/a", get("a"))
        .route("/a", get("b"))
        .route("b", get("b"))
        .route("/metrics", get("m"))
        .fallback("cart", "");
    let want = "the BFF of `checkout@1.0.0` is not whole:\
        \n  `minicart` is no fragment of the manifest\
        \n  the path `/a` has two handlers\
        \n  the path `b` must begin with `/`\
        \n  the manifest names no fallback of a fragment `cart`\
        \n  the manifest's fragment `mini-cart` has no handler\
        \n  the path `/metrics` belongs to the kit";
    assert_eq!(error(bff), want);
}

#[tokio::test]
async fn a_fallback_is_served_beside_its_fragment() {
    let bff = bff()
        .fragment("mini-cart", async || "x")
        .fallback("mini-cart", "<a href=\"/cart\">Cart</a>");
    let answer = ask(bff.router().unwrap(), Request::get("/fallbacks/mini-cart")).await;
    assert_eq!(answer.text(), "<a href=\"/cart\">Cart</a>");
}
