//! Numbers as hexadecimal digits, without the machinery of formatting: every request needs some.

/// The last `N` digits of `number`, in small letters.
pub(crate) fn hex<const N: usize>(number: u128) -> [u8; N] {
    let mut digits = [0; N];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(rest & 15) as usize];
        rest >>= 4;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_formatting() {
        for number in [0, 1, 0xabcd_ef01, u128::from(u64::MAX)] {
            assert_eq!(hex::<16>(number), format!("{number:016x}").as_bytes());
        }
        assert_eq!(hex::<2>(0x1234), *b"34");
    }
}
