//! An app's events on their way from its BFF to composers: server-sent events at the manifest's `[events] feed`.
//!
//! `GET <feed>?recent=512`, with `last-event-id: k3f9a1b2-17` by a composer that has read before. The first event is [`OPENING`];
//! then come all events of the log behind that place, in order, each with its place as `id`, its topic as `event`, JSON in one
//! line as `data`, and the fields [`TIME`] and [`AUDIENCE`], which browsers don't know and leave out.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The name of a feed's first event; its data is an [`Opening`].
pub const OPENING: &str = "marquetry:feed";
/// The field with the moment of an event, in milliseconds since 1970.
pub const TIME: &str = "time";
/// The field with who may hear an event, once for each audience; without one all may whom its topic is for.
pub const AUDIENCE: &str = "audience";
/// The param by which a composer that comes for the first time asks for events that have been already.
pub const RECENT: &str = "recent";
/// The longest value of an event, as JSON.
pub const LONGEST_VALUE_BYTES: usize = 16 << 10;
/// The longest name of an audience.
pub const LONGEST_AUDIENCE_BYTES: usize = 128;
/// The most audiences of one event, or of one visitor.
pub const MOST_AUDIENCES: usize = 64;
/// The longest name of a log.
const LONGEST_LOG_BYTES: usize = 32;

/// What a feed begins with: all events of `log` behind `after` follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The log's name, which no other log has: one that begins anew has a new one.
    pub log: String,
    /// The number of the last event before those that follow.
    pub after: u64,
}

/// What an app says of a visitor who wants to hear restricted topics: `{ "audiences": ["customer-42"] }`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audiences {
    /// The audiences that the visitor belongs to.
    pub audiences: Vec<String>,
}

/// A place in a log: `k3f9a1b2-17` is behind its event 17.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The log's name.
    pub log: String,
    /// The number of the last event before this place; 0 is before the first.
    pub number: u64,
}

/// A text is no place in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceError;

impl fmt::Display for PlaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be a place in a log, as `k3f9a1b2-17`")
    }
}

impl std::error::Error for PlaceError {}

/// Tells whether `name` may be a log's: 1 to 32 of `a-z` and `0-9`.
pub fn is_log(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=LONGEST_LOG_BYTES).contains(&name.len()) && name.bytes().all(plain)
}

/// Tells whether `name` may be an audience's: 1 to 128 visible ASCII characters.
pub fn is_audience(name: &str) -> bool {
    (1..=LONGEST_AUDIENCE_BYTES).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic())
}

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let (log, number) = text.rsplit_once('-').ok_or(PlaceError)?;
        let plain = number.bytes().all(|b| b.is_ascii_digit()) && (number == "0" || !number.starts_with('0'));
        let number = plain.then(|| number.parse().ok()).flatten().ok_or(PlaceError)?;
        let log = is_log(log).then(|| log.to_owned()).ok_or(PlaceError)?;
        Ok(Self { log, number })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.log, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_what_it_writes() {
        for text in ["k3f9a1b2-17", "a-0", "0-18446744073709551615"] {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "a",
            "-1",
            "a-",
            "a-01",
            "a-+1",
            "A-1",
            "a b-1",
            "a-18446744073709551616",
            "a~b-1",
            "a.b-1",
        ] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
        assert!(format!("{}-1", "a".repeat(33)).parse::<Place>().is_err());
    }
}
