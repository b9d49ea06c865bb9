//! One spelling of host and path, before anything routes or logs by them; what HTTP forbids is refused here.

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use contract::Prefix;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, uri::PathAndQuery};

use crate::{
    app::Shared,
    config::Host,
    request::{Canonical, RequestId},
    respond,
    spelling::{self, Unspellable, decode, encode, is_plain},
};

const LONGEST_TARGET_BYTES: usize = 8_192;

/// Why a request goes no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Not HTTP, or not one host.
    Broken(&'static str),
    /// A host of somebody else.
    Misdirected,
    /// A target too long to look at.
    TooLong,
    /// The same thing lives there.
    Elsewhere(String),
}

impl From<Unspellable> for Refusal {
    fn from(Unspellable(why): Unspellable) -> Self {
        Self::Broken(why)
    }
}

/// Refuses what has no canonical spelling; everything after it sees [`Canonical`] and a URI spelled alike.
pub(super) async fn canonical<F: Future<Output = Response>>(
    app: &Shared,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let config = app.config();
    match spell(&request, &config.hosts, app.prefix()) {
        Ok((canonical, uri)) => {
            *request.uri_mut() = uri;
            request.extensions_mut().insert(canonical);
            next(request).await
        }
        Err(refusal) => refuse(refusal, request.extensions().get()),
    }
}

fn refuse(refusal: Refusal, id: Option<&RequestId>) -> Response {
    let status = match refusal {
        Refusal::Broken(why) => {
            tracing::debug!(why, "request refused");
            StatusCode::BAD_REQUEST
        }
        Refusal::Misdirected => StatusCode::MISDIRECTED_REQUEST,
        Refusal::TooLong => StatusCode::URI_TOO_LONG,
        Refusal::Elsewhere(to) => {
            return match HeaderValue::try_from(to) {
                Ok(to) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, to)]).into_response(),
                Err(_) => respond::error_page(StatusCode::BAD_REQUEST, id),
            };
        }
    };
    respond::error_page(status, id)
}

fn spell<B>(request: &http::Request<B>, hosts: &[Host], prefix: &Prefix) -> Result<(Canonical, Uri), Refusal> {
    let uri = request.uri();
    if *request.method() == Method::CONNECT || uri.path() == "*" {
        return Err(Refusal::Broken("the target is not a path"));
    }
    let host = host_of(uri, request.headers())?;
    if !hosts.is_empty() && !hosts.iter().any(|known| known.covers(&host)) {
        return Err(Refusal::Misdirected);
    }
    let raw = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    if raw.len() > LONGEST_TARGET_BYTES {
        return Err(Refusal::TooLong);
    }
    let path = decode(uri.path())?;
    let query = uri.query().map(str::to_owned);
    if let Some(shorter) = path.strip_suffix('/').filter(|rest| !rest.is_empty())
        && !is_for_a_bff(&path, prefix)
    {
        let safe = matches!(*request.method(), Method::GET | Method::HEAD);
        return Err(match safe {
            true => Refusal::Elsewhere(encode(shorter, query.as_deref())),
            false => Refusal::Broken("the path ends with a slash"),
        });
    }
    let is_spelled = uri.scheme().is_none() && uri.authority().is_none() && is_plain(uri.path());
    let uri = if is_spelled {
        uri.clone()
    } else {
        let spelled = encode(&path, query.as_deref());
        Uri::try_from(spelled).map_err(|_| Refusal::Broken("the target is not a path"))?
    };
    let path = path.into_owned();
    Ok((Canonical { host, path, query }, uri))
}

/// Of paths of BFFs the BFF says what they mean.
fn is_for_a_bff(path: &str, prefix: &Prefix) -> bool {
    let rest = path.strip_prefix(prefix.as_str());
    rest.is_some_and(|rest| rest.starts_with("/app/"))
}

