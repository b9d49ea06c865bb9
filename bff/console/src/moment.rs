//! Moments in words, all in UTC.

use bff_kit::cookie::time::{Date, Month, OffsetDateTime};
use fragments_console::Moment;

/// A moment as it is seen at `now`, both in milliseconds since 1970.
pub(crate) fn moment(at_ms: u64, now_ms: u64) -> Moment {
    let Some(at) = of_ms(at_ms) else {
        return Moment::default();
    };
    let (day, month, year) = (at.day(), at.month().to_string(), at.year());
    let month = month.get(..3).unwrap_or_default();
    Moment {
        iso: format!("{}T{}Z", at.date(), clock_of(at)),
        text: format!("{day} {month} {year}, {} UTC", clock_of(at)),
        ago: ago(now_ms.saturating_sub(at_ms) / 1_000),
    }
}

/// `09:41:05 UTC`.
pub(crate) fn clock(at_ms: u64) -> String {
    of_ms(at_ms).map_or_else(String::new, |at| format!("{} UTC", clock_of(at)))
}

/// Reads what a field for date and time sends: `2026-11-23T09:41`, with seconds or without.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let (date, clock) = text.split_once('T')?;
    let mut date = date.splitn(3, '-');
    let (year, month, day) = (date.next()?.parse().ok()?, number(date.next()?)?, number(date.next()?)?);
    let mut clock = clock.splitn(3, ':');
    let (hour, minute) = (number(clock.next()?)?, number(clock.next()?)?);
    let second = clock.next().map_or(Some(0), |text| number(text.split('.').next()?))?;
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    let at = date.with_hms(hour, minute, second).ok()?.assume_utc();
    u64::try_from(at.unix_timestamp()).ok()?.checked_mul(1_000)
}

fn number(text: &str) -> Option<u8> {
    (text.len() == 2).then(|| text.parse().ok())?
}

fn of_ms(at_ms: u64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(i64::try_from(at_ms / 1_000).ok()?).ok()
}

fn clock_of(at: OffsetDateTime) -> String {
    format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
}

fn ago(seconds: u64) -> String {
    match seconds {
        0..5 => "just now".into(),
        5..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: u64 = 1_795_426_865_000;

    #[test]
    fn a_moment_is_told_in_utc() {
        let told = moment(AT, AT + 250_000);
        assert_eq!(told.iso, "2026-11-23T09:41:05Z");
        assert_eq!(told.text, "23 Nov 2026, 09:41:05 UTC");
        assert_eq!(told.ago, "4 min ago");
        assert_eq!(clock(AT), "09:41:05 UTC");
        assert_eq!(moment(AT + 1, AT).ago, "just now", "clocks differ a little");
        assert_eq!(moment(u64::MAX, AT), Moment::default());
    }

    #[test]
    fn a_typed_moment_is_read() {
        assert_eq!(parse("2026-11-23T09:41:05"), Some(AT));
        assert_eq!(parse("2026-11-23T09:41"), Some(AT - 5_000));
        for bad in [
            "",
            "now",
            "2026-11-23",
            "2026-13-01T00:00",
            "2026-11-23T25:00",
            "1969-12-31T00:00",
            "2026-11-23Tx",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
