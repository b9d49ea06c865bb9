//! Which slots are fetched, and how many.

use super::*;

#[test]
fn what_is_not_included_is_not_fetched() {
    check(
        "/product/7",
        &[
            completes("explore/header"),
            says(
                "decide/product",
                "<fragment-slot src=\"checkout/mini-cart\">no</fragment-slot><fragment-slot src=\"//evil/x\"></fragment-slot>",
            ),
            completes("decide/product"),
        ],
        expect![[r#"
            [fetch decide/product /fragments/product?id=7]
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs decide/product]
            [needs decide/product]
            …</head><body><slot src="explore/header"></slot>
            <main><slot src="decide/product?id=7" class="m-page"><slot src="checkout/mini-cart" FALLBACK>no</slot><slot src="//evil/x" FALLBACK></slot>
            [needs decide/product]
            </slot></main></body></html>
            [done]
        "#]],
    );
}

#[test]
fn user_text_in_a_fragment_without_includes_stays_text() {
    check(
        "checkout/add?sku=1",
        &[
            says(
                "checkout/add",
                "<p><fragment-slot src=\"explore/header\">x</fragment-slot></p>",
            ),
            completes("checkout/add"),
        ],
        expect![[r#"
            [fetch checkout/add /fragments/add?sku=1]
            [needs checkout/add]
            <slot src="checkout/add?sku=1"><p><slot src="explore/header" >x</slot></p>
            [needs checkout/add]
            </slot>
            [done]
        "#]],
    );
}

#[test]
fn loops_are_cut() {
    check(
        "/tips",
        &[
            completes("explore/header"),
            says(
                "explore/tips",
                "<fragment-slot src=\"explore/tips?n=2\">me</fragment-slot><fragment-slot src=\"decide/product?id=1\"></fragment-slot>",
            ),
            says(
                "decide/product",
                "<fragment-slot src=\"explore/tips\">again</fragment-slot>",
            ),
            completes("decide/product"),
            completes("explore/tips"),
        ],
        expect![[r#"
            [fetch explore/tips /fragments/tips?]
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs explore/tips]
            [needs explore/tips]
            [fetch decide/product /fragments/product?id=1]
            …</head><body><slot src="explore/header"></slot>
            <main><slot src="explore/tips" class="m-page"><slot src="explore/tips?n=2" FALLBACK>me</slot>
            [needs decide/product]
            <slot src="decide/product?id=1"><slot src="explore/tips" FALLBACK>again</slot>
            [needs decide/product]
            </slot>
            [needs explore/tips]
            </slot></main></body></html>
            [done]
        "#]],
    );
}

#[test]
fn a_page_has_a_number_of_slots() {
    let mut run = Run::new(plan("/tips"), HELD_BYTES);
    run.take(&completes("explore/header"));
    let many = "<fragment-slot src=\"checkout/add\">f</fragment-slot>".repeat(100);
    run.take(&Arrival::Says("explore/tips", many.into()));
    assert_eq!(run.slots.len(), contract::slot::MAX_PER_PAGE);
    let waiting: Vec<SlotId> = run.slots.values().copied().collect();
    for id in waiting {
        run.stitcher.close(id, Outcome::Complete);
    }
    run.drain();
    assert_eq!(
        run.stitcher.counts(),
        Counts {
            fresh: 63,
            fallback: 39,
            cut: 0,
            late: 0,
        }
    );
    assert!(run.told.ends_with("[done]\n"));
}

#[test]
fn what_waits_has_a_limit() {
    let mut run = Run::new(plan("/tips"), 10_000);
    run.take(&Arrival::Says("explore/tips", "x".repeat(20_000).into()));
    assert!(
        run.told
            .contains("[the page may hold 10000 bytes that wait for their turn, fragment `explore/tips` sent more]")
    );
    run.take(&Arrival::Says("explore/header", "y".repeat(20_000).into()));
    run.take(&completes("explore/header"));
    let document = brief(&run.document());
    assert!(
        document.contains(&"y".repeat(20_000)) && !document.contains("xx"),
        "{document}"
    );
    assert!(run.told.ends_with("[done]\n"));
}

#[test]
fn an_eager_slot_that_no_element_shows_is_let_go() {
    let mut run = Run::new(plan("/product/7?sku=A"), HELD_BYTES);
    run.take(&says("checkout/add", "<b>x</b>"));
    run.take(&completes("decide/product"));
    run.take(&says("checkout/add", "<b>y</b>"));
    assert!(run.told.contains("[nothing waits for slot 1 any more]"), "{}", run.told);
}

#[test]
fn an_eager_slot_is_read_again_when_it_turns_out_to_stand_in_a_link() {
    check(
        "explore/header",
        &[
            says("checkout/mini-cart", "<a href=/cart>2</a>"),
            completes("checkout/mini-cart"),
            says(
                "explore/header",
                "<a href=/home><fragment-slot src=\"checkout/mini-cart\"></fragment-slot></a>",
            ),
            completes("explore/header"),
        ],
        expect![[r#"
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs explore/header]
            [needs explore/header]
            [needs explore/header]
            <slot src="explore/header"><a href=/home><slot src="checkout/mini-cart">2</slot></a>
            [needs explore/header]
            </slot>
            [done]
        "#]],
    );
}
