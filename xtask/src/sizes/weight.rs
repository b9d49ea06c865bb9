//! How many bytes files are, plain and compressed as well as can be: each by itself, as browsers ask for them.

use std::{fs, io::Write, iter::Sum, ops::Add, path::PathBuf};

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

/// Sizes in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Weight {
    pub(super) plain: u64,
    /// `gzip -9`.
    pub(super) gzip: u64,
    /// `brotli -q 11`.
    pub(super) brotli: u64,
}

impl Add for Weight {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            plain: self.plain + other.plain,
            gzip: self.gzip + other.gzip,
            brotli: self.brotli + other.brotli,
        }
    }
}

impl Sum for Weight {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// The files' sizes in sum.
pub(super) fn of_files(files: &[PathBuf]) -> Result<Weight> {
    let each = |file: &PathBuf| of(&fs::read(file)?);
    files
        .iter()
        .map(|file| each(file).with_context(|| format!("can't weigh {}", file.display())))
        .sum()
}

fn of(bytes: &[u8]) -> Result<Weight> {
    let mut gzip = GzEncoder::new(vec![], Compression::best());
    gzip.write_all(bytes)?;
    let params = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    let mut brotli = vec![];
    brotli::BrotliCompress(&mut &bytes[..], &mut brotli, &params)?;
    Ok(Weight {
        plain: bytes.len() as u64,
        gzip: gzip.finish()?.len() as u64,
        brotli: brotli.len() as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_itself_is_light() {
        let weight = of(&b"marquetry ".repeat(100)).unwrap();
        assert_eq!(weight.plain, 1000);
        assert!(weight.brotli < weight.gzip && weight.gzip < 60, "{weight:?}");
    }
}
