//! Slots that begin before they are found, because the page had them the last times.

use super::*;

const ADD: &str = "<fragment-slot src=\"checkout/add?sku=1\">wait</fragment-slot>";

/// A response of `site` to one address.
fn shown(site: &Arc<Site>, path: &str) -> Run {
    let route = site.resolve(path).unwrap();
    Run::with(Plan::page(site, &route, &Params::default()), context(HELD_BYTES))
}

fn whole(site: &Arc<Site>, path: &str, tips: &'static str) -> Run {
    let mut run = shown(site, path);
    run.take(&says("explore/tips", tips));
    run.take(&completes("explore/tips"));
    run
}

#[test]
fn a_slot_that_a_page_had_the_last_times_begins_with_the_page() {
    let site = site();
    for _ in 0..2 {
        let run = whole(&site, "/tips/1", ADD);
        assert!(run.told.find("[needs").unwrap() < run.told.find("[fetch checkout/add").unwrap());
    }
    let mut run = whole(&site, "/tips/1", ADD);
    assert!(run.told.find("[fetch checkout/add").unwrap() < run.told.find("[needs").unwrap());
    assert_eq!(run.told.matches("[fetch checkout/add").count(), 1);
    run.take(&keeps("explore/header", "head"));
    run.take(&keeps("checkout/add", "<b>+</b>"));
    assert!(
        run.document()
            .contains("<b>+</b></fragment-slot></fragment-slot></main>"),
        "{}",
        run.told
    );
    let other = shown(&site, "/tips/2");
    assert!(
        !other.told.contains("[fetch checkout/add"),
        "of other params nothing is known"
    );
}

#[test]
fn a_wrong_guess_costs_one_fetch_and_is_let_go() {
    let site = site();
    for _ in 0..2 {
        whole(&site, "/tips/1", ADD);
    }
    let mut run = shown(&site, "/tips/1");
    run.take(&says("checkout/add", "<b>guessed</b>"));
    run.take(&keeps("explore/tips", "nothing today"));
    let guess = run.stitcher.fill(run.slots["checkout/add"], "x".into());
    assert!(matches!(guess, Err(StitchError::Unwanted { .. })));
    run.take(&keeps("explore/header", "head"));
    assert!(
        !run.document().contains("guessed") && run.told.ends_with("[done]\n"),
        "{}",
        run.told
    );
    assert!(!shown(&site, "/tips/1").told.contains("[fetch checkout/add"));
}

#[test]
fn a_page_that_breaks_off_teaches_nothing() {
    let site = site();
    for _ in 0..3 {
        let mut run = shown(&site, "/tips/1");
        run.take(&says("explore/tips", ADD));
        run.take(&breaks("explore/tips"));
    }
    assert!(!shown(&site, "/tips/1").told.contains("[fetch checkout/add"));
}
