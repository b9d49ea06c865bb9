//! The names that apps, fragments and versions go by.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// Why a text is not a name: the text and the rule it breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameError {
    value: String,
    rule: &'static str,
}

impl NameError {
    pub(crate) fn new(value: &str, rule: &'static str) -> Self {
        Self {
            value: value.into(),
            rule,
        }
    }

    /// The rule that was broken, as a sentence that follows "must".
    pub fn rule(&self) -> &'static str {
        self.rule
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` must {}", self.value.escape_debug(), self.rule)
    }
}

impl std::error::Error for NameError {}

pub(crate) const NAME_RULE: &str =
    "be 1 to 48 of `a-z`, `0-9` and single `-`, starting with a letter and not ending in `-`";
const VERSION_RULE: &str =
    "be a version like `1.4.2` or `1.4.2-rc.1`: three numbers, then optionally `-` and letters, digits, `.`, `-`";
const TOPIC_RULE: &str = "be a topic like `checkout:cart-changed`: an app name, `:`, and a name";

pub(crate) fn is_name(text: &str) -> bool {
    let text = text.as_bytes();
    let is_part = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    // As hyphens stand between parts only, none is first, last, or behind another.
    text.len() <= 48
        && text.first().is_some_and(u8::is_ascii_lowercase)
        && text.last().is_some_and(is_part)
        && text.iter().all(|b| is_part(b) || *b == b'-')
        && !text.windows(2).any(|pair| pair == b"--")
}

fn is_version(text: &str) -> bool {
    let (core, pre) = match text.split_once('-') {
        Some((core, pre)) => (core, Some(pre)),
        None => (text, None),
    };
    let number = |part: &str| {
        !part.is_empty()
            && part.len() <= 9
            && part.bytes().all(|b| b.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    let identifier = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    text.len() <= 64
        && core.split('.').count() == 3
        && core.split('.').all(number)
        && pre.is_none_or(|pre| pre.split('.').all(identifier))
}

fn is_topic(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(app, name)| is_name(app) && is_name(name))
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $check:ident, $rule:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(Arc<str>);

        impl $type {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                if $check(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(NameError::new(text, $rule))
                }
            }
        }

        impl TryFrom<String> for $type {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.0.as_ref().into()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

pub(crate) use name;

name!(
    /// What one team deploys as a unit: `checkout`.
    AppName, is_name, NAME_RULE
);
name!(
    /// A fragment within its app: `mini-cart`.
    FragmentName, is_name, NAME_RULE
);
name!(
    /// A layout within its app: `shop`.
    LayoutName, is_name, NAME_RULE
);
name!(
    /// The version of an app, after <https://semver.org> without build metadata: `1.4.2`.
    Version, is_version, VERSION_RULE
);
name!(
    /// What an event is about: `checkout:cart-changed`.
    Topic, is_topic, TOPIC_RULE
);

impl Topic {
    /// The app that publishes it.
    pub fn app(&self) -> &str {
        self.as_str().split(':').next().unwrap_or_default()
    }
}

macro_rules! pair {
    ($(#[$doc:meta])* $type:ident { $left:ident: $l:ty, $sep:literal, $right:ident: $r:ty }, $rule:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type {
            /// The app it belongs to.
            pub $left: $l,
            /// What it is within the app.
            pub $right: $r,
        }

        impl FromStr for $type {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                let broken = || NameError { value: text.into(), rule: $rule };
                let (left, right) = text.split_once($sep).ok_or_else(broken)?;
                Ok(Self {
                    $left: left.parse().map_err(|_| broken())?,
                    $right: right.parse().map_err(|_| broken())?,
                })
            }
        }

        impl TryFrom<String> for $type {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(pair: $type) -> String {
                pair.to_string()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}{}", self.$left, $sep, self.$right)
            }
        }
    };
}

pair!(
    /// A fragment and its app: `checkout/mini-cart`.
    FragmentId { app: AppName, '/', fragment: FragmentName },
    "be a fragment like `checkout/mini-cart`: an app name, `/`, and a fragment name"
);
pair!(
    /// A layout and its app: `explore/shop`.
    LayoutId { app: AppName, '/', layout: LayoutName },
    "be a layout like `explore/shop`: an app name, `/`, and a layout name"
);
pair!(
    /// An app at a version: `checkout@1.4.2`.
    AppVersion { app: AppName, '@', version: Version },
    "be an app at a version like `checkout@1.4.2`"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_ascii() {
        for good in ["a", "mini-cart", "c3"] {
            assert_eq!(good.parse::<AppName>().unwrap().as_str(), good);
        }
        for bad in ["", "3c", "Mini", "a--b", "a-", "-a", "ä", "a_b", "a/b", "a b"] {
            assert!(bad.parse::<AppName>().is_err(), "{bad}");
        }
        assert!("a".repeat(49).parse::<AppName>().is_err());
    }

    #[test]
    fn versions_are_semantic() {
        for good in ["0.0.0", "1.4.2", "10.20.30-rc.1"] {
            assert!(good.parse::<Version>().is_ok(), "{good}");
        }
        for bad in [
            "", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3+b", "v1.2.3", "1.2.3/..",
        ] {
            assert!(bad.parse::<Version>().is_err(), "{bad}");
        }
    }

    #[test]
    fn pairs_read_back_what_they_write() {
        let id: FragmentId = "checkout/mini-cart".parse().unwrap();
        assert_eq!((id.app.as_str(), id.fragment.as_str()), ("checkout", "mini-cart"));
        assert_eq!(id.to_string(), "checkout/mini-cart");
        assert_eq!(
            "checkout@1.4.2".parse::<AppVersion>().unwrap().to_string(),
            "checkout@1.4.2"
        );
        assert!("checkout".parse::<FragmentId>().is_err());
        assert!("checkout@../x".parse::<AppVersion>().is_err());
    }

    #[test]
    fn an_error_says_value_and_rule() {
        let error = "Mini".parse::<AppName>().unwrap_err();
        assert!(error.to_string().starts_with("`Mini` must be 1 to 48"), "{error}");
    }
}
