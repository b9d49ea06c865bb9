//! The page views of a moment ago, so that what browsers report can be laid to the page that it is about.

use std::collections::{HashMap, VecDeque};

use contract::{AppVersion, Composition, admin::ReleaseId};

/// Page views that are remembered of each composition.
const VIEWS: usize = 4_096;
/// Compositions whose page views are remembered.
const COMPOSITIONS: usize = 64;

/// The sides of the canaries that a page view is counted for: the release, and whether it showed the canary.
pub(crate) type Sides = Vec<(ReleaseId, bool)>;

/// Recent page views by composition.
#[derive(Debug, Default)]
pub(crate) struct Views(VecDeque<(Composition, Recent)>);

#[derive(Debug, Default)]
struct Recent {
    order: VecDeque<u64>,
    views: HashMap<u64, Sides>,
}

impl Views {
    /// Remembers a page view; the oldest of its composition is forgotten.
    pub(crate) fn note(&mut self, composition: &Composition, request_id: &str, sides: Sides) {
        let Some(id) = number(request_id) else { return };
        let recent = self.recent(composition);
        if recent.views.insert(id, sides).is_none() {
            recent.order.push_back(id);
        }
        if recent.order.len() > VIEWS
            && let Some(oldest) = recent.order.pop_front()
        {
            recent.views.remove(&oldest);
        }
    }

    /// The sides of the page view that a report about `version` belongs to; of a page view, the first report only.
    pub(crate) fn report(&mut self, version: &AppVersion, request_id: &str) -> Sides {
        let Some(id) = number(request_id) else { return vec![] };
        let mut holding = self.0.iter_mut().filter(|(composition, _)| composition.holds(version));
        let found = holding.find_map(|(_, recent)| recent.views.get_mut(&id));
        found.map(std::mem::take).unwrap_or_default()
    }

    /// Forgets everything: there is no canary.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    fn recent(&mut self, composition: &Composition) -> &mut Recent {
        let at = self.0.iter().position(|(known, _)| known == composition);
        let at = at.unwrap_or_else(|| {
            if self.0.len() >= COMPOSITIONS {
                self.0.pop_front();
            }
            self.0.push_back((composition.clone(), Recent::default()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }
}

/// Request ids are 16 hexadecimal digits; whatever else a stranger says is none.
fn number(request_id: &str) -> Option<u64> {
    let plain = request_id.len() == 16 && request_id.bytes().all(|b| b.is_ascii_hexdigit());
    plain.then(|| u64::from_str_radix(request_id, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const R: ReleaseId = ReleaseId(7);

    fn composition(text: &str) -> Composition {
        text.parse().unwrap()
    }

    fn id(number: u64) -> String {
        format!("{number:016x}")
    }

    #[test]
    fn a_report_counts_once_for_the_page_that_it_is_about() {
        let mut views = Views::default();
        views.note(&composition("a@1.0.0 b@1.0.0"), &id(1), vec![(R, false)]);
        views.note(&composition("a@2.0.0 b@1.0.0"), &id(2), vec![(R, true)]);
        let (old, new) = ("a@1.0.0".parse().unwrap(), "a@2.0.0".parse().unwrap());
        assert_eq!(views.report(&old, &id(2)), [], "that page had another version");
        assert_eq!(views.report(&new, &id(2)), [(R, true)]);
        assert_eq!(views.report(&new, &id(2)), [], "a second report of the same page");
        assert_eq!(views.report(&"b@1.0.0".parse().unwrap(), &id(1)), [(R, false)]);
        for made_up in ["", "1", "zz", "00000000000000020", "+000000000000001"] {
            assert_eq!(views.report(&new, made_up), [], "{made_up}");
        }
    }

    #[test]
    fn old_page_views_are_forgotten() {
        let mut views = Views::default();
        let one = composition("a@1.0.0");
        let seen = "a@1.0.0".parse().unwrap();
        for view in 0..=VIEWS as u64 {
            views.note(&one, &id(view), vec![(R, false)]);
        }
        assert_eq!(views.report(&seen, &id(0)), []);
        assert_eq!(views.report(&seen, &id(1)), [(R, false)]);
        for version in 0..COMPOSITIONS {
            views.note(&composition(&format!("b@{version}.0.0")), &id(1), vec![(R, false)]);
        }
        assert_eq!(views.report(&seen, &id(2)), [], "its composition is the oldest");
        assert_eq!(views.0.len(), COMPOSITIONS);
    }
}
