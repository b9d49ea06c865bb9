//! The BFF, as the composer and browsers ask it; no socket, a database for each test.

use axum::{Router, body::Body, http::Request};
use bff_kit::sqlite::Database;
use http_body_util::BodyExt;
use {{crate}}_bff::{SCHEMA, bff};
use tower::ServiceExt;

const BASE: &str = "/_m/app/{{app}}@0.1.0";

fn open(dir: &tempfile::TempDir) -> Router {
    let database = Database::open_in(dir.path(), "{{app}}", SCHEMA, "").unwrap();
    bff().unwrap().with_state(database).router().unwrap()
}

async fn ask(router: &Router, request: Request<Body>) -> (u16, String, String) {
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let location = response.headers().get("location").map_or("", |to| to.to_str().unwrap()).to_owned();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, location, String::from_utf8(bytes.to_vec()).unwrap())
}

async fn get(router: &Router, path: &str) -> (u16, String) {
    let request = Request::get(path).header("marquetry-base", BASE).body(Body::empty()).unwrap();
    let (status, _, body) = ask(router, request).await;
    (status, body)
}

fn post(kind: &str, accept: &str, body: &'static str) -> Request<Body> {
    let request = Request::post("/reviews").header("content-type", kind).header("accept", accept);
    request.body(Body::from(body)).unwrap()
}

#[tokio::test]
async fn a_review_that_a_form_sends_is_in_the_list() {
    let dir = tempfile::tempdir().unwrap();
    let router = open(&dir);
    let form = post("application/x-www-form-urlencoded", "text/html", "product=AU-02&author=Ida&stars=4&text=Pulls+well");
    let (status, location, _) = ask(&router, form).await;
{{!page}}    assert_eq!((status, location.as_str()), (303, "/product/AU-02"));
{{?page}}    assert_eq!((status, location.as_str()), (303, "/{{app}}/AU-02"));
    let (status, html) = get(&router, "/fragments/list?product=AU-02").await;
    assert_eq!(status, 200);
    assert!(html.contains("Ida") && html.contains("Pulls well") && html.contains("1 review"), "{html}");
    assert!(html.contains(&format!("action=\"{BASE}/reviews\"")), "{html}");
    let (_, other) = get(&router, "/fragments/list?product=AU-03").await;
    assert!(other.contains("Nobody has written one yet."), "{other}");
}

#[tokio::test]
async fn a_script_gets_the_new_list() {
    let dir = tempfile::tempdir().unwrap();
    let json = r#"{"product":"AU-02","author":"Ida","stars":"5","text":"Yes"}"#;
    let (status, _, body) = ask(&open(&dir), post("application/json", "application/json", json)).await;
    assert_eq!(status, 200, "{body}");
    let want = r#"{"product":"AU-02","reviews":[{"author":"Ida","stars":5,"text":"Yes"}],"count":1}"#;
    assert_eq!(body, want);
}

#[tokio::test]
async fn what_is_wrong_is_said_of_each_field() {
    let dir = tempfile::tempdir().unwrap();
    let router = open(&dir);
    let json = r#"{"product":"AU-02","author":" ","stars":"6","text":"x"}"#;
    let (status, _, body) = ask(&router, post("application/json", "application/json", json)).await;
    assert_eq!(status, 422);
    assert!(body.contains("\"author\":") && body.contains("\"stars\":") && !body.contains("\"text\":"), "{body}");
    for product in ["", "%27%20OR%201%3D1", "%3Cscript%3E", "..%2F"] {
        let (status, _) = get(&router, &format!("/fragments/list?product={product}")).await;
        assert_eq!(status, 404, "{product}");
    }
}
{{?page}}
{{?page}}#[tokio::test]
{{?page}}async fn the_page_has_a_slot_for_the_list() {
{{?page}}    let dir = tempfile::tempdir().unwrap();
{{?page}}    let (status, html) = get(&open(&dir), "/fragments/page?product=AU-02").await;
{{?page}}    assert_eq!(status, 200);
{{?page}}    assert!(html.contains("<fragment-slot src=\"{{app}}/list?product=AU-02\""), "{html}");
{{?page}}    assert!(html.contains("<title>Reviews of AU-02</title>"), "{html}");
{{?page}}}
