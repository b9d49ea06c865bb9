//! The kit as a team uses it: a small BFF, asked without a socket and with one.
#![expect(clippy::unwrap_used, reason = "a test ends in a panic")]

mod context;
mod deadlines;
mod fragments;
mod problems;
mod start;
mod upstreams;

use axum::{Router, body::Body};
use bff_kit::Bff;
use http::{Request, Response};
use http_body_util::BodyExt;
use tower::ServiceExt;

const MANIFEST: &str = r#"
[app]
name = "checkout"
version = "1.0.0"
owner = "Team Checkout"

[[fragments]]
name = "mini-cart"
deadline_ms = 300
fallback = "fallbacks/mini-cart.html"
"#;

const BASE: &str = "/_m/app/checkout@1.0.0";

fn bff<S: Clone + Send + Sync + 'static>() -> Bff<S> {
    Bff::new(MANIFEST).unwrap()
}

/// A BFF with this route beside its fragment.
fn with_route(path: &str, handler: axum::routing::MethodRouter<()>) -> Router {
    bff()
        .fragment("mini-cart", async || "cart")
        .route(path, handler)
        .router()
        .unwrap()
}

fn get(path: &str) -> http::request::Builder {
    Request::get(path).header("marquetry-base", BASE)
}

async fn ask(router: Router, request: http::request::Builder) -> Answer {
    send(router, request.body(Body::empty()).unwrap()).await
}

async fn send(router: Router, request: Request<Body>) -> Answer {
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer(Response::from_parts(parts, String::from_utf8(body.to_vec()).unwrap()))
}

struct Answer(Response<String>);

impl Answer {
    fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    fn header(&self, name: &str) -> &str {
        self.0.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn text(&self) -> &str {
        self.0.body()
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(self.text()).unwrap()
    }
}
