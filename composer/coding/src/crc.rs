//! The checksum of a text that is put together from pieces whose checksums are known.

/// CRC-32 of the gzip trailer, and the length that goes with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) crc: u32,
    /// Modulo 2^32, as the trailer has it.
    pub(crate) bytes: u32,
}

/// The sum of a kept text, and what its length does to the sum of what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeptSum {
    sum: Sum,
    /// x^(8 × length) modulo the polynomial.
    shift: u32,
}

/// The polynomial of CRC-32, lowest power first.
const POLYNOMIAL: u32 = 0xedb8_8320;
const ONE: u32 = 1 << 31;
const X8: u32 = ONE >> 8;

impl Sum {
    pub(crate) fn add(&mut self, text: &[u8]) {
        let mut hasher = crc32fast::Hasher::new_with_initial(self.crc);
        hasher.update(text);
        self.crc = hasher.finalize();
        self.count(text.len());
    }

    /// Counts bytes whose checksum nobody needs.
    pub(crate) fn count(&mut self, bytes: usize) {
        self.bytes = self.bytes.wrapping_add(bytes as u32);
    }

    pub(crate) fn join(&mut self, next: &KeptSum) {
        self.crc = multiply(next.shift, self.crc) ^ next.sum.crc;
        self.bytes = self.bytes.wrapping_add(next.sum.bytes);
    }
}

impl KeptSum {
    /// Nothing.
    pub(crate) const EMPTY: Self = Self {
        sum: Sum { crc: 0, bytes: 0 },
        shift: ONE,
    };

    pub(crate) fn of(text: &[u8]) -> Self {
        let mut sum = Sum::default();
        sum.add(text);
        let shift = shift(text.len());
        Self { sum, shift }
    }

    pub(crate) fn join(&mut self, next: &Self) {
        self.sum.join(next);
        self.shift = multiply(self.shift, next.shift);
    }
}

/// The product of two polynomials modulo the one of CRC-32.
fn multiply(a: u32, mut b: u32) -> u32 {
    let mut product = 0;
    for power in (0..32).rev() {
        product ^= b & ((a >> power) & 1).wrapping_neg();
        b = (b >> 1) ^ ((b & 1).wrapping_neg() & POLYNOMIAL);
    }
    product
}

fn shift(mut bytes: usize) -> u32 {
    let (mut product, mut square) = (ONE, X8);
    while bytes != 0 {
        if bytes & 1 == 1 {
            product = multiply(square, product);
        }
        square = multiply(square, square);
        bytes >>= 1;
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn joined_sums_are_the_sum_of_the_whole(texts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..6)) {
            let whole = texts.concat();
            let mut joined = Sum::default();
            let mut kept = KeptSum::EMPTY;
            for text in &texts {
                joined.join(&KeptSum::of(text));
                kept.join(&KeptSum::of(text));
            }
            prop_assert_eq!(joined.crc, crc32fast::hash(&whole));
            prop_assert_eq!(joined.bytes as usize, whole.len());
            let mut prefixed = Sum::default();
            prefixed.add(b"before");
            prefixed.join(&kept);
            prop_assert_eq!(prefixed.crc, crc32fast::hash(&[b"before", &whole[..]].concat()));
        }
    }
}
