//! Bodies that come whole, and are read once.

use super::*;

#[test]
fn a_kept_body_makes_the_page_that_its_bytes_make() {
    let texts = [
        ("checkout/mini-cart", "<a href=/cart><b>2</b></a>"),
        (
            "explore/header",
            "<nav><a href=/><fragment-slot src=\"checkout/mini-cart\">0</fragment-slot></a></nav>",
        ),
        (
            "decide/product",
            "<head><title>T</title><link rel=\"stylesheet\" href=\"/own.css\"></head><h1>T\
             <fragment-slot src=\"checkout/add?sku=A\" class=x></fragment-slot>",
        ),
        ("checkout/add", "<button>Add"),
    ];
    let mut bytes = Run::new(plan("/product/7?sku=A"), HELD_BYTES);
    let mut kept = Run::new(plan("/product/7?sku=A"), HELD_BYTES);
    for (name, text) in texts {
        bytes.take(&says(name, text));
        bytes.take(&completes(name));
        kept.take(&keeps(name, text));
    }
    assert!(kept.told.ends_with("[done]\n"), "{}", kept.told);
    assert_eq!(kept.document(), bytes.document());
    assert!(kept.document().contains("<a href=/><fragment-slot") && kept.document().contains("/own.css"));
    assert_eq!(kept.stitcher.counts(), bytes.stitcher.counts());
    assert_eq!(kept.stitcher.arrivals.held_bytes(), 0);
}

#[test]
fn a_kept_body_starts_the_fetches_of_its_slots_and_lets_others_go() {
    let mut run = Run::new(plan("/product/7?sku=A"), HELD_BYTES);
    run.take(&keeps(
        "decide/product",
        "<fragment-slot src=\"explore/tips?n=1\"></fragment-slot>",
    ));
    assert!(
        run.told.contains("[fetch explore/tips /fragments/tips?n=1]"),
        "{}",
        run.told
    );
    let eager = run.stitcher.fill(run.slots["checkout/add"], "x".into());
    assert!(matches!(eager, Err(StitchError::Unwanted { .. })));
}

#[test]
fn a_kept_body_comes_first_or_not_at_all() {
    let mut run = Run::new(plan("/tips"), HELD_BYTES);
    run.take(&says("explore/header", "<b>1</b>"));
    let kept = Arc::new(Kept::new("<b>2</b>".into()));
    let late = run.stitcher.keep(run.slots["explore/header"], &kept);
    assert!(matches!(late, Err(StitchError::Unwanted { .. })));
    run.take(&completes("explore/header"));
    let closed = run.stitcher.keep(run.slots["explore/header"], &kept);
    assert!(matches!(closed, Err(StitchError::Unwanted { .. })));
}

#[test]
fn a_kept_body_beyond_a_limit_is_a_failed_slot() {
    let mut run = Run::new(plan("/tips"), HELD_BYTES);
    let deep = Arc::new(Kept::new("<div>".repeat(10_000).into()));
    let header = run.slots["explore/header"];
    for _ in 0..2 {
        assert!(matches!(
            run.stitcher.keep(header, &deep),
            Err(StitchError::Scan { .. })
        ));
    }
    run.stitcher.close(header, Outcome::Failed);
    run.take(&keeps("explore/tips", "tips"));
    assert!(
        brief(&run.document()).contains("FALLBACK><p>no header</p></slot>"),
        "{}",
        run.told
    );
}

#[test]
fn a_long_text_of_a_kept_body_goes_out_with_its_copies_each_time() {
    let kept = Arc::new(Kept::new(format!("<p>{}</p>", "long ".repeat(4_000)).into()));
    let piece = || {
        let (mut stitcher, fetches) = Stitcher::new(plan("/tips"), context(HELD_BYTES));
        for fetch in fetches {
            // Of the eager ones some are no longer wanted.
            let _ = stitcher.keep(fetch.slot, &kept);
        }
        loop {
            match stitcher.next() {
                Step::Keep(piece) => return piece,
                Step::Emit(_) => {}
                step => panic!("there is no piece before {step:?}"),
            }
        }
    };
    let first = piece();
    assert_eq!(first.text(), kept.raw());
    assert!(Arc::ptr_eq(&first, &piece()));
    assert!(kept.weight() > 2 * kept.raw().len(), "room for its copies is counted");
}
