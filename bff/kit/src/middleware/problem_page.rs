//! A problem as a page, for a browser that posted a form without script.

use std::fmt::Write;

use axum::{
    extract::Request,
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderMap, header};

use crate::{Problem, markup::Escaped, wants_json};

pub(crate) async fn problem_page(request: Request, next: Next) -> Response {
    let page = wants_page(request.headers());
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) if page => (problem.status(), Html(html(&problem))).into_response(),
        _ => response,
    }
}

fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html")) && !wants_json(headers)
}

fn html(problem: &Problem) -> String {
    let title = Escaped(problem.title_text());
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><main><h1>{title}</h1>"
    );
    // Writing to a `String` cannot fail.
    if let Some(detail) = problem.detail_text() {
        let _ = write!(page, "<p>{}</p>", Escaped(detail));
    }
    if !problem.fields().is_empty() {
        page.push_str("<dl>");
        for (name, rule) in problem.fields() {
            let _ = write!(page, "<dt>{}</dt><dd>{}</dd>", Escaped(name), Escaped(rule));
        }
        page.push_str("</dl>");
    }
    page.push_str("<p>Please go back and try again.</p></main></html>");
    page
}