/// The one host that the request names (RFC 9112 §3.2, RFC 9113 §8.3.1).
fn host_of(uri: &Uri, headers: &HeaderMap) -> Result<String, Refusal> {
    let read = |text: &str| spelling::host(text).ok_or(Refusal::Broken("the host is not a host"));
    let mut fields = headers.get_all(header::HOST).iter();
    let field = match (fields.next(), fields.next()) {
        (Some(field), None) => Some(field.to_str().map_err(|_| Refusal::Broken("the host is not a host"))?),
        (None, _) => None,
        (Some(_), Some(_)) => return Err(Refusal::Broken("more than one host")),
    };
    let target = uri.authority().map(|authority| authority.as_str());
    match (target, field) {
        (None, None) => Err(Refusal::Broken("no host")),
        (Some(one), None) | (None, Some(one)) => read(one),
        (Some(target), Some(field)) => {
            let (target, field) = (read(target)?, read(field)?);
            let same = target == field;
            same.then_some(target).ok_or(Refusal::Broken("target and host differ"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &str, target: &str, hosts: &[&str]) -> Result<(String, String), Refusal> {
        let mut request = http::Request::builder().method(method).uri(target);
        for host in hosts {
            request = request.header("host", *host);
        }
        let known = ["shop.example".parse().unwrap()];
        spell(&request.body(()).unwrap(), &known, &Prefix::default()).map(|(seen, uri)| (seen.path, uri.to_string()))
    }

    #[test]
    fn a_path_has_one_spelling() {
        let same = |target: &str, path: &str, uri: &str| {
            let found = check("GET", target, &["shop.example"]).unwrap();
            assert_eq!(found, (path.into(), uri.into()), "{target}");
        };
        same("/", "/", "/");
        same("/products?a=%2F//..", "/products", "/products?a=%2F//..");
        same("/%70roducts/caf%c3%a9", "/products/café", "/products/caf%C3%A9");
        same("/a%20b%3Fc%25", "/a b?c%", "/a%20b%3Fc%25");
        same(
            "/_m/app/x@1.0.0/cart/",
            "/_m/app/x@1.0.0/cart/",
            "/_m/app/x@1.0.0/cart/",
        );
        same("http://shop.example/a", "/a", "/a");
        same("/...", "/...", "/...");
    }

    #[test]
    fn a_trailing_slash_goes_elsewhere() {
        let elsewhere = Err(Refusal::Elsewhere("/products/a%20b?x=1".into()));
        assert_eq!(check("GET", "/products/a%20b/?x=1", &["shop.example"]), elsewhere);
        let post = check("POST", "/products/", &["shop.example"]);
        assert!(matches!(post, Err(Refusal::Broken(_))), "{post:?}");
    }

    #[test]
    fn a_path_without_one_spelling_is_refused() {
        for target in [
            "//",
            "//evil.example",
            "/a//b",
            "/a/./b",
            "/a/..",
            "/%2e%2e/a",
            "/a%2Fb",
            "/a%5Cb",
            "/a%00",
            "/a%0a",
            "/%",
            "/%4",
            "/%zz",
            "/%ff",
            "/%c0%af",
            "/%7f",
            "/%C2%85",
            "*",
        ] {
            let found = check("GET", target, &["shop.example"]);
            assert!(matches!(found, Err(Refusal::Broken(_))), "{target}: {found:?}");
        }
        let long = format!("/{}", "a".repeat(LONGEST_TARGET_BYTES));
        assert_eq!(check("GET", &long, &["shop.example"]), Err(Refusal::TooLong));
    }

    #[test]
    fn a_request_names_one_host() {
        for hosts in [
            &[][..],
            &[""],
            &["shop.example", "shop.example"],
            &["shop.example,evil.example"],
            &["u@shop.example"],
            &["shop.example:0"],
            &["shop.example:x"],
            &["shop.example:99999"],
            &["a b"],
            &["shop..example"],
            &["shop.example..:8443"],
            &["/"],
        ] {
            let found = check("GET", "/", hosts);
            assert!(matches!(found, Err(Refusal::Broken(_))), "{hosts:?}: {found:?}");
        }
        assert_eq!(check("GET", "/", &["evil.example"]), Err(Refusal::Misdirected));
        assert!(check("GET", "/", &["SHOP.example.:8443"]).is_ok());
        let other = check("GET", "http://shop.example/", &["evil.example"]);
        assert!(matches!(other, Err(Refusal::Broken(_))), "{other:?}");
    }
}
