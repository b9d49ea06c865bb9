//! What broke, whose it is, since which release, on which page: in words and as JSON. Nothing in it is about a person.

use std::fmt::Write;

use crate::{
    answer::{Answer, App},
    json::{Object, string},
    page::{Event, Page, Report, Slot},
    words,
};

/// Events that are told.
const MOST_EVENTS: usize = 20;

/// A moment as text.
type Time<'t> = &'t dyn Fn(f64) -> String;

/// The diagnosis for people.
pub(crate) fn words(page: &Page, answer: &Answer, time: Time<'_>) -> String {
    let mut out = String::new();
    let at = if answer.route.is_empty() {
        &page.path
    } else {
        &answer.route
    };
    let _ = writeln!(out, "Page {at}, request {}.", or_unknown(&page.request_id));
    let broken: Vec<&Slot> = page.slots.iter().filter(|slot| slot.is_broken()).collect();
    if broken.is_empty() && page.reports.is_empty() {
        out.push_str("Nothing is broken, as far as this page knows.\n");
    }
    for slot in &broken {
        tell_slot(&mut out, slot, page, answer, time);
    }
    let is_told = |report: &&Report| !broken.iter().any(|slot| slot.fragment == report.fragment);
    for report in page.reports.iter().filter(is_told) {
        let owner = answer.owner_of(&report.app, &report.owner);
        let Report {
            fragment,
            app,
            version,
            phase,
            message,
            ..
        } = report;
        let _ = writeln!(out, "\n{fragment} failed to {phase}: {message}");
        let _ = writeln!(out, "  {app}@{version}, owned by {}.", or_unknown(&owner));
        tell_release(&mut out, answer.app(app), time);
    }
    for slot in page.slots.iter().filter(|slot| !slot.leaks.is_empty()) {
        let _ = writeln!(out, "\n{} left behind: {}.", slot.fragment, slot.leaks.join(", "));
    }
    if !answer.composition.is_empty() {
        let _ = writeln!(out, "\nComposition: {}.", answer.composition);
    }
    for app in answer
        .apps
        .iter()
        .filter(|app| app.why != "stable" && app.why != "fixed")
    {
        let _ = writeln!(out, "{}@{} is {}.", app.app, app.version, app.reason());
    }
    out
}

fn tell_slot(out: &mut String, slot: &Slot, page: &Page, answer: &Answer, time: Time<'_>) {
    let _ = match (slot.failed.as_str(), slot.why.as_str()) {
        ("", "") => writeln!(out, "\n{} shows its fallback: its server gave nothing.", slot.fragment),
        ("", why) => writeln!(out, "\n{} shows its fallback: {why}.", slot.fragment),
        (step, _) => writeln!(out, "\n{} failed to {step}.", slot.fragment),
    };
    let reports = page.reports.iter().filter(|report| report.fragment == slot.fragment);
    for report in reports {
        let _ = writeln!(out, "  {}: {}", report.phase, report.message);
    }
    let owner = answer.owner_of(&slot.app, &slot.owner);
    let _ = writeln!(out, "  {}, owned by {}.", slot.app_version(), or_unknown(&owner));
    tell_release(out, answer.app(&slot.app), time);
}

fn tell_release(out: &mut String, app: Option<&App>, time: Time<'_>) {
    let Some(app) = app else { return };
    if let Some(release) = &app.release {
        let since = words::minute(&time(release.since_ms.unwrap_or(release.at_ms)));
        let reason = release
            .reason
            .as_ref()
            .map(|reason| format!(", because: {reason}"))
            .unwrap_or_default();
        let _ = writeln!(
            out,
            "  Since release {} of {since} by {}{reason}; it is {}.",
            release.id,
            release.by,
            app.reason()
        );
    } else {
        let _ = writeln!(out, "  It is {}.", app.reason());
    }
}

fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}

/// The diagnosis for programs.
pub(crate) fn json(page: &Page, answer: &Answer, time: Time<'_>) -> String {
    let from = page.events.len().saturating_sub(MOST_EVENTS);
    Object::default()
        .text("path", &page.path)
        .some("route", &answer.route)
        .some("layout", &answer.layout)
        .text("request_id", &page.request_id)
        .some("composer", &answer.composer)
        .some("composition", &answer.composition)
        .some("composition_state", &answer.state)
        .list("apps", &answer.apps, |app| app_json(app, time))
        .list("slots", &page.slots, |slot| slot_json(slot, answer))
        .list("reports", &page.reports, |report| report_json(report, time))
        .list("events", &page.events[from..], |event| event_json(event, time))
        .number("first_byte_ms", page.timing.first_ms)
        .number("last_byte_ms", page.timing.done_ms)
        .list("server_timing", &page.timing.parts, |(name, took, what)| {
            let part = Object::default().text("name", name).number("ms", Some(*took));
            part.some("from", what).end()
        })
        .end()
}

