//! Numbers and moments as people read them.

/// `12.3 ms`, `1.5 s`.
pub(crate) fn ms(value: f64) -> String {
    if value >= 1_000.0 {
        return format!("{} s", tenths(value / 1_000.0));
    }
    format!("{} ms", tenths(value))
}

/// `740 B`, `12.3 kB`.
pub(crate) fn bytes(value: f64) -> String {
    if value < 1_000.0 {
        return format!("{} B", value.max(0.0) as u32);
    }
    format!("{} kB", tenths(value / 1_000.0))
}

/// Basis points as `5 %`, `0.5 %`.
pub(crate) fn share(bp: f64) -> String {
    let text = tenths(bp / 100.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

/// `2026-11-23T14:05:00.000Z` as `2026-11-23 14:05 UTC`.
pub(crate) fn minute(iso: &str) -> String {
    match (iso.get(..10), iso.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => iso.to_owned(),
    }
}

/// The same as `14:05:00.123`.
pub(crate) fn clock(iso: &str) -> String {
    iso.get(11..23).unwrap_or(iso).to_owned()
}

/// `one slot`, `7 slots`.
pub(crate) fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("one {what}"),
        _ => format!("{number} {what}s"),
    }
}

/// Without `f64`'s own writing, which takes ten times the code.
fn tenths(value: f64) -> String {
    let all = (value.clamp(0.0, 1e9) * 10.0).round() as u64;
    format!("{}.{}", all / 10, all % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            (ms(0.04), ms(12.34), ms(1_540.0)),
            ("0.0 ms".into(), "12.3 ms".into(), "1.5 s".into())
        );
        assert_eq!((bytes(740.0), bytes(12_345.0)), ("740 B".into(), "12.3 kB".into()));
        assert_eq!((share(500.0), share(50.0)), ("5 %".into(), "0.5 %".into()));
        assert_eq!(ms(f64::INFINITY), "1000000000.0 s");
    }

    #[test]
    fn moments_are_read_in_utc() {
        assert_eq!(minute("2026-11-23T14:05:09.123Z"), "2026-11-23 14:05 UTC");
        assert_eq!(clock("2026-11-23T14:05:09.123Z"), "14:05:09.123");
        assert_eq!((minute("x"), clock("x")), ("x".into(), "x".into()));
    }
}
