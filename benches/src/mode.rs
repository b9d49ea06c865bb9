//! What is measured: pages whose fragments may be kept or not, plain or compressed.

use clap::ValueEnum;

/// Whether anything may be kept between two pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// Every answer has `no-store`, and a number in it that is another each time.
    Uncached,
    /// Every answer has `s-maxage`, and is the same each time.
    Cached,
}

impl Mode {
    pub(crate) const ALL: [Self; 2] = [Self::Uncached, Self::Cached];

    /// The first segment of the fragment server's paths, and of the pages'.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Uncached => "u",
            Self::Cached => "c",
        }
    }

    pub(crate) fn cache_control(self) -> &'static str {
        match self {
            Self::Uncached => "no-store",
            Self::Cached => "s-maxage=86400",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Uncached => "uncached",
            Self::Cached => "cached",
        }
    }

    pub(crate) fn a_name(self) -> &'static str {
        match self {
            Self::Uncached => "an uncached",
            Self::Cached => "a cached",
        }
    }
}

/// What the client says that it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Coding {
    /// No compression.
    Plain,
    Gzip,
    Br,
    Zstd,
}

impl Coding {
    /// For `accept-encoding`; none for plain pages.
    pub(crate) fn token(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Br => Some("br"),
            Self::Zstd => Some("zstd"),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        self.token().unwrap_or("plain")
    }
}
