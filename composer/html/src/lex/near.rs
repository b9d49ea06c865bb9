//! Finds bytes that are most likely near, eight at a time.

use memchr::memchr;

const WORD: usize = size_of::<u64>();
const NEAR_WORDS: usize = 4;
const ONES: u64 = every(0x01);
const TOPS: u64 = every(0x80);

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

/// The place of the first byte of `word` that is zero.
#[inline]
fn first_zero(word: u64) -> Option<usize> {
    // The lowest top bit that is set is that of the first zero; those above it may lie.
    let found = word.wrapping_sub(ONES) & !word & TOPS;
    (found != 0).then(|| found.trailing_zeros() as usize / 8)
}

/// The same as [`memchr`], and quicker than its first step where the byte is among the next few.
#[inline]
pub(crate) fn find_near(byte: u8, bytes: &[u8]) -> Option<usize> {
    let wanted = every(byte);
    let mut seen = 0;
    while let Some(word) = bytes[seen..].first_chunk()
        && seen < NEAR_WORDS * WORD
    {
        if let Some(found) = first_zero(u64::from_le_bytes(*word) ^ wanted) {
            return Some(seen + found);
        }
        seen += WORD;
    }
    memchr(byte, &bytes[seen..]).map(|found| seen + found)
}

/// The index of the first `<`, `=`, `>` or `?` from `at` on: those four differ in their last two bits only.
#[inline]
pub(crate) fn find_mark(bytes: &[u8], mut at: usize) -> Option<usize> {
    while at < bytes.len() {
        if let Some(found) = first_zero(word_at(bytes, at) & every(!3) ^ every(b'<')) {
            return Some(at + found);
        }
        at += WORD;
    }
    None
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
        for byte in 0..=u8::MAX {
            let is_mark = matches!(byte, b'<' | b'=' | b'>' | b'?');
            for at in 0..20 {
                let mut bytes = [b'\0'; 20];
                bytes[at] = byte;
                for from in 0..=bytes.len() {
                    let wanted = (is_mark && from <= at).then_some(at);
                    assert_eq!(find_mark(&bytes, from), wanted, "{byte} at {at}, from {from}");
                }
            }
        }
    }
}
