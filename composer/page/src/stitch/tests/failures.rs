//! Slots that fail or break off.

use super::*;

#[test]
fn a_failed_slot_shows_its_children_or_the_file() {
    check(
        "/tips/3",
        &[
            fails("explore/header"),
            says(
                "explore/tips",
                "<fragment-slot src=\"checkout/add?sku=1\"><i>later</i></fragment-slot>\
                 <fragment-slot src=\"checkout/add?sku=2\"> </fragment-slot><fragment-slot src=\"decide/product\"></fragment-slot>",
            ),
            fails("checkout/add"),
            breaks("checkout/add#2"),
            fails("decide/product"),
            completes("explore/tips"),
        ],
        expect![[r#"
            [fetch explore/tips /fragments/tips?n=3]
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs explore/tips]
            [needs explore/tips]
            [fetch checkout/add /fragments/add?sku=1]
            [fetch checkout/add#2 /fragments/add?sku=2]
            [fetch decide/product /fragments/product?]
            …</head><body><slot src="explore/header" FALLBACK><p>no header</p></slot>
            <main><slot src="explore/tips?n=3" class="m-page">
            [needs checkout/add]
            <slot src="checkout/add?sku=1" FALLBACK><i>later</i></slot>
            [needs checkout/add#2]
            <slot src="checkout/add?sku=2" FALLBACK><p>no add</p></slot>
            [needs decide/product]
            <slot src="decide/product" FALLBACK></slot>
            [needs explore/tips]
            </slot></main></body></html>
            [done]
        "#]],
    );
}

#[test]
fn a_break_before_the_turn_is_a_fallback_and_after_it_a_cut() {
    check(
        "/product/7?sku=A",
        &[
            says("checkout/mini-cart", "<b>half"),
            breaks("checkout/mini-cart"),
            says(
                "explore/header",
                "<nav><fragment-slot src=\"checkout/mini-cart\">0</fragment-slot>",
            ),
            says("decide/product", "<h1>T</h1><ul><li>one"),
            completes("explore/header"),
            breaks("decide/product"),
        ],
        expect![[r#"
            [fetch decide/product /fragments/product?id=7&sku=A]
            [fetch checkout/add /fragments/add?sku=A]
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs decide/product]
            [needs decide/product]
            [needs decide/product]
            [needs decide/product]
            …</head><body><slot src="explore/header"><nav><slot src="checkout/mini-cart" FALLBACK>0</slot>
            [needs explore/header]
            </nav></slot>
            <main><slot src="decide/product?id=7&amp;sku=A" class="m-page"><h1>T</h1><ul><li>one
            [needs decide/product]
            </li></ul><!--marquetry:cut--></slot></main></body></html>
            [done]
        "#]],
    );
}
