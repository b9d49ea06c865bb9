//! Keeps other sites from acting in a user's name.

use http::{HeaderMap, Method, Request, header};

use super::{Refusal, upgrade};

/// Refuses what another site makes a browser send, unless it only reads.
///
/// Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`; programs say neither.
/// A WebSocket begins with GET and is no mere reading: browsers open it across sites, cookies included.
pub(super) fn check<B>(request: &Request<B>, host: &str) -> Result<(), Refusal> {
    if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
        return Err(Refusal::Method);
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if (reads && !upgrade::asks(request.headers())) || is_own(request.headers(), host) {
        Ok(())
    } else {
        Err(Refusal::CrossSite)
    }
}

fn is_own(headers: &HeaderMap, host: &str) -> bool {
    if headers.contains_key("sec-fetch-site") {
        let mut said = headers.get_all("sec-fetch-site").iter();
        return said.all(|site| site == "same-origin" || site == "none");
    }
    headers.get_all(header::ORIGIN).iter().all(|origin| {
        let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        origin.is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &str, headers: &[(&str, &str)]) -> bool {
        let request = headers
            .iter()
            .fold(Request::builder().method(method), |request, (name, value)| {
                request.header(*name, *value)
            });
        super::check(&request.body(()).unwrap(), "shop.example:8443").is_ok()
    }

    #[test]
    fn another_site_may_only_read() {
        for site in ["cross-site", "same-site", "odd"] {
            assert!(check("GET", &[("sec-fetch-site", site)]), "{site}");
            for method in ["POST", "PUT", "DELETE", "PATCH"] {
                assert!(!check(method, &[("sec-fetch-site", site)]), "{method} {site}");
            }
            let socket = [
                ("sec-fetch-site", site),
                ("connection", "Upgrade"),
                ("upgrade", "websocket"),
            ];
            assert!(!check("GET", &socket), "{site}");
        }
        assert!(!check(
            "POST",
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")]
        ));
        assert!(check("POST", &[("sec-fetch-site", "same-origin"), ("origin", "null")]));
    }

    #[test]
    fn without_sec_fetch_site_the_origin_decides() {
        assert!(check("POST", &[]));
        assert!(check("POST", &[("origin", "https://Shop.example:8443")]));
        for origin in [
            "null",
            "https://evil.example",
            "https://shop.example",
            "https://shop.example:8443.evil.example",
        ] {
            assert!(!check("POST", &[("origin", origin)]), "{origin}");
        }
        assert!(!check("TRACE", &[]));
    }
}
