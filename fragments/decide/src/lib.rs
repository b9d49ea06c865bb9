//! The decide team's fragments: views and the code that wakes them in the browser.

#![expect(
    unreachable_pub,
    reason = "the props and builders that Leptos' component macro writes are `pub`"
)]

mod product;
mod picker;
mod address;
mod variant_changed;
mod money;
mod data;

pub use data::{Product, ProductProps, Variant};
pub use product::ProductPage;
pub use variant_changed::VariantChanged;

#[cfg(feature = "hydrate")]
fragments_kit::export_fragments! {
    "product" => |props: ProductProps| leptos::view! { <ProductPage props/> },
}
