//! Numbers as text without `core::fmt`, which alone would be a sixth of the shell.

use alloc::string::String;

pub(crate) fn decimal(number: u32) -> String {
    let mut text = String::new();
    let mut unit = 1;
    while number / unit >= 10 {
        unit *= 10;
    }
    while unit > 0 {
        text.push(char::from(b'0' + (number / unit % 10) as u8));
        unit /= 10;
    }
    text
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::decimal;

    #[test]
    fn digits_are_those_of_the_number() {
        for number in [0, 7, 10, 99, 100, 409, 4_294_967_295] {
            assert_eq!(decimal(number), number.to_string());
        }
    }
}
