//! A part of a page, for a tab that has the rest.

use super::*;
use crate::Tab;

/// The site with other start tags of the layout's header.
fn with_header(tag: &str) -> Arc<Site> {
    let mut apps = [EXPLORE, DECIDE, CHECKOUT].map(published);
    let layout = LAYOUT.replace("<fragment-slot src=\"explore/header\">", tag);
    apps[0]
        .layouts
        .values_mut()
        .for_each(|each| *each = layout.clone().into());
    Arc::new(Site::new(apps.map(Arc::new).into(), Platform::default()).unwrap())
}

fn plan_of(site: &Arc<Site>) -> Plan {
    let route = site.resolve("/tips").unwrap();
    Plan::page(site, &route, &Params::default())
}

fn part(tag: &str, shown: &str) -> Run {
    let plan = plan_of(&with_header(tag)).for_tab(Tab::of(shown));
    Run::with(plan, context(HELD_BYTES))
}

fn keeps(tag: &str, shown: &str) -> bool {
    !part(tag, shown).slots.contains_key("explore/header")
}

#[test]
fn a_tab_gets_the_head_and_the_slots_that_it_does_not_keep() {
    let mut run = part("<fragment-slot src=\"explore/header\" persist>", "1.0.0:explore/header");
    run.take(&says("explore/tips", "<head><title>Tips</title></head><h1>Tips</h1>"));
    run.take(&completes("explore/tips"));
    expect![[r#"
        [fetch explore/tips /fragments/tips?]
        [needs explore/tips]
        <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tips</title><script type="importmap" nonce="N">{"integrity":{"/_m/assets/d/checkout.js":"sha384-checkout.js"}}</script><link rel="stylesheet" href="/_m/assets/d/shop.css" integrity="sha384-shop.css"><link rel="stylesheet" href="/_m/assets/d/checkout.css" integrity="sha384-checkout.css"><link rel="modulepreload" href="/_m/assets/d/checkout.js" integrity="sha384-checkout.js"></head><body><slot src="explore/header" data-state="kept" persist></slot><slot src="explore/tips" class="m-page"><h1>Tips</h1>
        [needs explore/tips]
        </slot>
        [done]
    "#]]
    .assert_eq(&brief(&run.told));
}

#[test]
fn a_slot_is_kept_if_it_is_meant_to_and_would_show_the_same() {
    let plain = "<fragment-slot src=\"explore/header\">";
    let same = "<fragment-slot src=\"explore/header?a=1&amp;b=2\" persist>";
    let any = "<fragment-slot src=\"explore/header?a=1\" persist=\"fragment\">";
    for (tag, shown, kept) in [
        (plain, "1.0.0:explore/header", false),
        (same, "1.0.0:explore/header?b=2&a=1", true),
        (same, "1.0.0:explore/header?a=1", false),
        (same, "1.0.1:explore/header?a=1&b=2", false),
        (same, "1.0.0:explore/tips?a=1&b=2", false),
        (any, "1.0.0:explore/tips 1.0.0:explore/header", true),
        (any, "2.0.0:explore/header?a=1", false),
        (any, "", false),
    ] {
        assert_eq!(keeps(tag, shown), kept, "{tag} for {shown}");
    }
}

#[test]
fn layouts_that_differ_in_params_have_one_frame() {
    let frame = |tag: &str| plan_of(&with_header(tag)).frame().unwrap().to_owned();
    let one = frame("<fragment-slot src=\"explore/header\" persist>");
    assert_eq!(
        one,
        frame("<fragment-slot src=\"explore/header?current=tips\" persist>")
    );
    assert_ne!(one, frame("<fragment-slot src=\"explore/header\">"));
    assert_ne!(one, frame("<p></p><fragment-slot src=\"explore/header\" persist>"));
}

#[test]
fn a_part_goes_out_of_order_without_a_script_and_never_early() {
    let plan = plan_of(&with_header("<fragment-slot src=\"explore/header\">")).for_tab(Tab::default());
    assert!(!plan.flushes_early());
    let order = Order::OutOfOrder {
        names: "R".into(),
        in_order: None,
    };
    let mut run = Run::with(
        plan,
        PageContext {
            order,
            ..context(HELD_BYTES)
        },
    );
    run.take(&says("explore/tips", "<h1>Tips</h1>"));
    run.take(&Arrival::Overtaken("explore/header"));
    run.take(&completes("explore/tips"));
    run.take(&says("explore/header", "<nav>"));
    run.take(&completes("explore/header"));
    let document = brief(&run.document());
    let (_, body) = document.split_once("<body>").unwrap();
    assert_eq!(
        body,
        "<slot src=\"explore/header\" PENDING><?start name=\"s1-R\"><p>no header</p><?end></slot>\
         <slot src=\"explore/tips\" class=\"m-page\"><h1>Tips</h1></slot>\
         <template for=\"s1-R\"><nav></nav><!--marquetry:fresh--></template><!---->"
    );
}
