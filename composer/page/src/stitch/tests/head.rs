//! What stands in the head, and what comes too late for it.

use super::*;

#[test]
fn the_head_holds_each_asset_once() {
    let mut run = Run::new(plan("/product/7"), HELD_BYTES);
    run.take(&says(
        "decide/product",
        "<head><title>A &amp; B</title><meta name=\"description\" content=\"d\">\
         <link rel=\"stylesheet\" href=\"/_m/assets/d/shop.css\"><link rel=\"stylesheet\" href=\"/own.css\">\
         <link rel=\"stylesheet\" href=\"https://evil.example/x.css\"></head><h1>T</h1>",
    ));
    let head = run.told.split_once("</head>").unwrap().0.replace("><", ">\n<");
    let head = head.replace(plan("/product/7").frame().unwrap(), "F");
    expect![[r#"
        [fetch decide/product /fragments/product?id=7]
        [fetch explore/header /fragments/header?]
        [fetch checkout/mini-cart /fragments/mini-cart?]
        [needs decide/product]
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>A &amp; B</title>
        <meta name="description" content="d">
        <script type="importmap" nonce="N">{"integrity":{"/_m/assets/d/checkout.js":"sha384-checkout.js","/_m/assets/d/mend.js":"sha384-mend.js","/_m/assets/d/shell.js":"sha384-shell.js"}}</script>
        <link rel="stylesheet" href="/_m/assets/d/shop.css" integrity="sha384-shop.css">
        <link rel="stylesheet" href="/_m/assets/d/checkout.css" integrity="sha384-checkout.css">
        <link rel="stylesheet" href="/own.css" data-by="decide/product">
        <link rel="modulepreload" href="/_m/assets/d/checkout.js" integrity="sha384-checkout.js">
        <script type="module" async src="/_m/assets/d/loader.js" integrity="sha384-loader.js" data-mend="/_m/assets/d/mend.js" data-shell="/_m/assets/d/shell.js" data-shell-integrity="sha384-shell.js" data-shell-wasm="/_m/assets/d/shell_bg.wasm" data-shell-wasm-integrity="sha384-shell_bg.wasm" data-report="/_m/report" data-prefix="/_m" data-topics="checkout:cart-changed" nonce="N" data-request-id="R" data-frame="F">
        </script>"#]].assert_eq(&head);
}

#[test]
fn a_page_names_its_composition_and_has_its_badge_at_the_end_of_its_body() {
    let context = PageContext {
        composition: Some("a.\"b".into()),
        badge: Some("<aside>dev</aside>".into()),
        ..context(HELD_BYTES)
    };
    let (mut stitcher, fetches) = Stitcher::new(plan("/product/7"), context);
    for fetch in fetches {
        stitcher.close(fetch.slot, Outcome::Failed);
    }
    let mut html = Vec::new();
    while let Step::Emit(bytes) = stitcher.next() {
        html.extend_from_slice(&bytes);
    }
    let html = String::from_utf8(html).unwrap();
    assert!(html.contains(" data-composition=\"a.&quot;b\" data-frame=\""), "{html}");
    assert!(html.ends_with("</main><aside>dev</aside></body></html>"), "{html}");
    assert_eq!(plan("/product/7").apps().len(), 3);
}

#[test]
fn a_style_sheet_that_comes_late_stands_in_its_slot() {
    check(
        "/tips",
        &[
            completes("explore/header"),
            says("explore/tips", "<fragment-slot src=\"checkout/add\"></fragment-slot>"),
            says(
                "checkout/add",
                "<head><title>no</title><link rel=\"stylesheet\" href=\"/add.css\"></head><b>+</b>",
            ),
            completes("checkout/add"),
            completes("explore/tips"),
        ],
        expect![[r#"
            [fetch explore/tips /fragments/tips?]
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs explore/tips]
            [needs explore/tips]
            [fetch checkout/add /fragments/add?]
            …</head><body><slot src="explore/header"></slot>
            <main><slot src="explore/tips" class="m-page">
            [needs checkout/add]
            <slot src="checkout/add"><link rel="stylesheet" href="/add.css"><b>+</b>
            [needs checkout/add]
            </slot>
            [needs explore/tips]
            </slot></main></body></html>
            [done]
        "#]],
    );
}
