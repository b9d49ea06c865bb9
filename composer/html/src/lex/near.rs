//! Finds bytes that are most likely near.

use memchr::{memchr, memchr2};

const WORD: usize = size_of::<u64>();
const BLOCK: usize = 16;
const NEAR_BLOCKS: usize = 2;

/// `byte` eight times.
pub(crate) const fn every(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; WORD])
}

/// The eight bytes from `at` on, the first one lowest; zeros where there are no more.
#[inline]
pub(crate) fn word_at(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.first_chunk() {
        Some(word) => u64::from_le_bytes(*word),
        None => last_word(rest),
    }
}

#[cold]
fn last_word(rest: &[u8]) -> u64 {
    rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// The same as [`memchr`], and quicker than its first step where the byte is among the next few.
#[inline]
pub(crate) fn find_near(byte: u8, bytes: &[u8]) -> Option<usize> {
    near(bytes, |block| block::find(byte, block)).or_else(|| memchr(byte, bytes))
}

/// The same for the first `=` or `>`.
#[inline]
pub(crate) fn find_mark(bytes: &[u8]) -> Option<usize> {
    near(bytes, block::find_mark).or_else(|| memchr2(b'=', b'>', bytes))
}

#[inline]
fn near(bytes: &[u8], find: impl Fn(&[u8; BLOCK]) -> Option<usize>) -> Option<usize> {
    for (at, block) in bytes.as_chunks().0.iter().take(NEAR_BLOCKS).enumerate() {
        if let Some(found) = find(block) {
            return Some(at * BLOCK + found);
        }
    }
    None
}

/// What is found in one step, without a call.
#[cfg(target_arch = "x86_64")]
mod block {
    use memchr::arch::x86_64::sse2::memchr::{One, Two};

    use super::BLOCK;

    #[inline]
    pub(super) fn find(byte: u8, block: &[u8; BLOCK]) -> Option<usize> {
        One::new(byte)?.find(block)
    }

    #[inline]
    pub(super) fn find_mark(block: &[u8; BLOCK]) -> Option<usize> {
        Two::new(b'=', b'>')?.find(block)
    }
}

/// Elsewhere there is nothing quicker than the search itself.
#[cfg(not(target_arch = "x86_64"))]
mod block {
    use super::BLOCK;

    pub(super) fn find(_: u8, _: &[u8; BLOCK]) -> Option<usize> {
        None
    }

    pub(super) fn find_mark(_: &[u8; BLOCK]) -> Option<usize> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_byte_is_found_wherever_it_is() {
        for length in 0..80 {
            let mut bytes = vec![0xff; length];
            assert_eq!(find_near(b'<', &bytes), None);
            for at in (0..length).rev() {
                bytes[at] = b'<';
                assert_eq!(find_near(b'<', &bytes), Some(at));
            }
            bytes.fill(b'=');
            assert_eq!(find_near(b'<', &bytes), None);
        }
    }

    #[test]
    fn the_first_mark_is_found_wherever_it_is() {
        for byte in [b'=', b'>'] {
            let mut bytes = [b'<'; 80];
            assert_eq!(find_mark(&bytes), None);
            for at in (0..bytes.len()).rev() {
                bytes[at] = byte;
                assert_eq!(find_mark(&bytes), Some(at));
            }
        }
    }
}
