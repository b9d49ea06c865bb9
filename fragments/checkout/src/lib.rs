//! The checkout team's fragments: views and the code that wakes them in the browser.

#![expect(
    unreachable_pub,
    reason = "the props and builders that Leptos' component macro writes are `pub`"
)]

mod mini_cart;
mod add_to_cart;
mod cart;
mod checkout;
mod thanks;
mod input;
mod line;
mod submit;
mod focus;
mod money;
mod calls;
mod events;
mod data;

pub use add_to_cart::AddToCartView;
pub use calls::Reply;
pub use cart::CartPage;
pub use checkout::CheckoutPage;
pub use data::{
    AddToCartProps, Cart, CartProps, CheckoutProps, Fields, Line, MiniCartProps, Offer, Order, OrderLine, ThanksProps,
    field,
};
pub use events::StockChanged;
pub use mini_cart::MiniCartView;
pub use thanks::ThanksPage;

#[cfg(feature = "hydrate")]
fragments_kit::export_fragments! {
    "mini-cart" => |props: MiniCartProps| leptos::view! { <MiniCartView props/> },
    "add-to-cart" live => |props: leptos::prelude::Signal<AddToCartProps>| leptos::view! { <AddToCartView props/> },
    "cart" => |props: CartProps| leptos::view! { <CartPage props/> },
    "checkout" => |props: CheckoutProps| leptos::view! { <CheckoutPage props/> },
}
