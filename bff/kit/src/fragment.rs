//! The reply of a fragment: HTML, and for a page's own fragment what goes into its head.

use std::fmt::Write;

use axum::response::{IntoResponse, Response};
use fragments_kit::server::{self, FragmentContext};
use http::{HeaderValue, StatusCode, header};
use leptos::IntoView;
use serde::Serialize;

use crate::{Problem, RequestContext, SetCookie, markup::Escaped};

/// A fragment's HTML, with status, title, meta and cookies.
///
/// Those four count for the primary fragment of a page only: a fragment never decides for its neighbours.
#[derive(Debug)]
#[must_use]
pub struct Fragment {
    body: Result<String, Problem>,
    status: StatusCode,
    head: String,
    cookies: Vec<SetCookie>,
    cache_control: HeaderValue,
}

impl Fragment {
    /// Renders `view` with `props`; the browser wakes it with the same props (`export_fragments!`).
    pub async fn leptos<P, V>(context: &RequestContext, props: P, view: impl FnOnce(P) -> V) -> Self
    where
        P: Serialize + Clone,
        V: IntoView + 'static,
    {
        let Some(id) = context.fragment.clone() else {
            return Self::of(Err(Problem::internal("only the route of a fragment can render one")));
        };
        let fragment = FragmentContext {
            id,
            base: context.base.clone(),
        };
        Self::of(server::render(&fragment, props, view).await.map_err(Problem::internal))
    }

    /// HTML as it is, which no script of the kit wakes. Whoever writes it escapes what users typed.
    pub fn html(html: impl Into<String>) -> Self {
        Self::of(Ok(html.into()))
    }

    fn of(body: Result<String, Problem>) -> Self {
        Self {
            body,
            status: StatusCode::OK,
            head: String::new(),
            cookies: vec![],
            cache_control: HeaderValue::from_static("no-store"),
        }
    }

    /// With this status: `404` or a `StatusCode`. What is no status is taken as 500.
    pub fn status(mut self, status: impl TryInto<StatusCode>) -> Self {
        self.status = status.try_into().unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self
    }

    /// With this title of the page.
    pub fn title(mut self, title: impl AsRef<str>) -> Self {
        // Writing to a `String` cannot fail.
        let _ = write!(self.head, "<title>{}</title>", Escaped(title.as_ref()));
        self
    }

    /// With `<meta name="description" content="…">` and its like.
    pub fn meta(mut self, name: &str, content: impl AsRef<str>) -> Self {
        let (name, content) = (Escaped(name), Escaped(content.as_ref()));
        let _ = write!(self.head, r#"<meta name="{name}" content="{content}">"#);
        self
    }

    /// With a cookie that the manifest lists.
    pub fn cookie(mut self, cookie: SetCookie) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// With this `cache-control`, which is `no-store` otherwise.
    pub fn cache_control(mut self, value: &'static str) -> Self {
        self.cache_control = HeaderValue::from_static(value);
        self
    }
}

impl IntoResponse for Fragment {
    fn into_response(self) -> Response {
        let body = match self.body {
            Ok(body) => body,
            Err(problem) => return problem.into_response(),
        };
        let html = if self.head.is_empty() {
            body
        } else {
            format!("<head>{}</head>{body}", self.head)
        };
        let mut response = (self.status, html).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.insert(header::CACHE_CONTROL, self.cache_control);
        for cookie in self.cookies {
            headers.append(header::SET_COOKIE, cookie.value());
        }
        response
    }
}
