//! The slots of the layout on the page, and those that stay.

use alloc::{string::String, vec::Vec};

use contract::slot::{DATA_VERSION, SRC};
use web_sys::{Document, Element};

use super::js;

/// On a slot that goes on to arrive.
pub(super) const ARRIVING: &str = "aria-busy";

/// As many as the composer reads.
const MOST: usize = 16;

/// The slots that stand in no other.
pub(super) fn of(page: &Document) -> Vec<Element> {
    js::all(page, "fragment-slot:not(fragment-slot fragment-slot)")
}

/// The slots that the tab can keep: whole, sound, and meant to stay.
pub(super) fn kept(page: &Document) -> String {
    const STAYS: &str = "[persist][data-state=fresh]:not([data-failed],[aria-busy],:has([data-state=pending]))";
    let mut kept = String::new();
    for slot in of(page).iter().filter(|slot| js::is(slot, STAYS)).take(MOST) {
        if let (Some(version), Some(src)) = (slot.get_attribute(DATA_VERSION), slot.get_attribute(SRC))
            && src.bytes().all(|byte| byte.is_ascii_graphic())
        {
            kept = kept + &version + ":" + &src + " ";
        }
    }
    kept
}
