//! Files served as they are, out of `static_dir`.

use std::path::Path;

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use http::{HeaderValue, StatusCode, Uri, header};
use tower_http::services::ServeDir;

use crate::{
    app::App,
    request::{Canonical, RequestId},
    respond,
    spelling::encode,
};

const AS_TOLD: HeaderValue = HeaderValue::from_static("nosniff");
/// A picture opened by itself is a document; none of its scripts run.
const NO_SCRIPT: HeaderValue =
    HeaderValue::from_static("script-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'");
const FOR_AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// Serves `/static/<path>`.
pub(super) async fn get_file(State(app): State<App>, request: Request) -> Response {
    let path = request
        .extensions()
        .get::<Canonical>()
        .map(|canonical| canonical.path.clone());
    let file = path.as_deref().and_then(|path| path.strip_prefix("/static/"));
    serve(&app, file.unwrap_or_default(), request).await
}

/// Serves the picture that browsers ask for by themselves.
pub(super) async fn get_favicon(State(app): State<App>, request: Request) -> Response {
    serve(&app, "favicon.svg", request).await
}

/// Serves what crawlers ask for.
pub(super) async fn get_robots(State(app): State<App>, request: Request) -> Response {
    serve(&app, "robots.txt", request).await
}

/// Answers the composer's own addresses that don't exist.
pub(super) async fn not_found(request: Request) -> Response {
    missing(request.extensions().get())
}

async fn serve(app: &App, file: &str, mut request: Request) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    let config = app.config();
    let Some(folder) = config.static_dir.as_ref().filter(|_| is_public(file)) else {
        return missing(id.as_ref());
    };
    if !stays_within(folder, file).await {
        return missing(id.as_ref());
    }
    let Ok(uri) = Uri::try_from(encode(&format!("/{file}"), None)) else {
        return missing(id.as_ref());
    };
    *request.uri_mut() = uri;
    let files = ServeDir::new(folder)
        .append_index_html_on_directories(false)
        .redirect_to_trailing_slash(false);
    match { files }.try_call(request).await {
        Ok(response) if response.status() == StatusCode::NOT_FOUND => missing(id.as_ref()),
        Ok(response) => {
            let mut response = response.map(Body::new);
            let headers = response.headers_mut();
            headers.insert(header::CACHE_CONTROL, FOR_AN_HOUR);
            headers.insert(header::X_CONTENT_TYPE_OPTIONS, AS_TOLD);
            headers.insert(header::CONTENT_SECURITY_POLICY, NO_SCRIPT);
            response
        }
        Err(error) => {
            tracing::warn!(%error, "static file not read");
            missing(id.as_ref())
        }
    }
}

/// Hidden files are nobody's business.
fn is_public(file: &str) -> bool {
    !file.is_empty() && file.split('/').all(|part| !part.starts_with('.'))
}

/// Follows symbolic links, and tells whether the end lies in `folder`, which is resolved itself.
async fn stays_within(folder: &Path, file: &str) -> bool {
    let end = tokio::fs::canonicalize(folder.join(file)).await;
    end.is_ok_and(|end| end.starts_with(folder))
}

fn missing(id: Option<&RequestId>) -> Response {
    respond::error_page(StatusCode::NOT_FOUND, id)
}
