//! The cart page: its lines, their sum, and what others like to buy with them.

use fragments_kit::{Slot, link, publish, spawn};
use leptos::{either::Either, html, prelude::*};
use web_sys::SubmitEvent;

use crate::{Cart, CartProps, Line, calls, events::CartChanged, line::CartLine, money::euros};

/// What the page's parts share.
#[derive(Clone, Copy)]
struct Page {
    cart: RwSignal<Cart>,
    /// What was done, for those who don't see it.
    done: RwSignal<String>,
    /// What could not be done.
    notice: RwSignal<Option<String>>,
    /// Where the focus goes when the button that had it is gone.
    heading: NodeRef<html::H1>,
}

/// The page at `/checkout/cart`.
#[component]
pub fn CartPage(props: CartProps) -> impl IntoView {
    let page = Page {
        cart: RwSignal::new(props.cart),
        done: RwSignal::default(),
        notice: RwSignal::new(props.notice),
        heading: NodeRef::new(),
    };
    let is_empty = Memo::new(move |_| page.cart.with(|cart| cart.lines.is_empty()));
    let similar = Signal::derive(move || format!("explore/recommendations?skus={}", page.cart.with(Cart::skus)));
    view! {
        <section class="ch-cart m-page m-stack">
            <h1 class="ch-title" tabindex="-1" node_ref=page.heading>"Your cart"</h1>
            <p class="m-visually-hidden" role="status">{move || page.done.get()}</p>
            <div role="alert">
                {move || page.notice.get().map(|text| view! { <p class="m-notice m-notice--danger">{text}</p> })}
            </div>
            {move || {
                if is_empty.get() {
                    Either::Left(view! { <Empty/> })
                } else {
                    Either::Right(view! { <Lines page/> })
                }
            }}
            <Slot src=similar class="ch-cart__more"/>
        </section>
    }
}

#[component]
fn Empty() -> impl IntoView {
    view! {
        <div class="ch-empty m-stack">
            <p>"There is nothing in it yet, and plenty of room."</p>
            <p><a class="m-button m-button--primary" href="/products">"Look at the tractors"</a></p>
        </div>
    }
}

#[component]
fn Lines(page: Page) -> impl IntoView {
    view! {
        <div class="ch-cart__columns">
            <ul class="ch-lines">
                <For
                    each=move || page.cart.get().lines
                    key=|line| (line.sku.clone(), line.quantity)
                    children=move |line| view! { <li class="ch-line"><Removable line page/></li> }
                />
            </ul>
            <div class="ch-sum m-card">
                <p class="ch-sum__row">
                    <span>"Total"</span>
                    <span class="ch-sum__total m-price">{move || euros(page.cart.with(Cart::total_cents))}</span>
                </p>
                <p class="m-muted">"Taxes included. Pick-up at one of our stores is free."</p>
                <a class="m-button m-button--primary" href="/checkout">"Go to checkout"</a>
                <a class="m-button m-button--quiet" href="/products">"Keep looking"</a>
            </div>
        </div>
    }
}

#[component]
fn Removable(line: Line, page: Page) -> impl IntoView {
    let label = format!("Remove {}", line.name);
    let sku = line.sku.clone();
    let (sku_of_click, name) = (line.sku.clone(), line.name.clone());
    let on_submit = move |submit: SubmitEvent| {
        submit.prevent_default();
        remove(sku_of_click.clone(), name.clone(), page);
    };
    view! {
        <CartLine line>
            <form class="ch-line__remove" action=link("/cart/remove") method="post" on:submit=on_submit>
                <input type="hidden" name="sku" value=sku/>
                <button class="m-button m-button--quiet" type="submit" aria-label=label>"Remove"</button>
            </form>
        </CartLine>
    }
}

fn remove(sku: String, name: String, page: Page) {
    spawn(async move {
        match calls::remove(sku).await {
            Ok(reply) => {
                publish(&CartChanged { count: reply.count });
                page.notice.try_set(None);
                page.cart.try_set(reply.cart);
                page.done.try_set(format!("{name} is no longer in your cart."));
                if let Some(Some(heading)) = page.heading.try_get_untracked() {
                    _ = heading.focus();
                }
            }
            Err(why) => {
                page.notice.try_set(Some(why));
            }
        }
    });
}
