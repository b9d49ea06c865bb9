//! The product page: one variant is shown, the others are a click away.

use std::sync::Arc;

use fragments_kit::{Slot, publish};
use leptos::{either::Either, prelude::*};

use crate::{Product, ProductProps, Variant, VariantChanged, address, money::euros, picker::Picker};

/// The page of a product, or of none.
#[component]
pub fn ProductPage(props: ProductProps) -> impl IntoView {
    match props.product {
        Some(product) if !product.variants.is_empty() => {
            Either::Left(view! { <Details product=Arc::new(product) sku=props.sku/> })
        }
        _ => Either::Right(view! { <Unknown/> }),
    }
}

#[component]
fn Details(product: Arc<Product>, sku: String) -> impl IntoView {
    let shown = RwSignal::new(position(&product, Some(&sku)));
    let spoken = RwSignal::new(String::new());
    let variant = {
        let product = product.clone();
        move || product.variants[shown.get()].clone()
    };
    let show = {
        let product = product.clone();
        move |at: usize| {
            // A jump within the page goes through the history too, without another variant.
            if at != shown.get_untracked() {
                shown.set(at);
                announce(&product, &product.variants[at], spoken);
            }
        }
    };
    let choose = {
        let (product, show) = (product.clone(), show.clone());
        move |at: usize| {
            // First the address: the new title belongs to the new entry of the history.
            if at != shown.get_untracked() {
                address::push(&address::of(&product.id, &product.variants[at].sku));
            }
            show(at);
        }
    };
    address::on_return(product.id.clone(), {
        let product = product.clone();
        move |sku| show(position(&product, sku.as_deref()))
    });
    view! {
        <article class="de-product m-page">
            <Picture name=product.name.clone() variant=variant.clone()/>
            <div class="de-product__facts m-stack">
                <h1 class="de-product__name">{product.name.clone()}</h1>
                <p class="de-product__description">{product.description.clone()}</p>
                <Highlights texts=product.highlights.clone()/>
                <Picker product=product.clone() shown choose/>
                <p class="m-visually-hidden" role="status">{move || spoken.get()}</p>
                <Order variant=variant.clone()/>
            </div>
            <Slot src=format!("reviews/list?product={}", product.id) class="de-product__more"/>
            <Slot src=source("explore/recommendations?skus=", variant) class="de-product__more"/>
        </article>
    }
}

#[component]
fn Picture(name: String, variant: impl Fn() -> Variant + Clone + Send + Sync + 'static) -> impl IntoView {
    let alt = {
        let variant = variant.clone();
        move || format!("{name} in {}", variant().name)
    };
    view! {
        <div class="de-product__picture">
            <img src=move || variant().image alt=alt width="640" height="480" fetchpriority="high"/>
        </div>
    }
}

#[component]
fn Highlights(texts: Vec<String>) -> impl IntoView {
    let items = texts.into_iter().map(|text| view! { <li>{text}</li> }).collect_view();
    view! { <ul class="de-highlights">{items}</ul> }
}

/// Where checkout's button goes; while it is away, the price at least.
#[component]
fn Order(variant: impl Fn() -> Variant + Clone + Send + Sync + 'static) -> impl IntoView {
    let price = euros(untrack(&variant).price_cents);
    let fallback = format!(
        "<p class=\"m-price\">{price}</p><p class=\"m-notice\">Ordering is closed for a moment. Please try again soon.</p>"
    );
    view! { <Slot src=source("checkout/add-to-cart?sku=", variant) fallback class="de-product__order"/> }
}

#[component]
fn Unknown() -> impl IntoView {
    view! {
        <section class="de-unknown m-page m-stack">
            <h1>"No such tractor"</h1>
            <p>"It may have been sold, repainted, or never built. The others are still in the yard."</p>
            <p><a class="m-button m-button--primary" href="/products">"See all tractors"</a></p>
        </section>
    }
}

/// The slot's source, which follows the variant that is shown.
fn source(prefix: &'static str, variant: impl Fn() -> Variant + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(move || format!("{prefix}{}", variant().sku))
}

fn position(product: &Product, sku: Option<&str>) -> usize {
    let found = product
        .variants
        .iter()
        .position(|variant| Some(variant.sku.as_str()) == sku);
    found.unwrap_or_default()
}

fn announce(product: &Product, variant: &Variant, spoken: RwSignal<String>) {
    address::set_title(&product.title(variant));
    spoken.set(format!("{}, {}", variant.name, euros(variant.price_cents)));
    publish(&VariantChanged {
        id: product.id.clone(),
        sku: variant.sku.clone(),
    });
}
