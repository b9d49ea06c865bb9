//! Where a tab is in the logs of several apps, as text that it brings back: `checkout.k3f9a1b2-17~explore.a07c-4`.

use std::{collections::BTreeMap, fmt};

use contract::{AppName, feed::Place};

const LONGEST_BYTES: usize = 4 << 10;

/// A place in the log of each of some apps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cursor(pub(crate) BTreeMap<AppName, Place>);

impl Cursor {
    /// Reads what a tab brings back. What makes no sense counts for nothing: the tab then starts anew with that app.
    pub(crate) fn read(text: &str) -> Self {
        if text.len() > LONGEST_BYTES {
            return Self::default();
        }
        let places = text.split('~').filter_map(|part| {
            let (app, place) = part.split_once('.')?;
            Some((app.parse().ok()?, place.parse().ok()?))
        });
        Self(places.collect())
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (app, place)) in self.0.iter().enumerate() {
            let between = if at == 0 { "" } else { "~" };
            write!(f, "{between}{app}.{place}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_what_it_writes() {
        let text = "checkout.k3f9a1b2-17~explore.a07c-4~my-app.0-0";
        assert_eq!(Cursor::read(text).to_string(), text);
        assert_eq!(Cursor::read(""), Cursor::default());
        assert_eq!(
            Cursor::read("explore.a-4~checkout.b-1").to_string(),
            "checkout.b-1~explore.a-4"
        );
    }

    #[test]
    fn what_makes_no_sense_counts_for_nothing() {
        let mixed = Cursor::read("a.b-1~~x~A.b-1~c.d~e.f-1-2~g.h-99999999999999999999999~i.j-3");
        assert_eq!(mixed.to_string(), "a.b-1~i.j-3");
        assert_eq!(
            Cursor::read(&format!("a.b-1{}", "~a.b-1".repeat(1_000))),
            Cursor::default()
        );
    }
}
