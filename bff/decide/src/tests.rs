//! The product page, as the composer asks for it.

use axum::{Router, body::Body, http::Request};
use bff_kit::sqlite::Database;
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::{bff, store};

fn open(dir: &tempfile::TempDir) -> Router {
    let database = Database::open_in(dir.path(), "decide", store::SCHEMA, store::SEED).unwrap();
    bff().unwrap().with_state(database).router().unwrap()
}

async fn get(query: &str) -> (u16, String) {
    let dir = tempfile::tempdir().unwrap();
    let request = Request::get(format!("/fragments/product?{query}"))
        .body(Body::empty())
        .unwrap();
    let response = open(&dir).oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn the_variant_in_the_address_is_shown() {
    let (status, html) = get("id=AU-02&sku=AU-02-TE").await;
    assert_eq!(status, 200);
    for text in [
        "<title>Sixpence, Mallard · Marquetry Tractors</title>",
        "<h1 class=\"de-product__name\">Sixpence</h1>",
        "src=\"/static/products/AU-02-TE.svg\"",
        "alt=\"Sixpence in Mallard\"",
        "href=\"/product/AU-02?sku=AU-02-MA\"",
        "<fragment-slot src=\"checkout/add-to-cart?sku=AU-02-TE\"",
        "<fragment-slot src=\"explore/recommendations?skus=AU-02-TE\"",
        "€58,400",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert_eq!(html.matches("aria-current=\"true\"").count(), 1);
    assert_eq!(html.matches("<h1").count(), 1);
    assert!(!html.contains("style="), "the page's policy forbids inline style");
}

#[tokio::test]
async fn without_a_variant_or_with_an_unknown_one_the_first_is_shown() {
    for query in [
        "id=AU-02",
        "id=AU-02&sku=",
        "id=AU-02&sku=CL-01-MG",
        "id=AU-02&sku=%00%22%3E",
    ] {
        let (status, html) = get(query).await;
        assert_eq!(status, 200, "{query}");
        assert!(html.contains("add-to-cart?sku=AU-02-MA"), "{query}: {html}");
    }
}

#[tokio::test]
async fn an_unknown_product_is_a_friendly_404() {
    for query in [
        "id=AU-99",
        "",
        "id=%27%20OR%201%3D1",
        "id=%3Cscript%3E&sku=%3Cscript%3E",
    ] {
        let (status, html) = get(query).await;
        assert_eq!(status, 404, "{query}");
        assert!(
            html.contains("No such tractor") && html.contains("href=\"/products\""),
            "{query}: {html}"
        );
        assert!(!html.contains("<script>"), "{query}: {html}");
    }
}
