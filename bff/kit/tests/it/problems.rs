//! Replies of failure.

use axum::{body::Body, routing::post};
use bff_kit::{Form, Json, Problem, Query, Sent};
use http::Request;
use serde::Deserialize;
use serde_json::json;

use crate::{Answer, ask, bff, get, send, with_route};

#[derive(Deserialize)]
struct Add {
    sku: String,
}

async fn post_to(handler: axum::routing::MethodRouter<()>, kind: &str, accept: &str, body: &str) -> Answer {
    let request = Request::post("/add")
        .header("content-type", kind)
        .header("accept", accept);
    send(
        with_route("/add", handler),
        request.body(Body::from(body.to_owned())).unwrap(),
    )
    .await
}

#[tokio::test]
async fn any_error_is_an_internal_problem_that_tells_nothing() {
    let handler = async || -> Result<&'static str, Problem> {
        "x".parse::<u32>()?;
        Ok("no")
    };
    let answer = ask(with_route("/x", axum::routing::get(handler)), get("/x")).await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(
        answer.json(),
        json!({"type": "about:blank", "title": "Internal Server Error", "status": 500})
    );
}

#[tokio::test]
async fn a_panic_is_a_problem_of_one_request() {
    let handler = async || -> &'static str { panic!("as a test") };
    let router = with_route("/x", axum::routing::get(handler));
    assert_eq!(ask(router.clone(), get("/x")).await.status(), 500);
    assert_eq!(ask(router, get("/fragments/mini-cart")).await.text(), "cart");
}

#[tokio::test]
async fn fields_of_a_form_have_their_own_words() {
    let handler = async |Form(add): Form<Add>| Problem::invalid([("sku", format!("there is no `{}`", add.sku))]);
    let form = "application/x-www-form-urlencoded";
    let answer = post_to(post(handler), form, "application/json", "sku=%3Cb%3E").await;
    assert_eq!(
        (answer.status(), &answer.json()["fields"]),
        (422, &json!({"sku": "there is no `<b>`"}))
    );
    let page = post_to(post(handler), form, "text/html,*/*", "sku=%3Cb%3E").await;
    assert_eq!(
        (page.status(), page.header("content-type")),
        (422, "text/html; charset=utf-8")
    );
    assert!(
        page.text().contains("<dt>sku</dt><dd>there is no `&lt;b&gt;`</dd>"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn bodies_and_params_that_do_not_fit_are_problems() {
    let check = |answer: Answer, status: u16| {
        let problem = answer.json();
        assert_eq!(
            (answer.status(), &problem["status"]),
            (status, &json!(status)),
            "{problem}"
        );
        assert!(problem["detail"].is_string(), "{problem}");
    };
    let form = async |Form(add): Form<Add>| add.sku;
    let json = async |Json(add): Json<Add>| add.sku;
    check(
        post_to(post(form), "application/x-www-form-urlencoded", "", "a=b").await,
        422,
    );
    check(post_to(post(form), "text/plain", "", "sku=b").await, 415);
    check(post_to(post(json), "application/json", "", "{").await, 400);
    check(post_to(post(json), "application/json", "", r#"{"sku":1}"#).await, 422);
    let long = format!(r#"{{"sku":"{}"}}"#, "x".repeat(300 << 10));
    check(post_to(post(json), "application/json", "", &long).await, 413);
    let query = async |Query(add): Query<Add>| add.sku;
    check(
        ask(with_route("/x", axum::routing::get(query)), get("/x?y=1")).await,
        400,
    );
}

#[tokio::test]
async fn a_page_that_is_not_found_is_laid_into_its_layout() {
    let handler = async || Problem::not_found("No such <product>").detail("It may have been sold.");
    let router = bff().fragment("mini-cart", handler).router().unwrap();
    let answer = ask(router, get("/fragments/mini-cart").header("accept", "text/html")).await;
    let want = "<head><title>No such &lt;product&gt;</title></head>\
        <h1>No such &lt;product&gt;</h1><p>It may have been sold.</p>";
    assert_eq!((answer.status(), answer.text()), (404, want));
}

#[tokio::test]
async fn one_handler_takes_forms_and_json() {
    let either = async |Sent(add): Sent<Add>| add.sku;
    let form = post_to(post(either), "application/x-www-form-urlencoded", "", "sku=AU-02").await;
    let json = post_to(
        post(either),
        "Application/JSON; charset=utf-8",
        "",
        r#"{"sku":"AU-02"}"#,
    )
    .await;
    assert_eq!((form.text(), json.text()), ("AU-02", "AU-02"));
    assert_eq!(post_to(post(either), "text/plain", "", "sku=AU-02").await.status(), 415);
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let router = with_route("/add", post(async || "added"));
    assert_eq!(ask(router.clone(), get("/nowhere")).await.json()["status"], 404);
    assert_eq!(ask(router, get("/add")).await.json()["status"], 405);
}
