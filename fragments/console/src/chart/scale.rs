//! From counts to points of a plot, in whole numbers: a float would cost the browser some kilobytes.

/// The width of a plot in units of its own; the picture stretches to its place.
pub(crate) const WIDTH: u64 = 1_000;
/// The height of a plot in units of its own.
pub(crate) const HEIGHT: u64 = 300;
/// Everything, in basis points.
pub(crate) const ALL_BP: u64 = 10_000;

/// The part of the whole in basis points; `None` of nothing.
pub fn rate_bp(part: u64, whole: u64) -> Option<u64> {
    let scaled = part.min(whole).saturating_mul(ALL_BP).saturating_add(whole / 2);
    scaled.checked_div(whole)
}

/// The end of an axis that shows `highest` with room above it: a round share.
pub(crate) fn top_bp(highest: u64) -> u64 {
    const ROUND: [u64; 7] = [100, 200, 500, 1_000, 2_000, 5_000, ALL_BP];
    let wanted = highest.saturating_add(highest / 8);
    ROUND.into_iter().find(|top| wanted <= *top).unwrap_or(ALL_BP)
}

/// How far to the right `at` is between 0 and `end`.
pub(crate) fn x(at: u64, end: u64) -> u64 {
    at.min(end).saturating_mul(WIDTH).checked_div(end).unwrap_or(0)
}

/// How far down `value` is when `top` is uppermost.
pub(crate) fn y(value: u64, top: u64) -> u64 {
    let up = value.min(top).saturating_mul(HEIGHT).checked_div(top).unwrap_or(0);
    HEIGHT - up
}

/// A line through all points, as the `d` of a path; empty without points.
pub(crate) fn line(points: impl IntoIterator<Item = (u64, u64)>) -> String {
    let mut path = String::new();
    for (x, y) in points {
        path += &format!("{}{x} {y}", if path.is_empty() { 'M' } else { 'L' });
    }
    path
}

/// A line that stays level until the next point, and goes on so to the right edge.
pub(crate) fn stairs(points: impl IntoIterator<Item = (u64, u64)>) -> String {
    let mut path = String::new();
    for (x, y) in points {
        path += &if path.is_empty() {
            format!("M{x} {y}")
        } else {
            format!("H{x}V{y}")
        };
    }
    if !path.is_empty() {
        path += &format!("H{WIDTH}");
    }
    path
}

/// The area below such a line.
pub(crate) fn below(line: &str) -> String {
    if line.is_empty() {
        return String::new();
    }
    format!("{line}V{HEIGHT}H0Z")
}

/// Which of `count` values are shown in a table of at most `rows`: evenly spread, the first and the last among them.
pub(crate) fn spread(count: usize, rows: usize) -> Vec<usize> {
    let rows = rows.max(2);
    if count <= rows {
        return (0..count).collect();
    }
    (0..rows).map(|row| row * (count - 1) / (rows - 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_rounded_and_never_more_than_everything() {
        assert_eq!(rate_bp(0, 0), None);
        assert_eq!(rate_bp(0, 7), Some(0));
        assert_eq!(rate_bp(24, 31), Some(7_742));
        assert_eq!(rate_bp(9, 3), Some(ALL_BP));
        assert!(rate_bp(u64::MAX, u64::MAX).is_some());
    }

    #[test]
    fn an_axis_ends_at_a_round_share_above_the_highest_value() {
        let tops = [0, 80, 100, 450, 4_400, 9_000, ALL_BP].map(top_bp);
        assert_eq!(tops, [100, 100, 200, 1_000, 5_000, ALL_BP, ALL_BP]);
    }

    #[test]
    fn points_stay_within_the_plot() {
        assert_eq!((x(0, 60), x(30, 60), x(90, 60)), (0, 500, WIDTH));
        assert_eq!((y(0, 500), y(250, 500), y(900, 500)), (HEIGHT, 150, 0));
        assert_eq!((x(5, 0), y(5, 0)), (0, HEIGHT), "an empty axis has one place");
    }

    #[test]
    fn a_line_goes_through_its_points() {
        assert_eq!(line([(0, 300), (500, 150), (1_000, 0)]), "M0 300L500 150L1000 0");
        assert_eq!(line([]), "");
    }

    #[test]
    fn stairs_stay_level_until_the_next_step() {
        let path = stairs([(0, 285), (400, 225)]);
        assert_eq!(path, "M0 285H400V225H1000");
        assert_eq!(below(&path), "M0 285H400V225H1000V300H0Z");
        assert_eq!((stairs([]), below("")), (String::new(), String::new()));
    }

    #[test]
    fn a_table_keeps_both_ends() {
        assert_eq!(spread(3, 12), [0, 1, 2]);
        let rows = spread(120, 12);
        assert_eq!((rows.len(), rows[0], rows[11]), (12, 0, 119));
        assert!(rows.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(spread(0, 12).is_empty());
    }
}
