//! Shares and spans of time, as people write them.

/// Basis points as a share: `2.4 %`, which no line break tears apart.
pub fn percent(bp: u64) -> String {
    match (bp / 100, bp % 100) {
        (whole, 0) => format!("{whole}\u{a0}%"),
        (whole, part) if part.is_multiple_of(10) => format!("{whole}.{}\u{a0}%", part / 10),
        (whole, part) if whole < 10 => format!("{whole}.{part:02}\u{a0}%"),
        (whole, part) => format!("{whole}.{}\u{a0}%", part / 10),
    }
}

/// Seconds as people say them: `45 s`, `12 min`, `3 h 20 min`.
pub fn span(seconds: u64) -> String {
    match seconds {
        0..100 => format!("{seconds} s"),
        100..6_000 => format!("{} min", (seconds + 30) / 60),
        6_000..172_800 => match (seconds / 3_600, seconds % 3_600 / 60) {
            (hours, 0) => format!("{hours} h"),
            (hours, minutes) => format!("{hours} h {minutes} min"),
        },
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A number with thin spaces between its thousands: `12 345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_no_more_digits_than_they_need() {
        let shares = [0, 5, 12, 50, 240, 245, 1_234, 2_500, 10_000].map(|bp| percent(bp).replace('\u{a0}', " "));
        let expected = [
            "0 %", "0.05 %", "0.12 %", "0.5 %", "2.4 %", "2.45 %", "12.3 %", "25 %", "100 %",
        ];
        assert_eq!(shares, expected);
    }

    #[test]
    fn spans_have_the_unit_that_fits() {
        let spans = [0, 45, 99, 100, 720, 6_000, 12_000, 14_400, 259_200].map(span);
        let expected = [
            "0 s",
            "45 s",
            "99 s",
            "2 min",
            "12 min",
            "1 h 40 min",
            "3 h 20 min",
            "4 h",
            "3 days",
        ];
        assert_eq!(spans, expected);
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
