//! The codings that pages are sent in.

/// A content coding (<https://www.iana.org/assignments/http-parameters>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// Zstandard.
    Zstd,
    /// Brotli.
    Brotli,
    /// Gzip.
    Gzip,
}

impl Coding {
    /// All of them, the preferred first.
    pub const ALL: [Self; 3] = [Self::Zstd, Self::Brotli, Self::Gzip];
    /// All of them, for a client that may be one of those that read only the first frame of Zstandard.
    pub const WIDELY_READ: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Zstd];

    /// The word for `Content-Encoding`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

/// How much time is spent on a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// It is sent once.
    Quick,
    /// It is kept and sent often.
    Good,
}
