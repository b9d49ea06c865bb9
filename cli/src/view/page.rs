//! `marquetry show`: what a page is made of.

use contract::{
    Role,
    admin::{PageView, SlotView},
};

use crate::output::{
    Output, Tone,
    table::{cell, optional},
    time::{ago, moment},
};

/// The page's slots, each with its app, version, owner and role.
pub(crate) fn text(output: Output, page: &PageView, now_ms: u64) -> String {
    let when = format!("{}, revision {}", when(page.at_ms, now_ms), page.revision);
    let Some(route) = &page.route else {
        let live = match page.composition.as_str() {
            "" => "nothing".to_owned(),
            versions => cell(versions),
        };
        return format!(
            "no page has the address {} at {when}; live was {live}\n",
            cell(&page.path)
        );
    };
    let layout = page
        .layout
        .as_ref()
        .map_or("no layout".into(), |layout| format!("layout {layout}"));
    let head = format!("{}: route {}, {layout}", cell(&page.path), cell(route));
    let mut text = format!("{}\n", output.tone(Tone::Heading, &head));
    text += &output.tone(Tone::Minor, &format!("as of {when}\n"));
    let mut table = output.table(["FRAGMENT", "VERSION", "OWNER", "TEAM", "ROLE", "INCLUDED BY"]);
    for slot in &page.slots {
        table.row([
            format!("{}{}", "  ".repeat(slot.depth.min(MAX_INDENT)), slot.fragment),
            version(output, slot),
            cell(&slot.owner),
            optional(slot.team.as_ref().map(|team| team.as_str())),
            role(slot.role).to_owned(),
            optional(slot.included_by.as_deref()),
        ]);
    }
    text + &table.text("")
}

/// `2026-05-01 14:05 (2 h ago)`; long ago, the date alone.
fn when(at_ms: u64, now_ms: u64) -> String {
    let (date, ago) = (moment(at_ms), ago(at_ms, now_ms));
    if date == ago { date } else { format!("{date} ({ago})") }
}

/// Deeper ones stand no further to the right.
const MAX_INDENT: usize = 8;

fn version(output: Output, slot: &SlotView) -> String {
    match &slot.version {
        Some(version) => version.to_string(),
        None => output.tone(Tone::Minor, "not live"),
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Primary => "primary",
        Role::Essential => "essential",
        Role::Optional => "optional",
    }
}
