//! The framing of a chunked body (RFC 9112 §7.1), byte by byte.

/// Where in the framing the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chunk {
    /// In a size: what it is until now, and of how many digits.
    Size(u64, u8),
    /// After a size, where nothing means anything.
    Extension(u64),
    /// At the end of the line with a size.
    SizeEnd(u64),
    /// In the content: so many bytes of it are left in this chunk.
    Content(u64),
    /// After the content of a chunk.
    ContentReturn,
    ContentEnd,
    /// At the beginning of a line after the last chunk.
    Trailer,
    /// Within such a line.
    TrailerLine,
    TrailerEnd,
    /// At the end of the empty line that ends it all.
    LastEnd,
    Over,
}

/// A size has as many as 64 bits can hold.
const MAX_DIGITS: u8 = 16;

impl Chunk {
    /// Where the byte after `byte` stands; `None` where `byte` must not be. Of content it knows nothing.
    pub(super) fn after(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Self::Size(size, digits), _) if byte.is_ascii_hexdigit() && digits < MAX_DIGITS => {
                let digit = char::from(byte).to_digit(16)?;
                Self::Size(size << 4 | u64::from(digit), digits + 1)
            }
            (Self::Size(size, 1..) | Self::Extension(size), b'\r') => Self::SizeEnd(size),
            (Self::Size(size, 1..), b';' | b' ' | b'\t') => Self::Extension(size),
            (Self::Extension(size), _) if byte != b'\n' => Self::Extension(size),
            (Self::SizeEnd(0), b'\n') | (Self::TrailerEnd, b'\n') => Self::Trailer,
            (Self::SizeEnd(size), b'\n') => Self::Content(size),
            (Self::ContentReturn, b'\r') => Self::ContentEnd,
            (Self::ContentEnd, b'\n') => Self::Size(0, 0),
            (Self::Trailer, b'\r') => Self::LastEnd,
            (Self::TrailerLine, b'\r') => Self::TrailerEnd,
            (Self::Trailer | Self::TrailerLine, _) if byte != b'\n' => Self::TrailerLine,
            (Self::LastEnd, b'\n') => Self::Over,
            _ => return None,
        })
    }
}
