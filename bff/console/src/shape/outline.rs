//! What a page is made of.

use contract::{
    Role,
    admin::{PageView, SlotView},
};
use fragments_console::{Found, Slot};

use crate::moment::moment;

const HUES: u8 = 6;

/// The page, each app in a colour of its own as far as there are some.
pub(crate) fn found(view: &PageView) -> Found {
    let mut apps: Vec<&str> = vec![];
    let slots = nested(&view.slots).into_iter().map(|slot| {
        let app = slot.fragment.app.as_str();
        let at = apps.iter().position(|known| *known == app).unwrap_or_else(|| {
            apps.push(app);
            apps.len() - 1
        });
        self::slot(slot, u8::try_from(at).unwrap_or(u8::MAX) % HUES)
    });
    Found {
        slots: slots.collect(),
        moment: moment(view.at_ms, view.at_ms),
        revision: view.revision,
        route: view.route.clone().unwrap_or_default(),
        layout: view.layout.as_ref().map(ToString::to_string).unwrap_or_default(),
        composition: view.composition.split_whitespace().map(str::to_owned).collect(),
    }
}

/// The slots, each followed by what it includes: the admin API tells them by depth.
fn nested(slots: &[SlotView]) -> Vec<&SlotView> {
    let mut order: Vec<&SlotView> = vec![];
    for slot in slots {
        let includes = |other: &&SlotView| {
            let name = other.fragment.to_string();
            other.depth + 1 == slot.depth && slot.included_by.as_ref() == Some(&name)
        };
        let at = order.iter().position(includes).map_or(order.len(), |includer| {
            let below = order[includer + 1..].iter();
            includer + 1 + below.take_while(|other| other.depth > order[includer].depth).count()
        });
        order.insert(at, slot);
    }
    order
}

fn slot(slot: &SlotView, hue: u8) -> Slot {
    let role = match slot.role {
        Role::Primary => "primary",
        Role::Essential => "essential",
        Role::Optional => "optional",
    };
    let owner = match &slot.team {
        Some(team) => format!("{} ({team})", slot.owner),
        None => slot.owner.clone(),
    };
    Slot {
        fragment: slot.fragment.to_string(),
        app: slot.fragment.app.to_string(),
        version: slot.version.as_ref().map(ToString::to_string).unwrap_or_default(),
        owner,
        role: role.into(),
        included_by: slot.included_by.clone().unwrap_or_default(),
        depth: slot.depth,
        hue,
    }
}
