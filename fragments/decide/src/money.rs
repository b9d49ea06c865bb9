//! Prices as people read them.

/// Writes euro cents: `€12,400`, or `€12,400.50` where there are cents.
pub(crate) fn euros(cents: i64) -> String {
    let whole = (cents / 100).unsigned_abs().to_string();
    let mut text = String::from(if cents < 0 { "-€" } else { "€" });
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    match (cents % 100).unsigned_abs() {
        0 => text,
        rest => format!("{text}.{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_have_commas_and_round_sums_no_cents() {
        for (cents, text) in [
            (0, "€0"),
            (99_900, "€999"),
            (1_240_000, "€12,400"),
            (123_456_789, "€1,234,567.89"),
            (-100_005, "-€1,000.05"),
        ] {
            assert_eq!(euros(cents), text);
        }
    }
}
