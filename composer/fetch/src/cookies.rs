//! Cookies by name: of all that a browser sends or a BFF sets, those that an app declares.

use http::{HeaderMap, HeaderValue, header};

/// One `Cookie` header with the cookies in `names`, or none.
pub fn only(headers: &HeaderMap, names: &[String]) -> Option<HeaderValue> {
    let mut kept = Vec::new();
    push_only(headers, names, &mut kept);
    if kept.is_empty() {
        return None;
    }
    let mut value = HeaderValue::from_maybe_shared(bytes::Bytes::from(kept)).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Appends what [`only`] makes to `kept`.
pub(crate) fn push_only(headers: &HeaderMap, names: &[String], kept: &mut Vec<u8>) {
    if names.is_empty() {
        return;
    }
    let start = kept.len();
    for header in headers.get_all(header::COOKIE) {
        for pair in header.as_bytes().split(|b| *b == b';') {
            let pair = pair.trim_ascii();
            let Some(equals) = pair.iter().position(|b| *b == b'=') else {
                continue;
            };
            let name = pair[..equals].trim_ascii_end();
            if names.iter().any(|known| known.as_bytes() == name) {
                if kept.len() > start {
                    kept.extend_from_slice(b"; ");
                }
                kept.extend_from_slice(pair);
            }
        }
    }
}

/// A `Set-Cookie` header without its `Domain`, if it sets a cookie in `names`.
pub fn settable(set_cookie: &HeaderValue, names: &[String]) -> Option<HeaderValue> {
    let bytes = set_cookie.as_bytes();
    let mut parts = bytes.split(|b| *b == b';');
    let pair = parts.next()?;
    let equals = pair.iter().position(|b| *b == b'=')?;
    let name = pair[..equals].trim_ascii();
    if !names.iter().any(|allowed| allowed.as_bytes() == name) {
        return None;
    }
    let is_domain = |attribute: &[u8]| {
        let name = attribute.split(|b| *b == b'=').next().unwrap_or_default();
        name.trim_ascii().eq_ignore_ascii_case(b"domain")
    };
    let mut kept = pair.trim_ascii().to_vec();
    for attribute in parts.filter(|attribute| !is_domain(attribute)) {
        kept.extend_from_slice(b"; ");
        kept.extend_from_slice(attribute.trim_ascii());
    }
    HeaderValue::from_maybe_shared(bytes::Bytes::from(kept)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn an_app_sees_its_own_cookies_only() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("cart=7; session=secret;cartx=1"),
        );
        headers.append(header::COOKIE, HeaderValue::from_static("pickup=a=b"));
        let seen = |list: &[&str]| only(&headers, &names(list)).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(seen(&["cart", "pickup"]).as_deref(), Some("cart=7; pickup=a=b"));
        assert_eq!(seen(&[]), None);
        assert_eq!(seen(&["car"]), None);
    }

    #[test]
    fn an_app_sets_its_own_cookies_only_and_for_this_host() {
        let set = |text: &str| {
            let value = HeaderValue::from_str(text).unwrap();
            settable(&value, &names(&["cart"])).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(
            set("cart=7; Path=/; HttpOnly").as_deref(),
            Some("cart=7; Path=/; HttpOnly")
        );
        assert_eq!(
            set("cart=7; DOMAIN =.example.com; Secure").as_deref(),
            Some("cart=7; Secure")
        );
        assert_eq!(set("session=1"), None);
        assert_eq!(set("cart"), None);
    }
}
