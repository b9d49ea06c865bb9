//! What a browser's tab shows already when it goes to another page, and keeps.

use contract::{SlotSource, Version};

use crate::part::{Persist, Placed};

/// More slots than these are not kept.
const MOST_SLOTS: usize = 16;

/// The slots of a layout that a tab shows and may keep.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tab {
    shown: Vec<(Version, SlotSource)>,
}

impl Tab {
    /// Reads `1.4.2:explore/header?current=stores 1.4.2:explore/footer`; what can't be read isn't kept, nor is what comes
    /// behind the first 16.
    pub fn of(text: &str) -> Self {
        let words = text.split_ascii_whitespace().take(MOST_SLOTS);
        let shown = words.filter_map(|word| {
            let (version, src) = word.split_once(':')?;
            Some((version.parse().ok()?, src.parse().ok()?))
        });
        Self { shown: shown.collect() }
    }

    /// True for a slot that stays as it is.
    pub(crate) fn keeps(&self, placed: &Placed) -> bool {
        let (Some(offer), Some(source)) = (&placed.offer, &placed.place.source) else {
            return false;
        };
        let same = |shown: &SlotSource| match placed.place.persist {
            Persist::No => false,
            Persist::Source => shown == source,
            Persist::Fragment => shown.fragment == source.fragment,
        };
        let mut shown = self.shown.iter();
        shown.any(|(version, shown)| *version == offer.version && same(shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_not_kept() {
        let tab = Tab::of("1.0.0:a/b?x=1 a/b 1.0.0: :a/b 1:a/b 1.0.0:a/b/c\t2.0.0:a/c");
        let shown: Vec<String> = tab
            .shown
            .iter()
            .map(|(version, source)| format!("{version}:{source}"))
            .collect();
        assert_eq!(shown, ["1.0.0:a/b?x=1", "2.0.0:a/c"]);
        assert_eq!(Tab::of(&"1.0.0:a/b ".repeat(99)).shown.len(), MOST_SLOTS);
        assert_eq!(Tab::of(""), Tab::default());
    }
}
