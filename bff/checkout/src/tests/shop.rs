//! A checkout with goods of its own, and visitors who send requests to it.

use std::{path::Path, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use bff_kit::{events::EventLog, sqlite::Database};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::{bff, store};

/// Five pieces of `A`, one of `LAST`, none of `GONE`.
const GOODS: &str = "
    INSERT INTO items (sku, name, price_cents, image, stock) VALUES
      ('A', 'Plough', 1240000, '/static/a.svg', 5),
      ('LAST', 'Harrow', 99900, '/static/l.svg', 1),
      ('MANY', 'Peg', 100, '/static/m.svg', 1000),
      ('GONE', 'Dibber', 500, '/static/g.svg', 0);
    INSERT INTO pickup_points (id, name, city) VALUES ('store-x', 'Barn <X>', 'Oxbridge');";

pub(super) struct Shop {
    router: Router,
    pub(super) database: Database,
    _dir: Option<tempfile::TempDir>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

/// A browser, with the cookie that it was given.
#[derive(Clone, Default)]
pub(super) struct Visitor {
    pub(super) cookie: Option<String>,
}

impl Shop {
    pub(super) async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let shop = Self::over(dir.path(), GOODS).await;
        Self {
            _dir: Some(dir),
            ..shop
        }
    }

    /// A shop whose database is in `dir`.
    pub(super) async fn over(dir: &Path, seed: &str) -> Self {
        let database = Database::open_in(dir, "checkout", store::SCHEMA, seed).unwrap();
        let log = EventLog::open(&database).await.unwrap();
        let router = bff(&log).unwrap().with_state(database.clone()).router().unwrap();
        Self {
            router,
            database,
            _dir: None,
        }
    }

    async fn send(&self, visitor: &mut Visitor, request: Request<Body>) -> Reply {
        let (mut parts, body) = request.into_parts();
        if let Some(cookie) = &visitor.cookie {
            parts.headers.insert(header::COOKIE, cookie.parse().unwrap());
        }
        let request = Request::from_parts(parts, body);
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        if let Some(set) = parts.headers.get(header::SET_COOKIE) {
            visitor.cookie = set.to_str().unwrap().split(';').next().map(str::to_owned);
        }
        let bytes = tokio::time::timeout(Duration::from_secs(20), body.collect())
            .await
            .unwrap()
            .unwrap()
            .to_bytes();
        Reply {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// Gets a fragment.
    pub(super) async fn get(&self, visitor: &mut Visitor, path: &str) -> Reply {
        let request = Request::builder()
            .uri(path)
            .header("marquetry-base", "/_m/app/checkout@1.0.0");
        self.send(visitor, request.body(Body::empty()).unwrap()).await
    }

    /// Posts JSON, as the fragments do in the browser.
    pub(super) async fn call(&self, visitor: &mut Visitor, path: &str, body: impl Into<Body>) -> Reply {
        let request = post(path, "application/json", "application/json");
        self.send(visitor, request.body(body.into()).unwrap()).await
    }

    /// Posts a form, as a browser does without script.
    pub(super) async fn post_form(&self, visitor: &mut Visitor, path: &str, body: &str) -> Reply {
        let request = post(path, "text/html,*/*;q=0.8", "application/x-www-form-urlencoded");
        self.send(visitor, request.body(Body::from(body.to_owned())).unwrap())
            .await
    }

    /// Pieces left of `sku`.
    pub(super) async fn stock(&self, sku: &'static str) -> i64 {
        let stock = self
            .database
            .read(move |db| db.query_row("SELECT stock FROM items WHERE sku = ?1", [sku], |row| row.get(0)));
        stock.await.unwrap()
    }

    /// Orders placed.
    pub(super) async fn orders(&self) -> i64 {
        let count = self
            .database
            .read(|db| db.query_row("SELECT count(*) FROM orders", [], |row| row.get(0)));
        count.await.unwrap()
    }
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(super) fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }
}

fn post(path: &str, accept: &str, content_type: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::ACCEPT, accept)
        .header(header::CONTENT_TYPE, content_type)
}
