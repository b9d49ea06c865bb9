//! A problem as HTML, for a browser that posted a form without script, and in place of a page's fragment.

use std::fmt::Write;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderMap, header};

use crate::{Problem, markup::Escaped, wants_json};

/// What the HTML is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// A document, sent to a browser.
    Document,
    /// A fragment, laid into a layout: not found looks like the rest of the site.
    Fragment,
}

pub(crate) async fn problem_page(State(shape): State<Shape>, request: Request, next: Next) -> Response {
    let html = wants_html(request.headers());
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) if html => (problem.status(), Html(page(&problem, shape))).into_response(),
        _ => response,
    }
}

fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html")) && !wants_json(headers)
}

fn page(problem: &Problem, shape: Shape) -> String {
    let title = Escaped(problem.title_text());
    let mut content = format!("<h1>{title}</h1>");
    // Writing to a `String` cannot fail.
    if let Some(detail) = problem.detail_text() {
        let _ = write!(content, "<p>{}</p>", Escaped(detail));
    }
    if !problem.fields().is_empty() {
        content.push_str("<dl>");
        for (name, rule) in problem.fields() {
            let _ = write!(content, "<dt>{}</dt><dd>{}</dd>", Escaped(name), Escaped(rule));
        }
        content.push_str("</dl>");
    }
    match shape {
        Shape::Fragment => format!("<head><title>{title}</title></head>{content}"),
        Shape::Document => format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title></head>\
             <body><main>{content}<p>Please go back and try again.</p></main></body></html>"
        ),
    }
}
