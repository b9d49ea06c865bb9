//! Reads what a call says: names in its path, its query, its JSON. What breaks a rule is told with field and rule.

use std::{fmt::Display, str::FromStr, time::Duration};

use axum::{
    body::to_bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header, request::Parts};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use super::{access::Caller, failure::Failure, json::read};

/// Longest body of JSON.
pub(crate) const JSON_BYTES: usize = 1 << 20;
/// Longest file.
pub(crate) const BLOB_BYTES: usize = 64 << 20;
/// Time for a whole body of JSON.
const JSON_TIME: Duration = Duration::from_secs(30);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Failure::new(StatusCode::UNAUTHORIZED, "this call needs a token"))
    }
}

/// The names in the path, in order.
pub(crate) struct Named<T>(pub(crate) T);

/// A type made of the names in a path.
pub(crate) trait FromPath: Sized {
    fn from_path(names: &[(String, String)]) -> Result<Self, Failure>;
}

impl<T> FromPath for T
where
    T: FromStr<Err: Display>,
{
    fn from_path(names: &[(String, String)]) -> Result<Self, Failure> {
        parse(names, 0)
    }
}

/// Two names in one path.
pub(crate) struct Both<A, B>(pub(crate) A, pub(crate) B);

impl<A: FromStr<Err: Display>, B: FromStr<Err: Display>> FromPath for Both<A, B> {
    fn from_path(names: &[(String, String)]) -> Result<Self, Failure> {
        Ok(Self(parse(names, 0)?, parse(names, 1)?))
    }
}

fn parse<T: FromStr<Err: Display>>(names: &[(String, String)], at: usize) -> Result<T, Failure> {
    let (name, value) = names
        .get(at)
        .ok_or_else(|| Failure::not_found("there is no such call"))?;
    let parsed = value.parse();
    parsed.map_err(|error| Failure::broken(format!("`{name}` in the path: {error}")))
}

impl<S: Send + Sync, T: FromPath> FromRequestParts<S> for Named<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let path = Path::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Path(names) = path.map_err(|_| Failure::broken("the path must be UTF-8, percent-encoded"))?;
        T::from_path(&names).map(Self)
    }
}

/// The query, every parameter of it known.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let query = Query::<T>::try_from_uri(&parts.uri);
        let Query(query) = query.map_err(|error| Failure::broken(chain("the query", &error)))?;
        Ok(Self(query))
    }
}

/// A body of JSON.
pub(crate) struct Sent<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Serialize> FromRequest<S> for Sent<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        expect_type(request.headers(), "application/json")?;
        read(&whole(request).await?).map(Self)
    }
}

/// A body of JSON that may be left out altogether.
pub(crate) struct SentOrUsual<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Serialize> FromRequest<S> for SentOrUsual<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        if request.headers().contains_key(header::CONTENT_TYPE) {
            expect_type(request.headers(), "application/json")?;
            return read(&whole(request).await?).map(Self);
        }
        let body = whole(request).await?;
        if !body.is_empty() {
            return Err(unsupported("application/json"));
        }
        read(b"{}").map(Self)
    }
}

/// The bytes of a file, and its place among the uploads under way.
pub(crate) struct Blob(pub(crate) Bytes, pub(crate) SemaphorePermit<'static>);

/// Files that may be in memory at once.
static UPLOADS: Semaphore = Semaphore::const_new(8);
/// How long a file may wait for its place.
const UPLOAD_WAIT: Duration = Duration::from_secs(20);

impl<S: Send + Sync> FromRequest<S> for Blob {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        expect_type(request.headers(), "application/octet-stream")?;
        let Ok(Ok(place)) = timeout(UPLOAD_WAIT, UPLOADS.acquire()).await else {
            return Err(Failure::unavailable("too many files are under way, try again soon"));
        };
        let bytes = to_bytes(request.into_body(), BLOB_BYTES).await;
        let too_long = || {
            Failure::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("a file has at most {BLOB_BYTES} bytes"),
            )
        };
        Ok(Self(bytes.map_err(|_| too_long())?, place))
    }
}

async fn whole(request: Request) -> Result<Bytes, Failure> {
    let read = to_bytes(request.into_body(), JSON_BYTES);
    match timeout(JSON_TIME, read).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => {
            let detail = format!("a body of JSON has at most {JSON_BYTES} bytes");
            Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, detail))
        }
        Err(_) => Err(Failure::new(StatusCode::REQUEST_TIMEOUT, "the body took too long")),
    }
}

fn expect_type(headers: &HeaderMap, wanted: &'static str) -> Result<(), Failure> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let one = values.next().filter(|_| values.next().is_none());
    let text = one.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = text.split(';').map(str::trim);
    let same = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case(wanted));
    let utf8 = parts.all(|part| match part.split_once('=') {
        Some((name, charset)) if name.eq_ignore_ascii_case("charset") => {
            charset.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    if same && utf8 { Ok(()) } else { Err(unsupported(wanted)) }
}

fn unsupported(wanted: &str) -> Failure {
    let detail = format!("the body must be sent with `content-type: {wanted}`");
    Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
}

fn chain(what: &str, error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    format!("{what}: {innermost}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_only_what_says_so() {
        let check = |value: &str| {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().unwrap())]);
            expect_type(&headers, "application/json").is_ok()
        };
        assert!(check("application/json") && check("Application/JSON; charset=UTF-8"));
        for other in [
            "",
            "text/plain",
            "application/jsonp",
            "application/json; charset=latin1",
            "text/plain;application/json",
        ] {
            assert!(!check(other), "{other}");
        }
        assert!(expect_type(&HeaderMap::new(), "application/json").is_err());
    }
}
