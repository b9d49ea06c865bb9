//! A page whose parts go out as they stand in the document.

use super::*;

#[test]
fn a_page_streams_in_document_order() {
    check(
        "/product/7?sku=A&evil=1",
        &[
            says("checkout/mini-cart", "<b>2</b>"),
            says("decide/product", "<head><title>Tractor</title></head><h1>T</h1>"),
            says(
                "explore/header",
                "<nav><fragment-slot src=\"checkout/mini-cart\"></fragment-slot>",
            ),
            completes("checkout/mini-cart"),
            says(
                "decide/product",
                "<fragment-slot src=\"checkout/add?sku=A\"></fragment-slot><p>end</p>",
            ),
            says("explore/header", "</nav>"),
            completes("explore/header"),
            completes("decide/product"),
            says("checkout/add", "<button>Add</button>"),
            completes("checkout/add"),
        ],
        expect![[r#"
            [fetch decide/product /fragments/product?id=7&sku=A]
            [fetch checkout/add /fragments/add?sku=A]
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs decide/product]
            [needs decide/product]
            …</head><body>
            [needs explore/header]
            <slot src="explore/header"><nav><slot src="checkout/mini-cart"><b>2</b>
            [needs checkout/mini-cart]
            </slot>
            [needs explore/header]
            [needs explore/header]
            </nav>
            [needs explore/header]
            </slot>
            <main><slot src="decide/product?id=7&amp;sku=A" class="m-page"><h1>T</h1>
            [needs checkout/add]
            [needs checkout/add]
            <slot src="checkout/add?sku=A"><button>Add</button>
            [needs checkout/add]
            </slot><p>end</p></slot></main></body></html>
            [done]
        "#]],
    );
}

#[test]
fn a_slot_element_says_what_stands_in_it() {
    let mut run = Run::new(plan("checkout/mini-cart?x=\"<y>"), HELD_BYTES);
    run.take(&says("checkout/mini-cart", "<b>2</b>"));
    run.take(&completes("checkout/mini-cart"));
    expect![[r#"
        [fetch checkout/mini-cart /fragments/mini-cart?]
        [needs checkout/mini-cart]
        <fragment-slot src="checkout/mini-cart?x=%22%3Cy%3E" data-fragment="checkout/mini-cart" data-app="checkout" data-version="3.0.0" data-state="fresh" data-hydrate="load" data-module="/_m/assets/d/checkout.js" data-wasm="/_m/assets/d/checkout_bg.wasm" data-wasm-integrity="sha384-checkout_bg.wasm"><b>2</b>
        [needs checkout/mini-cart]
        </fragment-slot>
        [done]
    "#]].assert_eq(&run.told);
}
