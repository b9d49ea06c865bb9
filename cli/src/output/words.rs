//! Shares, bytes and counts in words.

/// Basis points as people say them: `5 %`, `0.5 %`, `12.25 %`.
pub(crate) fn percent(basis_points: u16) -> String {
    let (whole, rest) = (basis_points / 100, basis_points % 100);
    match rest {
        0 => format!("{whole} %"),
        _ if rest % 10 == 0 => format!("{whole}.{} %", rest / 10),
        _ => format!("{whole}.{rest:02} %"),
    }
}

/// How many of all, with their share: `24 (77 %)`.
pub(crate) fn part(count: u64, all: u64) -> String {
    match (count, all) {
        (0, _) | (_, 0) => count.to_string(),
        _ => {
            let share = u128::from(count) * 1000 / u128::from(all);
            match share {
                0 => format!("{count} (<0.1 %)"),
                _ if share < 100 => format!("{count} ({}.{} %)", share / 10, share % 10),
                _ => format!("{count} ({} %)", share / 10),
            }
        }
    }
}

/// `12 B`, `3.4 KiB`, `5.6 MiB`.
pub(crate) fn bytes(count: u64) -> String {
    let (unit, name) = match count {
        0..=1023 => return format!("{count} B"),
        1024..=1_048_575 => (1024, "KiB"),
        1_048_576..=1_073_741_823 => (1 << 20, "MiB"),
        _ => (1 << 30, "GiB"),
    };
    let tenths = u128::from(count) * 10 / unit;
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

/// `1 file`, `3 files`.
pub(crate) fn count(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(percent(500), "5 %");
        assert_eq!(percent(50), "0.5 %");
        assert_eq!(percent(1225), "12.25 %");
        assert_eq!(percent(1), "0.01 %");
        assert_eq!(percent(10_000), "100 %");
        assert_eq!(part(24, 31), "24 (77 %)");
        assert_eq!(part(1, 31), "1 (3.2 %)");
        assert_eq!(part(1, 3000), "1 (<0.1 %)");
        assert_eq!(part(0, 0), "0");
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(3_500), "3.4 KiB");
        assert_eq!(bytes(5 << 20), "5.0 MiB");
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
    }
}
