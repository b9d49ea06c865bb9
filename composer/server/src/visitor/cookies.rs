//! The composer's own cookies: read one, and write it or its end.

use http::{HeaderMap, HeaderValue, header};

/// The value of the cookie `name`, the first one where there are several.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let fields = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|field| field.to_str().ok());
    let pairs = fields.flat_map(|field| field.split(';'));
    let mut found = pairs.filter_map(|pair| pair.trim().split_once('='));
    found.find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// A cookie that scripts don't see and other sites don't send along, for `max_age_s` seconds.
///
/// `None` when the value is none for a cookie.
pub(crate) fn lasting(name: &str, value: &str, max_age_s: u64, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}");
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    plain.then(|| HeaderValue::try_from(text).ok())?
}

/// The end of a cookie.
pub(crate) fn ended(name: &str, secure: bool) -> Option<HeaderValue> {
    lasting(name, "", 0, secure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append("cookie", HeaderValue::from_static("a=1;b=2 ; c"));
        headers.append("cookie", HeaderValue::from_static("xb=3; b=4"));
        assert_eq!(cookie(&headers, "b"), Some("2"));
        assert_eq!(cookie(&headers, "xb"), Some("3"));
        assert_eq!(cookie(&headers, "c"), None);
    }

    #[test]
    fn a_cookie_is_kept_from_scripts_and_other_sites() {
        let set = lasting("a", "b.c", 60, true).unwrap();
        assert_eq!(set, "a=b.c; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(
            ended("a", false).unwrap(),
            "a=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        );
        assert_eq!(lasting("a", "b; Domain=x", 60, true), None);
    }
}
