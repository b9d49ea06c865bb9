//! The kinds of text in a manifest, each with its rule.

use std::str::FromStr;

use crate::header;

macro_rules! text {
    ($type:ident, $rule:literal, $check:expr) => {
        pub(super) struct $type(pub(super) String);

        impl FromStr for $type {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(format!(concat!($rule, ", got `{}`"), text))
                }
            }
        }

        impl From<$type> for String {
            fn from(text: $type) -> String {
                text.0
            }
        }
    };
}

text!(Line, "must be 1 to 100 characters without line breaks", |text| {
    (1..=100).contains(&text.chars().count()) && !text.contains(char::is_control)
});
text!(
    Package,
    "must be the name of a package of letters, digits, `-`, `_`, starting with a letter",
    |text| {
        text.len() <= 64
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    }
);
text!(
    Command,
    "must be a command of 1 to 400 characters without line breaks, words separated by spaces",
    |text| !text.trim().is_empty() && text.chars().count() <= 400 && !text.contains(char::is_control)
);
text!(
    Token,
    "must be a cookie name of letters, digits, `-`, `_`, and none of the composer's own, `marquetry-…`",
    |text| {
        !text.is_empty()
            && !text.starts_with("marquetry-")
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    }
);
text!(
    Param,
    "must be a param name of `a-z`, `0-9`, `_`, starting with a letter",
    |text| {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    }
);
text!(
    BffPath,
    "must be a path like `/fragments/mini-cart`, without query",
    |text| {
        text.starts_with('/')
            && !text.starts_with("//")
            && text
                .bytes()
                .all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#' | b'\\'))
            && text.split('/').all(|part| part != ".." && part != ".")
    }
);
text!(
    PlainPath,
    "must be a path like `/events`, of letters, digits, `-`, `_`, `.` and single `/`",
    |text| {
        text.len() > 1
            && text.strip_prefix('/').is_some_and(|rest| {
                let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
                rest.split('/')
                    .all(|part| !part.is_empty() && part != ".." && part != "." && part.bytes().all(plain))
            })
    }
);
text!(
    RelativeFile,
    "must be a file beside the manifest, like `dist/app.css`, without `..`",
    |text| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'-' | b'_'))
            && text
                .split('/')
                .all(|part| !part.is_empty() && part != ".." && part != ".")
    }
);
text!(
    ForwardedHeader,
    "must be a lower-case header that may be handed on (not `cookie`, `host`, hop-by-hop or `marquetry-…`)",
    |text| {
        const NEVER: &[&str] = &[
            "connection",
            "content-length",
            "cookie",
            "expect",
            "forwarded",
            "host",
            "keep-alive",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            header::TRACEPARENT,
            header::REQUEST_ID,
        ];
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !text.starts_with("marquetry-")
            && !text.starts_with("x-forwarded-")
            && !NEVER.contains(&text)
    }
);
