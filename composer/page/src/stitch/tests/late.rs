//! Slots that are overtaken.

use super::*;

fn out_of_order() -> PageContext {
    PageContext {
        order: Order::OutOfOrder {
            names: "R".into(),
            in_order: None,
        },
        ..context(HELD_BYTES)
    }
}

fn overtakes(fragment: &'static str) -> Arrival {
    Arrival::Overtaken(fragment)
}

#[test]
fn a_slot_that_is_overtaken_comes_before_the_end_of_the_body() {
    check_with(
        "/tips",
        PageContext {
            badge: Some("<aside>dev</aside>".into()),
            ..out_of_order()
        },
        &[
            says("explore/tips", "<h1>Tips</h1>"),
            overtakes("explore/header"),
            completes("explore/tips"),
            says("explore/header", "<nav>"),
            completes("explore/header"),
        ],
        expect![[r#"
            [fetch explore/tips /fragments/tips?]
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs explore/tips]
            …</head><body>
            [needs explore/header]
            <slot src="explore/header" PENDING><?start name="s1-R"><p>no header</p><?end></slot>
            <main><slot src="explore/tips" class="m-page"><h1>Tips</h1>
            [needs explore/tips]
            </slot></main><aside>dev</aside>
            [needs explore/header]
            <script nonce="N">SCRIPT</script><template for="s1-R"><nav>
            [needs explore/header]
            </nav><!--marquetry:fresh--></template><!----></body></html>
            [done]
        "#]],
    );
}

#[test]
fn slots_in_late_content_are_overtaken_in_turn() {
    check_with(
        "/tips",
        out_of_order(),
        &[
            says(
                "explore/tips",
                "<fragment-slot src=\"decide/product\">wait</fragment-slot><p>end",
            ),
            completes("explore/header"),
            overtakes("decide/product"),
            completes("explore/tips"),
            says(
                "decide/product",
                "<b>P</b><fragment-slot src=\"checkout/add\"></fragment-slot><i>Q",
            ),
            overtakes("checkout/add"),
            completes("decide/product"),
            says("checkout/add", "<button>"),
            completes("checkout/add"),
        ],
        expect![[r#"
            [fetch explore/tips /fragments/tips?]
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs explore/tips]
            [fetch decide/product /fragments/product?]
            …</head><body>
            [needs explore/header]
            <slot src="explore/header"></slot>
            <main><slot src="explore/tips" class="m-page">
            [needs decide/product]
            <slot src="decide/product" PENDING><?start name="s3-R">wait<?end></slot><p>end
            [needs explore/tips]
            </p></slot></main>
            [needs decide/product]
            [fetch checkout/add /fragments/add?]
            <script nonce="N">SCRIPT</script><template for="s3-R"><b>P</b>
            [needs checkout/add]
            <slot src="checkout/add" PENDING><?start name="s4-R"><p>no add</p><?end></slot><i>Q
            [needs decide/product]
            </i><!--marquetry:fresh--></template><!---->
            [needs checkout/add]
            <template for="s4-R"><button>
            [needs checkout/add]
            </button><!--marquetry:fresh--></template><!----></body></html>
            [done]
        "#]],
    );
}

#[test]
fn the_first_that_is_ready_comes_first_and_what_fails_stays_as_it_is() {
    check_with(
        "/tips",
        out_of_order(),
        &[
            says(
                "explore/tips",
                "<fragment-slot src=\"checkout/add?sku=1\">one</fragment-slot>\
                 <fragment-slot src=\"checkout/add?sku=2\">two</fragment-slot>\
                 <fragment-slot src=\"checkout/add?sku=3\">three</fragment-slot>",
            ),
            completes("explore/tips"),
            keeps("explore/header", "head"),
            overtakes("checkout/add"),
            overtakes("checkout/add#2"),
            overtakes("checkout/add#3"),
            says("checkout/add", "<b>half"),
            says("checkout/add#3", "<b>3</b>"),
            completes("checkout/add#3"),
            breaks("checkout/add"),
            fails("checkout/add#2"),
        ],
        expect![[r#"
            [fetch explore/tips /fragments/tips?]
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs explore/tips]
            [fetch checkout/add /fragments/add?sku=1]
            [fetch checkout/add#2 /fragments/add?sku=2]
            [fetch checkout/add#3 /fragments/add?sku=3]
            …</head><body>
            [needs explore/header]
            [needs explore/header]
            <slot src="explore/header">head</slot>
            <main><slot src="explore/tips" class="m-page">
            [needs checkout/add]
            <slot src="checkout/add?sku=1" PENDING><?start name="s3-R">one<?end></slot>
            [needs checkout/add#2]
            <slot src="checkout/add?sku=2" PENDING><?start name="s4-R">two<?end></slot>
            [needs checkout/add#3]
            <slot src="checkout/add?sku=3" PENDING><?start name="s5-R">three<?end></slot></slot></main>
            [needs checkout/add]
            [needs checkout/add]
            [needs checkout/add]
            <script nonce="N">SCRIPT</script><template for="s5-R"><b>3</b><!--marquetry:fresh--></template><!---->
            [needs checkout/add]
            [needs checkout/add#2]
            </body></html>
            [done]
        "#]],
    );
}

#[test]
fn the_last_one_goes_out_as_it_arrives() {
    let mut run = Run::with(plan("/tips"), out_of_order());
    run.take(&keeps("explore/tips", "tips"));
    run.take(&overtakes("explore/header"));
    run.take(&says("explore/header", "<b>one</b>"));
    assert!(run.document().ends_with("<b>one</b>"), "{}", run.told);
    run.take(&says("explore/header", "<ul><li>two"));
    run.take(&breaks("explore/header"));
    let document = run.document();
    let end = "<ul><li>two</li></ul><!--marquetry:cut--><!--marquetry:fresh--></template><!----></body></html>";
    assert!(document.ends_with(end), "{document}");
}

#[test]
fn one_that_holds_much_goes_out_as_it_arrives() {
    const ADDS: [&str; 2] = ["checkout/add", "checkout/add#2"];
    let mut run = Run::with(plan("/tips"), out_of_order());
    run.take(&keeps("explore/header", "head"));
    run.take(&keeps(
        "explore/tips",
        "<fragment-slot src=\"checkout/add?sku=1\">one</fragment-slot><fragment-slot src=\"checkout/add?sku=2\">two</fragment-slot>",
    ));
    for add in ADDS {
        run.take(&overtakes(add));
    }
    let much = "x".repeat(70_000);
    run.take(&Arrival::Says(ADDS[1], much.clone().into()));
    assert!(run.document().ends_with(&much), "{} bytes", run.document().len());
    run.take(&completes(ADDS[1]));
    run.take(&completes(ADDS[0]));
    assert!(run.told.ends_with("[done]\n"));
}

#[test]
fn in_its_place_a_slot_is_waited_for_until_it_is_whole_but_the_pages_own_is_not() {
    let mut run = Run::with(plan("/tips"), out_of_order());
    run.take(&says("explore/header", "<b>head</b>"));
    run.take(&says("explore/tips", "<i>tips</i>"));
    assert!(run.told.ends_with("[needs explore/header]\n"), "{}", run.told);
    run.take(&completes("explore/header"));
    assert!(run.document().ends_with("<i>tips</i>"), "{}", run.told);
    assert!(!run.stitcher.overtake(run.slots["explore/tips"]), "it has begun");
}

#[test]
fn nothing_is_overtaken_in_the_documents_order_or_in_a_fragment_alone() {
    let mut page = Run::new(plan("/tips"), HELD_BYTES);
    page.take(&says("explore/tips", "tips"));
    assert!(!page.stitcher.overtake(page.slots["explore/header"]));
    let mut alone = Run::with(plan("explore/header"), out_of_order());
    alone.take(&says(
        "explore/header",
        "<fragment-slot src=\"checkout/mini-cart\"></fragment-slot>",
    ));
    alone.take(&completes("explore/header"));
    assert!(!alone.stitcher.overtake(alone.slots["checkout/mini-cart"]));
}

#[test]
fn a_slot_that_is_not_waited_for_is_not_overtaken() {
    let mut run = Run::with(plan("/tips"), out_of_order());
    assert!(!run.stitcher.overtake(run.slots["explore/tips"]), "the head is not out");
    run.take(&says("explore/tips", "tips"));
    assert!(!run.stitcher.overtake(run.slots["explore/tips"]), "it is not its turn");
    assert!(run.stitcher.overtake(run.slots["explore/header"]));
    assert!(!run.stitcher.overtake(run.slots["explore/header"]), "it was before");
}

#[test]
fn whoever_knows_no_late_content_is_shown_a_way_out_once() {
    let context = PageContext {
        order: Order::OutOfOrder {
            names: "R".into(),
            in_order: Some("/_m/order?to=%2Ftips".into()),
        },
        ..context(HELD_BYTES)
    };
    let mut run = Run::with(plan("/tips"), context);
    run.take(&says(
        "explore/tips",
        "<fragment-slot src=\"checkout/add\">one</fragment-slot>",
    ));
    run.take(&overtakes("explore/header"));
    run.take(&overtakes("checkout/add"));
    let document = run.document();
    let way_out = "<?start name=\"s1-R\"><noscript><meta http-equiv=\"refresh\" content=\"0;url=/_m/order?to=%2Ftips\"></noscript><p>";
    assert!(document.contains(way_out), "{document}");
    assert_eq!(document.matches("<noscript>").count(), 1);
}

#[test]
fn a_fragment_cannot_write_into_anothers_slot() {
    let mut run = Run::with(plan("/tips"), out_of_order());
    run.take(&says(
        "explore/tips",
        "<?start name=\"s1-R\">mine<?end><template for=\"s1-R\">stolen</template>\
         <svg><?start name=\"s1-R\"><template for=\"s1-R\">stolen</template></svg>\
         <fragment-slot src=\"checkout/add\"><?end><template for=s2-R>stolen</template></fragment-slot>",
    ));
    run.take(&overtakes("explore/header"));
    run.take(&overtakes("checkout/add"));
    run.take(&completes("explore/tips"));
    let document = run.document();
    assert_eq!(document.matches("<?start").count(), 2, "{document}");
    assert_eq!(document.matches("<?end>").count(), 2, "{document}");
    let foreign = document.replace("<svg><template for=\"s1-R\">stolen</template></svg>", "");
    assert!(!foreign.contains("<template"), "{document}");
}

#[test]
fn late_content_stays_in_its_template() {
    let mut run = Run::with(plan("/tips"), out_of_order());
    run.take(&says("explore/tips", "<h1>Tips</h1>"));
    run.take(&overtakes("explore/header"));
    run.take(&completes("explore/tips"));
    let hostile = "<nav></template></nav></fragment-slot></body></html><template><p></template></template>\
                   <svg></template></svg><table></template><tr><td></template><select></template><!--</template>-->";
    run.take(&says("explore/header", hostile));
    run.take(&completes("explore/header"));
    let document = run.document();
    let late = document.split_once("<template for=").unwrap().1;
    assert_eq!(
        late.matches("</template>").count() - late.matches("<!--</template>-->").count(),
        2,
        "{late}"
    );
    assert_eq!(late.matches("<template").count(), 1, "{late}");
    assert_eq!(late.matches("</body>").count(), 1, "{late}");
}

#[test]
fn what_waits_behind_the_body_has_a_limit() {
    let mut run = Run::with(
        plan("/tips"),
        PageContext {
            held_bytes: 10_000,
            ..out_of_order()
        },
    );
    run.take(&keeps(
        "explore/tips",
        "<fragment-slot src=\"checkout/add\">one</fragment-slot>",
    ));
    run.take(&overtakes("explore/header"));
    run.take(&overtakes("checkout/add"));
    run.take(&Arrival::Says("explore/header", "y".repeat(20_000).into()));
    assert!(run.told.contains("[the page may hold 10000 bytes"), "{}", run.told);
    run.take(&says("checkout/add", "<b>x</b>"));
    run.take(&completes("checkout/add"));
    assert!(run.document().contains("<b>x</b>") && !run.document().contains("yy"));
    assert!(run.told.ends_with("[done]\n"));
}

#[test]
fn whatever_is_awaited_can_be_ended() {
    let mut run = Run::with(plan("/tips"), out_of_order());
    run.take(&says(
        "explore/tips",
        "<fragment-slot src=\"decide/product\">wait</fragment-slot>",
    ));
    while let Some(slot) = run.drain() {
        if !run.stitcher.overtake(slot) {
            run.stitcher.close(slot, Outcome::Failed);
        }
    }
    assert!(
        run.told.ends_with("[done]\n") && run.document().ends_with("</html>"),
        "{}",
        run.told
    );
    assert_eq!((run.stitcher.counts().fresh, run.stitcher.counts().fallback), (1, 2));
}

#[test]
fn what_is_told_of_a_slot_stands_in_its_start_tag_or_in_its_late_content() {
    let mut run = Run::with(plan("/tips"), out_of_order());
    let header = run.slots["explore/header"];
    run.stitcher.tell(SlotId::PRIMARY, " data-source=\"fresh\"".into());
    run.take(&says("explore/tips", "<h1>Tips</h1>"));
    run.take(&overtakes("explore/header"));
    run.take(&completes("explore/tips"));
    run.stitcher.tell(header, " data-source=\"stale\"".into());
    run.take(&says("explore/header", "<nav></nav>"));
    let document = run.document();
    assert!(
        document.contains(" data-source=\"fresh\" class=\"m-page\"><h1>"),
        "{document}"
    );
    let late = "<template for=\"s1-R\"><!--marquetry:told data-source=\"stale\"--><nav>";
    assert!(document.contains(late), "{document}");
}
