//! Slots in views.

use fragments_kit::{Slot, server::render};
use leptos::prelude::*;

use crate::{context, parts};

async fn rendered<V: IntoView + 'static>(view: impl FnOnce() -> V) -> String {
    let html = render(&context(), (), |()| view()).await.unwrap();
    parts(&html).0.to_owned()
}

#[tokio::test]
async fn a_slot_is_an_element_with_its_source() {
    let html = rendered(|| view! { <Slot src="explore/recommendations?skus=AU-02&count=4"/> }).await;
    assert_eq!(
        html,
        r#"<fragment-slot src="explore/recommendations?skus=AU-02&amp;count=4"></fragment-slot>"#
    );
}

#[tokio::test]
async fn a_slot_holds_its_fallback_and_has_its_class() {
    let html = rendered(|| view! { <Slot src="a/b" fallback="<a href=\"/cart\">Cart</a>" class="ch-cart"/> }).await;
    let want = r#"<fragment-slot src="a/b" class="ch-cart"><a href="/cart">Cart</a></fragment-slot>"#;
    assert_eq!(html, want);
}

#[tokio::test]
async fn the_source_of_a_slot_may_be_a_signal() {
    let sku = "AU-02".to_owned();
    let html = rendered(|| {
        let sku = RwSignal::new(sku);
        let src = Signal::derive(move || format!("checkout/add-to-cart?sku={}", sku.get()));
        view! { <p>"x"</p><Slot src/><p>"y"</p> }
    })
    .await;
    assert_eq!(
        html,
        r#"<p>x</p><fragment-slot src="checkout/add-to-cart?sku=AU-02"></fragment-slot><p>y</p>"#
    );
}