fn app_json(app: &App, time: Time<'_>) -> String {
    let mut out = Object::default()
        .text("app", &app.app)
        .text("version", &app.version)
        .text("owner", &app.owner)
        .text("why", &app.why);
    if let Some(release) = &app.release {
        let release = Object::default()
            .text("id", &release.id)
            .text("at", &time(release.at_ms))
            .text("by", &release.by)
            .some("reason", release.reason.as_deref().unwrap_or_default())
            .text("course", &release.course);
        out = out.raw("release", &release.end());
    }
    out.end()
}

fn slot_json(slot: &Slot, answer: &Answer) -> String {
    let role = answer.planned(&slot.fragment).map(|planned| planned.role.as_str());
    Object::default()
        .text("fragment", &slot.fragment)
        .text("version", &slot.app_version())
        .text("owner", &answer.owner_of(&slot.app, &slot.owner))
        .some("role", role.unwrap_or_default())
        .text("asked", &slot.asked())
        .text("condition", slot.condition())
        .some("failed", &slot.failed)
        .some("from", &slot.source)
        .some("why", &slot.why)
        .number("server_ms", slot.took_ms)
        .number("load_ms", slot.load_ms)
        .number("hydrate_ms", slot.hydrate_ms)
        .number("mount_ms", slot.mount_ms)
        .number("update_ms", slot.update_ms)
        .number("html_bytes", Some(slot.html_bytes))
        .number("module_bytes", Some(slot.code_bytes))
        .list("failures", &slot.failures, |each| string(each))
        .list("leaks", &slot.leaks, |each| string(each))
        .end()
}

fn report_json(report: &Report, time: Time<'_>) -> String {
    Object::default()
        .some("at", &report.at_ms.map(time).unwrap_or_default())
        .text("fragment", &report.fragment)
        .text("version", &format!("{}@{}", report.app, report.version))
        .text("phase", &report.phase)
        .text("message", &report.message)
        .some("stack", &report.stack)
        .some("request_id", &report.request_id)
        .end()
}

fn event_json(event: &Event, time: Time<'_>) -> String {
    Object::default()
        .text("at", &time(event.at_ms))
        .text("topic", &event.topic)
        .some("publisher", &event.publisher)
        .some("from", &event.from)
        .text("shape", &event.shape)
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Release;

    fn page() -> Page {
        let slot = Slot {
            fragment: "checkout/mini-cart".into(),
            app: "checkout".into(),
            version: "1.1.0".into(),
            src: "checkout/mini-cart?name=Ada&sku=AU-02".into(),
            failed: "hydrate".into(),
            ..Slot::default()
        };
        Page {
            path: "/product/AU-02".into(),
            request_id: "abc".into(),
            slots: vec![slot],
            reports: vec![Report {
                app: "checkout".into(),
                version: "1.1.0".into(),
                fragment: "checkout/mini-cart".into(),
                phase: "hydrate".into(),
                message: "boom".into(),
                ..Report::default()
            }],
            events: vec![Event {
                topic: "checkout:cart-changed".into(),
                value: "{\"name\":\"Ada\"}".into(),
                shape: "{ name: string }".into(),
                ..Event::default()
            }],
            ..Page::default()
        }
    }

    fn answer() -> Answer {
        Answer {
            route: "/product/{sku}".into(),
            composition: "checkout@1.1.0".into(),
            apps: vec![App {
                app: "checkout".into(),
                version: "1.1.0".into(),
                owner: "team checkout".into(),
                why: "canary".into(),
                release: Some(Release {
                    id: "r12".into(),
                    by: "ada".into(),
                    reason: Some("try it".into()),
                    ..Release::default()
                }),
                ..App::default()
            }],
            ..Answer::default()
        }
    }

    fn time(_: f64) -> String {
        "2026-11-23T14:05:00.000Z".into()
    }

    #[test]
    fn words_say_what_broke_and_whose_it_is_since_when() {
        let expected = "Page /product/{sku}, request abc.\n\n\
            checkout/mini-cart failed to hydrate.\n  hydrate: boom\n  checkout@1.1.0, owned by team checkout.\n  \
            Since release r12 of 2026-11-23 14:05 UTC by ada, because: try it; it is a canary.\n\n\
            Composition: checkout@1.1.0.\ncheckout@1.1.0 is a canary.\n";
        assert_eq!(words(&page(), &answer(), &time), expected);
        let well = words(&Page::default(), &Answer::default(), &time);
        assert!(well.contains("Nothing is broken"), "{well}");
    }

    #[test]
    fn nothing_that_people_typed_is_in_it() {
        let json = json(&page(), &answer(), &time);
        assert!(
            !json.contains("Ada") && json.contains("\"shape\":\"{ name: string }\""),
            "{json}"
        );
        assert!(json.contains("checkout/mini-cart?name&sku"), "{json}");
    }
}
