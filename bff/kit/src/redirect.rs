//! The reply to a form: go and see (303).

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::Problem;

/// A redirect to a path of the same site.
#[derive(Debug, Clone)]
pub struct Redirect(HeaderValue);

/// Sends the browser to `path` of the same site, by GET.
///
/// # Errors
/// A problem 400 when `path` could lead to another site: where it comes from user input, that must not be possible.
pub fn redirect(path: &str) -> Result<Redirect, Problem> {
    let plain = |b: u8| (0x21..=0x7e).contains(&b) && b != b'\\';
    let same_site = path.starts_with('/') && !path.starts_with("//") && path.len() <= 2048 && path.bytes().all(plain);
    HeaderValue::from_str(path)
        .ok()
        .filter(|_| same_site)
        .map(Redirect)
        .ok_or_else(|| Problem::bad_request("The address to go on to is not one of this site"))
}

impl IntoResponse for Redirect {
    fn into_response(self) -> Response {
        (StatusCode::SEE_OTHER, [(header::LOCATION, self.0)]).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_taken() {
        for good in ["/", "/checkout/cart", "/a?b=%C3%A4#c"] {
            assert!(redirect(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "cart",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a b",
            "/a\r\nx: y",
            "/ä",
            "\t//e",
            "/\t/evil.example",
        ] {
            assert!(redirect(bad).is_err(), "{bad}");
        }
    }
}
