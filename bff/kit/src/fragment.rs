//! The reply of a fragment: HTML, and for a page's own fragment what goes into its head.

use std::{
    fmt::{Display, Write},
    time::Duration,
};

use axum::response::{IntoResponse, Response};
use fragments_kit::server::{self, FragmentContext};
use http::{HeaderName, HeaderValue, StatusCode, header};
use leptos::IntoView;
use serde::Serialize;

use crate::{Problem, RequestContext, SetCookie, markup::Escaped};

const CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static("cdn-cache-control");
const CACHE_TAG: HeaderName = HeaderName::from_static("cache-tag");
const DAY_S: u32 = 24 * 3600;

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
    kept_for: Option<Duration>,
    tags: Vec<HeaderValue>,
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
            kept_for: None,
            tags: vec![],
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

    /// Kept by the composer for so long, for all who are given the same params, cookies and headers, and a day longer for when
    /// this BFF fails; browsers ask each time. For what is nobody's own. Whatever isn't status 200 isn't kept.
    pub fn kept_for(mut self, time: Duration) -> Self {
        self.kept_for = Some(time);
        self
    }

    /// With a name by which [`Purge`](crate::Purge) and `marquetry purge` remove it from what is kept; at most 64.
    pub fn tag(mut self, tag: impl Display) -> Self {
        self.tags.extend(HeaderValue::try_from(tag.to_string()));
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
        if let Some(time) = self.kept_for.filter(|_| self.status == StatusCode::OK) {
            let seconds = time.as_secs();
            let terms = format!("max-age={seconds}, stale-while-revalidate={seconds}, stale-if-error={DAY_S}");
            headers.extend(
                HeaderValue::try_from(terms)
                    .ok()
                    .map(|terms| (CDN_CACHE_CONTROL, terms)),
            );
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            for tag in self.tags {
                headers.append(CACHE_TAG, tag);
            }
        }
        for cookie in self.cookies {
            headers.append(header::SET_COOKIE, cookie.value());
        }
        response
    }
}
