//! The BFF as the composer sees it: requests in, fragments out.

use axum::{Router, body::Body, http::Request};
use bff_kit::sqlite::Database;
use http_body_util::BodyExt;
use tempfile::TempDir;
use tower::ServiceExt;

use super::*;

const BASE: &str = "/_m/app/explore@1.0.0";

struct Shop {
    router: Router,
    // Kept for as long as the database in it is in use.
    _dir: TempDir,
}

impl Shop {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::open_in(dir.path(), "explore", SCHEMA, SEED).unwrap();
        Self {
            router: bff().unwrap().with_state(database).router().unwrap(),
            _dir: dir,
        }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let request = Request::get(path)
            .header("marquetry-base", BASE)
            .body(Body::empty())
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn ok(&self, path: &str) -> String {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// The names of the cards, in their order.
    async fn cards(&self, path: &str) -> Vec<String> {
        let body = self.ok(path).await;
        let links = body.split("class=\"m-card__link\"").skip(1);
        links.map(|rest| between(rest, ">", "</a>").to_owned()).collect()
    }
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let rest = &text[text.find(start).unwrap() + start.len()..];
    &rest[..rest.find(end).unwrap()]
}

#[tokio::test]
async fn every_fragment_has_its_boundary_and_nothing_that_the_csp_forbids() {
    let shop = Shop::open();
    for name in [
        "home",
        "category",
        "stores",
        "header",
        "footer",
        "recommendations",
        "store-picker",
    ] {
        let body = shop.ok(&format!("/fragments/{name}")).await;
        let boundary = format!("<div data-root data-boundary=\"explore/{name}\">");
        assert!(body.contains(&boundary), "{name}: {body}");
        for forbidden in [" style=", "<style", " onclick", "javascript:", "<script>"] {
            assert!(!body.contains(forbidden), "{name} has `{forbidden}`");
        }
    }
}

#[tokio::test]
async fn pages_have_one_h1_and_a_title() {
    let shop = Shop::open();
    for name in [
        "home",
        "category",
        "stores",
        "category?category=classics",
        "category?category=no",
    ] {
        let (_, body) = shop.get(&format!("/fragments/{name}")).await;
        assert_eq!(body.matches("<h1").count(), 1, "{name}");
        assert!(body.starts_with("<head><title>"), "{name}");
    }
}

#[tokio::test]
async fn a_category_shows_its_own_tractors() {
    let shop = Shop::open();
    let body = shop.ok("/fragments/category?category=autonomous").await;
    assert!(body.contains("<title>Autonomous · Marquetry Tractors</title>"));
    assert!(body.contains("href=\"/product/AU-01\"") && !body.contains("href=\"/product/CL-01\""));
    assert_eq!(shop.cards("/fragments/category").await.len(), 15);
}

#[tokio::test]
async fn an_unknown_category_is_a_friendly_404() {
    let (status, body) = Shop::open().get("/fragments/category?category=%3Cb%3E").await;
    assert_eq!(status, 404);
    assert!(body.contains("data-boundary=\"explore/category\"") && body.contains("href=\"/products\""));
    assert!(!body.contains("<b>"));
}

#[tokio::test]
async fn tractors_are_sorted_and_narrowed_by_address() {
    let shop = Shop::open();
    let by_name = shop.cards("/fragments/category?category=classics&sort=name").await;
    assert!(by_name.is_sorted(), "{by_name:?}");
    let cheap = shop.cards("/fragments/category?sort=price&filter=under-25k").await;
    assert_eq!(cheap.first().map(String::as_str), Some("Thimble"));
    let dear = shop.cards("/fragments/category?sort=price-down").await;
    assert_eq!((dear[0].as_str(), dear[14].as_str()), ("Sundial", "Thimble"));
}

#[tokio::test]
async fn an_order_that_is_not_known_is_said_and_does_no_harm() {
    let shop = Shop::open();
    let odd = "/fragments/category?category=classics&sort=%3Cscript%3E&filter=1%20OR%201";
    let body = shop.ok(odd).await;
    assert!(body.contains("know that order") && body.contains("know that price range"));
    assert!(!body.contains("<script>"));
    assert_eq!(
        shop.cards(odd).await,
        shop.cards("/fragments/category?category=classics").await
    );
}

#[tokio::test]
async fn a_band_without_tractors_offers_a_way_out() {
    let body = Shop::open()
        .ok("/fragments/category?category=autonomous&filter=under-25k&sort=name")
        .await;
    assert!(body.contains("No tractors") && body.contains("href=\"/products/autonomous?sort=name\""));
}

#[tokio::test]
async fn recommendations_are_four_of_the_nearest_colours_among_other_products() {
    let shop = Shop::open();
    let body = shop.ok("/fragments/recommendations?skus=CL-01-RR").await;
    assert!(body.contains("In kindred colours"));
    assert_eq!(body.matches("<article").count(), 4);
    // Four others come in exactly the same red.
    assert!(body.contains("/product/AU-06?sku=AU-06-RR") && body.contains("/product/CL-03?sku=CL-03-RR"));
    assert!(!body.contains("/product/CL-01"));
}

#[tokio::test]
async fn recommendations_without_a_known_sku_are_popular_ones() {
    let shop = Shop::open();
    let long = format!("/fragments/recommendations?skus={}", "x,".repeat(900));
    for path in [
        "/fragments/recommendations",
        "/fragments/recommendations?skus=,%27;--,ZZ-99",
        &long,
    ] {
        let body = shop.ok(path).await;
        assert!(body.contains("Much loved by others"), "{path}");
        assert_eq!(body.matches("<article").count(), 4, "{path}");
    }
}

#[tokio::test]
async fn the_header_has_the_cart_and_marks_the_section() {
    let shop = Shop::open();
    let body = shop.ok("/fragments/header?current=stores").await;
    assert!(body.contains("<fragment-slot src=\"checkout/mini-cart\""), "{body}");
    assert_eq!(body.matches("aria-current=").count(), 1);
    assert!(between(&body, "href=\"/stores\"", ">").contains("aria-current=\"true\""));
    assert!(
        !shop
            .ok("/fragments/header?current=%3Cb%3E")
            .await
            .contains("aria-current")
    );
}

#[tokio::test]
async fn the_store_picker_is_radio_buttons_with_the_chosen_one_checked() {
    let shop = Shop::open();
    let body = shop.ok("/fragments/store-picker?selected=store-haverkoog").await;
    assert_eq!(body.matches("type=\"radio\" name=\"pickup\"").count(), 6, "{body}");
    assert!(between(&body, "value=\"store-haverkoog\"", ">").contains("checked"));
    assert!(
        body.contains("<summary class=\"m-button\">Haverkoog Dyke House</summary>"),
        "{body}"
    );
    let none = shop.ok("/fragments/store-picker?selected=nowhere").await;
    assert!(!between(&none, "data-root", "</div>").contains(" checked"));
}

#[test]
fn the_layouts_differ_in_the_current_section_only() {
    let shop = include_str!("../layouts/shop.html");
    for (section, layout) in [
        ("tractors", include_str!("../layouts/shop-tractors.html")),
        ("stores", include_str!("../layouts/shop-stores.html")),
    ] {
        assert_eq!(layout.replace(&format!("?current={section}"), ""), shop);
    }
}
