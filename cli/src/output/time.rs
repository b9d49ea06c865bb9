//! Moments and lengths of time, as people write and read them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp, Zoned, civil, tz::TimeZone};

const MINUTE_S: u64 = 60;
const HOUR_S: u64 = 60 * MINUTE_S;
const DAY_S: u64 = 24 * HOUR_S;
/// Older moments are told by their date.
const RELATIVE_DAYS: u64 = 14;

/// Why a text is not a moment or a length.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum TimeError {
    #[error("`{0}` is no moment; write `2026-05-01T14:05` (your time zone), `2026-05-01T14:05Z` or `2h ago`")]
    Moment(String),
    #[error("`{0}` lies before 1970")]
    TooEarly(String),
    #[error("`{0}` is no length of time; write `30s`, `10m`, `2h` or `90d`")]
    Length(String),
}

/// This machine's clock, in milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

/// How long ago: `40 s ago`, `3 min ago`, `2 days ago`; long ago: the date.
pub(crate) fn ago(at_ms: u64, now_ms: u64) -> String {
    let seconds = now_ms.saturating_sub(at_ms) / 1000;
    match seconds {
        0..=1 => "just now".into(),
        _ if seconds < RELATIVE_DAYS * DAY_S => format!("{} ago", length(seconds)),
        _ => moment(at_ms),
    }
}

/// How soon: `in 8 min`; far away: the date.
pub(crate) fn until(at_ms: u64, now_ms: u64) -> String {
    let seconds = at_ms.saturating_sub(now_ms) / 1000;
    match seconds {
        0 => "now".into(),
        _ if seconds < RELATIVE_DAYS * DAY_S => format!("in {}", length(seconds)),
        _ => moment(at_ms),
    }
}

/// A length in its largest unit: `10 min`.
pub(crate) fn length(seconds: u64) -> String {
    let of = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    match seconds {
        _ if seconds < 2 * MINUTE_S => of(seconds, "s", "s"),
        _ if seconds < 2 * HOUR_S => of(seconds / MINUTE_S, "min", "min"),
        _ if seconds < 2 * DAY_S => of(seconds / HOUR_S, "h", "h"),
        _ => of(seconds / DAY_S, "day", "days"),
    }
}

/// A moment in this machine's time zone: `2026-05-01 14:05`.
pub(crate) fn moment(at_ms: u64) -> String {
    let timestamp = i64::try_from(at_ms)
        .ok()
        .and_then(|ms| Timestamp::from_millisecond(ms).ok());
    match timestamp {
        Some(timestamp) => timestamp
            .to_zoned(TimeZone::system())
            .strftime("%Y-%m-%d %H:%M")
            .to_string(),
        None => "far away".into(),
    }
}

/// Reads a moment: RFC 3339, the same in the own time zone, a date, or `2h ago`.
pub(crate) fn parse_moment(text: &str) -> Result<u64, TimeError> {
    moment_from(text.trim(), &Zoned::now())
}

fn moment_from(text: &str, now: &Zoned) -> Result<u64, TimeError> {
    let wrong = || TimeError::Moment(text.escape_debug().to_string());
    let timestamp = if text == "now" {
        now.timestamp()
    } else if let Some(back) = text.strip_suffix("ago") {
        let span: Span = back.trim().parse().map_err(|_| wrong())?;
        now.checked_sub(span).map_err(|_| wrong())?.timestamp()
    } else if let Ok(timestamp) = text.parse::<Timestamp>() {
        timestamp
    } else if let Some(date) = text.strip_suffix(['Z', 'z']) {
        local(date, &TimeZone::UTC).ok_or_else(wrong)?
    } else {
        local(text, now.time_zone()).ok_or_else(wrong)?
    };
    u64::try_from(timestamp.as_millisecond()).map_err(|_| TimeError::TooEarly(text.escape_debug().to_string()))
}

fn local(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let civil: civil::DateTime = text.parse().ok()?;
    civil.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

/// Reads a length of time: `30s`, `10m`, `2h`, `90d`.
pub(crate) fn parse_length(text: &str) -> Result<Duration, TimeError> {
    let wrong = || TimeError::Length(text.escape_debug().to_string());
    let span: Span = text.trim().parse().map_err(|_| wrong())?;
    let length: SignedDuration = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| wrong())?;
    let length = Duration::try_from(length).map_err(|_| wrong())?;
    if length < Duration::from_secs(1) {
        Err(wrong())
    } else {
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-05-01T14:05:00+02:00[+02:00]";

    fn read(text: &str) -> Result<String, TimeError> {
        let at_ms = moment_from(text, &NOW.parse().unwrap())?;
        Ok(Timestamp::from_millisecond(at_ms.try_into().unwrap())
            .unwrap()
            .to_string())
    }

    #[test]
    fn moments_are_read_as_people_write_them() {
        for (text, expected) in [
            ("2026-05-01T14:05Z", "2026-05-01T14:05:00Z"),
            ("2026-05-01T14:05:07Z", "2026-05-01T14:05:07Z"),
            ("2026-05-01T14:05+03:00", "2026-05-01T11:05:00Z"),
            ("2026-05-01T14:05", "2026-05-01T12:05:00Z"),
            ("2026-05-01 14:05", "2026-05-01T12:05:00Z"),
            ("2026-05-01", "2026-04-30T22:00:00Z"),
            ("now", "2026-05-01T12:05:00Z"),
            ("2h ago", "2026-05-01T10:05:00Z"),
            ("1 day ago", "2026-04-30T12:05:00Z"),
            ("90m ago", "2026-05-01T10:35:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
        for bad in [
            "",
            "yesterday",
            "2h",
            "14:05",
            "2026-13-01",
            "9999999999h ago",
            "1960-01-01Z",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn lengths_are_read_and_told() {
        assert_eq!(parse_length("10m").unwrap().as_secs(), 600);
        assert_eq!(parse_length("90d").unwrap().as_secs(), 90 * DAY_S);
        assert_eq!(parse_length("1h 30m").unwrap().as_secs(), 5400);
        for bad in ["", "10", "m", "-5m", "0s", "1 year", "5 moons"] {
            assert!(parse_length(bad).is_err(), "{bad}");
        }
        assert_eq!(length(59), "59 s");
        assert_eq!(length(600), "10 min");
        assert_eq!(length(7200), "2 h");
        assert_eq!(length(3 * DAY_S), "3 days");
    }

    #[test]
    fn what_was_lately_is_told_by_how_long_ago() {
        assert_eq!(ago(1_000, 1_500), "just now");
        assert_eq!(ago(0, 180_000), "3 min ago");
        assert_eq!(until(480_000, 0), "in 8 min");
        assert_eq!(ago(5_000, 0), "just now");
        assert!(ago(0, 1_800_000_000_000).starts_with("19"));
    }
}
