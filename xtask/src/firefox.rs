//! `cargo xtask test --firefox`: the browser tests in Firefox, and which of them are Chromium's alone.

use anyhow::Result;

use crate::tools;

/// Modules of the browser tests.
const MODULES: [&str; 16] = [
    "accessibility",
    "console",
    "containment",
    "hydration",
    "inspector",
    "live_events",
    "new_versions",
    "open_tab",
    "out_of_order",
    "screenshots",
    "soft_navigation",
    "soft_navigation_everywhere",
    "soft_navigation_for_long",
    "soft_navigation_in_the_shop",
    "story",
    "story_without_script",
];

/// What only Chromium can do, and why.
const CHROMIUMS: &[(&str, &str)] = &[
    (
        "story::someone_orders_with_a_slow_processor_and_a_slow_network",
        "geckodriver slows neither processor nor network down",
    ),
    (
        "out_of_order::a_slot_that_is_late_needs_no_script",
        "Firefox puts nothing in its place without a script: it gets the document's order instead",
    ),
    (
        "out_of_order::a_browser_that_takes_the_marks_for_comments_is_helped_by_a_script",
        "it takes half of patching out of Chromium; Firefox has none to take out",
    ),
    (
        "soft_navigation::intent::a_page_of_another_layout_is_fetched_ahead_by_the_browser",
        "Firefox has no speculation rules: such a page is fetched by the click",
    ),
    (
        "soft_navigation::intent::what_somebody_has_turned_away_from_is_fetched_anew",
        "Firefox has no speculation rules: such a page is fetched by the click",
    ),
];

/// A nextest filter of all that can run in Firefox.
pub(crate) fn all() -> String {
    let modules = MODULES.join("|");
    let without: Vec<String> = CHROMIUMS.iter().map(|(test, _)| format!("test(={test})")).collect();
    format!("package(tests) & test(/^({modules})::/) - ({})", without.join(" + "))
}

/// Says what is left out.
pub(crate) fn tell() {
    for (test, why) in CHROMIUMS {
        eprintln!("not in Firefox: {test}: {why}");
    }
}

/// Sets Firefox and its driver up, and says by which variables tests find them.
///
/// # Errors
/// When one of them can't be had here.
pub(crate) fn set_up() -> Result<[(&'static str, String); 2]> {
    let driver = tools::for_firefox()?;
    Ok([
        ("MARQUETRY_BROWSER", "firefox".to_owned()),
        ("MARQUETRY_GECKODRIVER", driver.display().to_string()),
    ])
}
