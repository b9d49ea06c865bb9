//! Slots: where they are, what they say, what is in them.

use composer_html::Mode;
use expect_test::expect;

use crate::support::{FRAGMENT, check, html, pieces, show};

#[test]
fn a_slot_is_cut_out_with_its_fallback() {
    check(
        r#"<div><fragment-slot class=x src="checkout/mini-cart?a=1&amp;b=2" data-y='2'><p>empty</p></fragment-slot> after</div>"#,
        expect![[r#"
            head end
            html      <div>
            slot      checkout/mini-cart?a=1&b=2 = class=x data-y='2'
            fallback  <p>empty</p>
            slot end
            html       after</div>
        "#]],
    );
}

#[test]
fn a_slot_is_only_where_a_browser_has_the_element() {
    check(
        "<!-- <fragment-slot src=a> --><script>'<fragment-slot src=b>'</script><i title='<fragment-slot src=c>'>\
         <textarea><fragment-slot src=d></textarea><svg><fragment-slot src=e></fragment-slot></svg></i>\
         <template><fragment-slot src=f></fragment-slot></template><select><fragment-slot src=g></select>\
         <noscript><fragment-slot src=h></fragment-slot></noscript><FRAGMENT-SLOT SRC=yes></FRAGMENT-SLOT>",
        expect![[r#"
            head end
            html      <!-- <fragment-slot src=a> --><script>'<fragment-slot src=b>'</script><i title='<fragment-slot src=c>'><textarea><fragment-slot src=d></textarea><svg><fragment-slot src=e></fragment-slot></svg></i><template><fragment-slot src=f ></fragment-slot></template><select></select><noscript><fragment-slot src=h ></fragment-slot></noscript>
            slot      yes =
            slot end
        "#]],
    );
}

#[test]
fn what_only_the_composer_sets_and_handlers_are_dropped() {
    check(
        r#"<fragment-slot onclick="x()" data-state="fresh" id=a src=a/b src=no DATA-MODULE=evil id=b data-own x/></fragment-slot>"#,
        expect![[r#"
            head end
            slot      a/b = id=a data-own x
            slot end
        "#]],
    );
}

#[test]
fn an_attribute_takes_in_nothing_of_what_the_composer_writes_after_it() {
    check(
        "<fragment-slot src=a/b c=d/ e= ></fragment-slot><fragment-slot src=a/b c=\"\" e =\n/></fragment-slot>",
        expect![[r#"
            head end
            slot      a/b = c=d/ e
            slot end
            slot      a/b = c="" e =\n/
            slot end
        "#]],
    );
}

#[test]
fn a_self_closing_slash_means_nothing_and_without_src_there_is_no_slot() {
    check(
        "<p>1<fragment-slot src=a/b />2</fragment-slot>3<fragment-slot data-module=evil>4</fragment-slot>5",
        expect![[r#"
            head end
            html      <p>1
            slot      a/b =
            fallback  2
            slot end
            html      3<fragment-slot >4</fragment-slot>5</p>
        "#]],
    );
}

#[test]
fn slots_in_a_fallback_mean_nothing() {
    check(
        "<fragment-slot src=a/b>x<fragment-slot src=c/d>y</fragment-slot>z</fragment-slot>!",
        expect![[r#"
            head end
            slot      a/b =
            fallback  x<fragment-slot src=c/d >y</fragment-slot>z
            slot end
            html      !
        "#]],
    );
}

#[test]
fn a_fallback_is_balanced_by_itself() {
    check(
        "<ul><li><fragment-slot src=a/b><b><p>x</fragment-slot>y<fragment-slot src=c/d>no end</ul>z",
        expect![[r#"
            head end
            html      <ul><li>
            slot      a/b =
            fallback  <b><p>x</p></b>
            slot end
            html      y
            slot      c/d =
            fallback  no end
            slot end
            html      </li></ul>z
        "#]],
    );
}

#[test]
fn a_cut_in_a_fallback_ends_the_slot() {
    check(
        "<main><fragment-slot src=a/b><em>wai",
        expect![[r#"
            head end
            html      <main>
            slot      a/b =
            fallback  <em>wai</em>
            slot end
            html      </main>
        "#]],
    );
}

#[test]
fn without_slots_the_element_is_markup() {
    let pieces = pieces(
        Mode::Fragment { slots: false },
        "<fragment-slot src=a data-wasm=x>b</fragment-slot>",
    );
    expect![[r#"
        head end
        html      <fragment-slot src=a >b</fragment-slot>
    "#]]
    .assert_eq(&show(&pieces));
}

#[test]
fn a_slot_in_foreign_html_counts_again() {
    let pieces = pieces(
        FRAGMENT,
        "<svg><foreignObject><fragment-slot src=a/b></fragment-slot></foreignObject></svg>",
    );
    assert!(html(&pieces).contains("live=\"a/b\""));
}
