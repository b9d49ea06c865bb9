//! Where a redirect may lead. Pure text, and read by whoever fuzzes it, too.

use http::HeaderValue;

/// The path that `location` leads to, if that is on `host`.
pub(crate) fn same_site(location: &HeaderValue, host: &str) -> Option<HeaderValue> {
    let text = location.to_str().ok()?;
    let path = match text.split_once("://") {
        Some((scheme, rest)) if !text.starts_with('/') => {
            let authority = rest.find(['/', '?', '#']).map_or(rest, |end| &rest[..end]);
            let http = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
            if !http || !authority.eq_ignore_ascii_case(host) {
                return None;
            }
            match &rest[authority.len()..] {
                "" => "/",
                path => path,
            }
        }
        _ => text,
    };
    // Browsers take `\` for `/`, and `//` begins another host.
    let own = path.starts_with('/') && !path.starts_with("//");
    let plain = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    (own && plain).then(|| HeaderValue::from_str(path).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_stays_on_its_host() {
        let check = |location: &str| {
            let location = HeaderValue::from_str(location).unwrap();
            same_site(&location, "shop.example:8443").map(|path| path.to_str().unwrap().to_owned())
        };
        for good in ["/", "/checkout/cart", "/a?b=//c#d", "/a?next=http://x/"] {
            assert_eq!(check(good).as_deref(), Some(good));
        }
        assert_eq!(check("https://SHOP.example:8443/a?b").as_deref(), Some("/a?b"));
        assert_eq!(check("http://shop.example:8443").as_deref(), Some("/"));
        for bad in [
            "",
            "cart",
            "?a",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/",
            "https://shop.example:8443@evil.example/",
            "https://shop.example/",
            "javascript:alert(1)",
            "ftp://shop.example:8443/",
            "https://shop.example:8443//evil.example",
            "https://shop.example:8443.evil.example/",
            "/a b",
        ] {
            assert_eq!(check(bad), None, "{bad}");
        }
    }
}
