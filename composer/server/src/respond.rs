//! Error to reply: the one place that knows both.

use axum::{body::Body, response::Response};
use composer_fetch::FetchError;
use contract::{AppVersion, Role, header as ours};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;
use tracing::{debug, warn};

use crate::{
    compose::{PageError, SlotError, chain},
    request::RequestId,
    security::{self, Nonce},
};

const STYLE: &str = include_str!("error_page.css");
const VERSION_GONE: &str = "/_m/problems/version-gone";
const OTHER_FRAME: &str = "/_m/problems/other-frame";
const OTHER_FRAME_DETAIL: &str = "the page has another layout, load it as a whole";
const GONE_DETAIL: &str = "the version has ended, load the page anew";

/// A page for people that tells the status and the request's id, and no internals.
pub(crate) fn error_page(status: StatusCode, id: Option<&RequestId>) -> Response {
    let (title, text) = words(status);
    let way = ("/", "Go to the start page");
    page_of(status, &Words { title, text, way }, id)
}

/// What a page says, and where it leads.
struct Words<'w> {
    title: &'w str,
    text: &'w str,
    way: (&'w str, &'w str),
}

fn page_of(status: StatusCode, words: &Words<'_>, id: Option<&RequestId>) -> Response {
    let nonce = Nonce::new();
    let mut response = Response::new(Body::from(html(status, words, id, &nonce)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    security::error_page(headers, &nonce);
    finish(&mut response);
    response
}

/// A tab has another layout around its slots than the page that it asks a part of.
pub(crate) fn other_frame(id: Option<&RequestId>) -> Response {
    problem_of(OTHER_FRAME, StatusCode::CONFLICT, OTHER_FRAME_DETAIL, id)
}

/// The end of a version, for programs: a tab that was made of it has to be loaded anew.
pub(crate) fn version_gone(version: &AppVersion, id: Option<&RequestId>) -> Response {
    let mut response = problem_of(VERSION_GONE, StatusCode::CONFLICT, GONE_DETAIL, id);
    tell_gone(&mut response, version);
    response
}

/// The same for what asks a version's BFF.
pub(crate) fn bff_gone(version: &AppVersion, id: Option<&RequestId>) -> Response {
    let mut response = problem_of(VERSION_GONE, StatusCode::GONE, GONE_DETAIL, id);
    tell_gone(&mut response, version);
    response
}

/// The same for people; `back` is the page to load anew.
pub(crate) fn gone_page(version: &AppVersion, back: &str, id: Option<&RequestId>) -> Response {
    let words = Words {
        title: "A new version is here",
        text: "The page that you come from has ended, and what you sent was not taken. Load it anew and try once more.",
        way: (back, "Load the page anew"),
    };
    let mut response = page_of(StatusCode::GONE, &words, id);
    tell_gone(&mut response, version);
    response
}

fn tell_gone(response: &mut Response, version: &AppVersion) {
    const GONE: HeaderName = HeaderName::from_static(ours::GONE);
    if let Ok(version) = HeaderValue::try_from(version.to_string()) {
        response.headers_mut().insert(GONE, version);
    }
}

/// A problem for programs (RFC 9457), without internals.
pub(crate) fn problem(status: StatusCode, detail: &str, id: Option<&RequestId>) -> Response {
    problem_of("about:blank", status, detail, id)
}

fn problem_of(kind: &str, status: StatusCode, detail: &str, id: Option<&RequestId>) -> Response {
    let body = json!({
        "type": kind,
        "title": status.canonical_reason().unwrap_or("Error"),
        "status": status.as_u16(),
        "detail": detail,
        "request_id": id.map(RequestId::as_str),
    });
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    security::no_script(headers);
    finish(&mut response);
    response
}

/// The reply in place of a page.
pub(crate) fn page_error(error: &PageError, id: Option<&RequestId>) -> Response {
    error_page(note(error, id), id)
}

/// The reply in place of a fragment.
pub(crate) fn fragment_error(error: &PageError, id: Option<&RequestId>) -> Response {
    let status = note(error, id);
    let detail = match status {
        StatusCode::GATEWAY_TIMEOUT => "the fragment took too long",
        _ if status.is_client_error() => "there is no such fragment",
        _ => "the fragment could not be fetched",
    };
    problem(status, detail, id)
}

fn note(error: &PageError, id: Option<&RequestId>) -> StatusCode {
    let status = status_of(error);
    let (id, error) = (id.map(RequestId::as_str), chain(error));
    if status.is_server_error() {
        warn!(request.id = id, http.status = status.as_u16(), error, "page failed");
    } else {
        debug!(request.id = id, http.status = status.as_u16(), error, "page refused");
    }
    status
}

fn status_of(error: &PageError) -> StatusCode {
    match error {
        PageError::NoRoute => StatusCode::NOT_FOUND,
        PageError::Method => StatusCode::METHOD_NOT_ALLOWED,
        PageError::Deadline { .. } => StatusCode::GATEWAY_TIMEOUT,
        PageError::Redirect { .. } => StatusCode::BAD_GATEWAY,
        PageError::Headless => StatusCode::INTERNAL_SERVER_ERROR,
        PageError::Fragment { role, source, .. } => match source {
            SlotError::Fetch(error) => fetch_status(error, *role),
            SlotError::Stitch(_) => StatusCode::BAD_GATEWAY,
        },
    }
}

/// The status that a failed fetch stands for. Only the page's own fragment can say that something is wrong with what was
/// asked for: another one was asked by the page.
fn fetch_status(error: &FetchError, role: Role) -> StatusCode {
    match error.root() {
        FetchError::Deadline { .. } => StatusCode::GATEWAY_TIMEOUT,
        FetchError::NoInstance
        | FetchError::Forbidden(_)
        | FetchError::Connect(_)
        | FetchError::Busy { .. }
        | FetchError::Full { .. }
        | FetchError::Open { .. } => StatusCode::SERVICE_UNAVAILABLE,
        // The BFF waited in vain for the composer; a browser would take it for itself, and ask again.
        FetchError::Status(StatusCode::REQUEST_TIMEOUT) => StatusCode::BAD_GATEWAY,
        FetchError::Status(StatusCode::SERVICE_UNAVAILABLE) => StatusCode::SERVICE_UNAVAILABLE,
        FetchError::Status(status) if role == Role::Primary && status.is_client_error() => *status,
        _ => StatusCode::BAD_GATEWAY,
    }
}

fn finish(response: &mut Response) {
    let status = response.status();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        _ => {}
    }
}

fn html(status: StatusCode, words: &Words<'_>, id: Option<&RequestId>, nonce: &Nonce) -> String {
    let Words { title, text, way } = words;
    let (way, label) = (way.0.replace('&', "&amp;").replace('"', "&quot;"), way.1);
    let code = status.as_u16();
    let nonce = nonce.as_str();
    let again = if status.is_server_error() {
        r#"<a class="quiet" href="">Try again</a>"#
    } else {
        ""
    };
    let id = id
        .map(|id| format!("<p class=\"id\">Request <code>{id}</code></p>"))
        .unwrap_or_default();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n<style nonce=\"{nonce}\">{STYLE}</style>\n\
         </head>\n<body>\n<main>\n<p class=\"code\">{code}</p>\n<h1>{title}</h1>\n<p>{text}</p>\n\
         <p class=\"ways\"><a href=\"{way}\">{label}</a>{again}</p>\n{id}\n</main>\n</body>\n</html>\n"
    )
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status.as_u16() {
        404 => (
            "Nothing is here",
            "No page has this address. It may have moved, or the link has a mistake in it.",
        ),
        405 => ("That can't be done here", "This address can be read, and nothing else."),
        408 => (
            "That took too long",
            "Your browser stopped sending. Please try once more.",
        ),
        410 => (
            "This is gone",
            "The version that this address belongs to is no longer live. Load the page anew.",
        ),
        413 | 414 | 431 => (
            "That was too much",
            "What your browser sent is longer than what is taken here.",
        ),
        500 => ("Something broke", "That is our fault, and it has been written down."),
        502 => (
            "This page can't be shown",
            "A part that it can't do without gave no proper answer.",
        ),
        503 => (
            "Not available right now",
            "A part of this page is being restarted or has too much to do. Please try again soon.",
        ),
        504 => (
            "That took too long",
            "A part that this page can't do without did not answer in time.",
        ),
        code if code < 500 => (
            "That doesn't work",
            "Your browser's request makes no sense at this address.",
        ),
        _ => ("Something broke", "Please try again soon."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_page_has_its_style_by_nonce_and_no_script() {
        let id = RequestId::new();
        let response = error_page(StatusCode::BAD_GATEWAY, Some(&id));
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next())
            .unwrap();
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        let (title, text) = words(StatusCode::BAD_GATEWAY);
        let way = ("/?a=\"&b", "Back");
        let words = Words { title, text, way };
        let page = html(StatusCode::BAD_GATEWAY, &words, Some(&id), &Nonce::new());
        assert!(page.contains("<a href=\"/?a=&quot;&amp;b\">Back</a>"), "{page}");
        assert!(page.contains(id.as_str()) && !page.contains("<script") && !page.contains("style="));
        assert_eq!(nonce.len(), 24);
    }

    #[test]
    fn a_failed_fetch_has_its_status() {
        let check = |error: FetchError| fetch_status(&error, Role::Primary).as_u16();
        assert_eq!(
            check(FetchError::Deadline {
                limit: std::time::Duration::ZERO
            }),
            504
        );
        assert_eq!(check(FetchError::Status(StatusCode::NOT_FOUND)), 404);
        assert_eq!(check(FetchError::Status(StatusCode::REQUEST_TIMEOUT)), 502);
        assert_eq!(check(FetchError::Status(StatusCode::INTERNAL_SERVER_ERROR)), 502);
        assert_eq!(check(FetchError::Refused("is odd")), 502);
        assert_eq!(check(FetchError::Busy { limit: 1 }), 503);
        let essential = |code: u16| {
            let status = StatusCode::from_u16(code).unwrap();
            fetch_status(&FetchError::Status(status), Role::Essential).as_u16()
        };
        for (said, shown) in [(404, 502), (401, 502), (410, 502), (302, 502), (500, 502), (503, 503)] {
            assert_eq!(essential(said), shown, "{said}");
        }
    }
}
