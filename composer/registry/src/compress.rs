//! The compressed copies of a file: which there are, and how they are made.

use std::io::{self, Write};

use composer_coding::Coding;
use flate2::{Compression, GzBuilder};
use serde::{Deserialize, Serialize};

/// A content coding (<https://www.iana.org/assignments/http-parameters>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Brotli.
    Br,
    /// Zstandard.
    Zstd,
    /// Gzip.
    Gzip,
}

impl Encoding {
    /// All of them, the preferred first.
    pub const ALL: [Self; 3] = [Self::Br, Self::Zstd, Self::Gzip];

    /// The word for `Content-Encoding`.
    pub fn as_str(self) -> &'static str {
        self.coding().as_str()
    }

    pub(crate) fn coding(self) -> Coding {
        match self {
            Self::Br => Coding::Brotli,
            Self::Zstd => Coding::Zstd,
            Self::Gzip => Coding::Gzip,
        }
    }

    /// What the copy's file name ends with.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Br => "br",
            Self::Zstd => "zst",
            Self::Gzip => "gz",
        }
    }

    /// Compresses as far as it goes; the same bytes always give the same bytes.
    pub(crate) fn compress(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Br => {
                let params = brotli::enc::BrotliEncoderParams {
                    quality: 11,
                    lgwin: 22,
                    size_hint: bytes.len(),
                    ..Default::default()
                };
                let mut out = Vec::new();
                brotli::BrotliCompress(&mut &*bytes, &mut out, &params)?;
                Ok(out)
            }
            Self::Zstd => zstd::bulk::compress(bytes, 19),
            Self::Gzip => {
                let mut encoder = GzBuilder::new().write(Vec::new(), Compression::new(9));
                encoder.write_all(bytes)?;
                encoder.finish()
            }
        }
    }

    /// Unpacks what [`Encoding::compress`] made, at most `limit_bytes` of it.
    pub(crate) fn expand(self, bytes: &[u8], limit_bytes: u64) -> io::Result<Vec<u8>> {
        use io::Read;
        let mut out = Vec::new();
        match self {
            Self::Br => brotli::Decompressor::new(bytes, 4096)
                .take(limit_bytes)
                .read_to_end(&mut out),
            Self::Zstd => {
                let mut decoder = zstd::Decoder::new(bytes)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                decoder.take(limit_bytes).read_to_end(&mut out)
            }
            Self::Gzip => flate2::read::GzDecoder::new(bytes)
                .take(limit_bytes)
                .read_to_end(&mut out),
        }?;
        Ok(out)
    }
}

/// Browsers take a window of 8 MiB (RFC 9659 §3), which is what [`Encoding::compress`] needs at most.
const ZSTD_WINDOW_LOG: u32 = 23;

/// True for types that shrink.
pub(crate) fn is_compressible(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.starts_with("text/")
        || matches!(
            essence,
            "application/javascript" | "application/json" | "application/wasm" | "image/svg+xml"
        )
}
