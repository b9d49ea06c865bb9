//! The cart page: its lines, their sum, and what others like to buy with them.

use fragments_kit::{Slot, link};
use leptos::{either::Either, prelude::*};
use web_sys::SubmitEvent;

use crate::{Cart, CartProps, Line, calls, focus::focus, line::CartLine, money::euros};

/// Takes the focus when the button that had it is gone.
const HEADING: &str = "ch-cart-title";

/// What the page's parts share.
#[derive(Clone, Copy)]
struct Page {
    cart: RwSignal<Cart>,
    /// What was done, for those who don't see it.
    done: RwSignal<String>,
    /// What could not be done; empty when all is well.
    notice: RwSignal<String>,
}

/// The page at `/checkout/cart`.
#[component]
pub fn CartPage(props: CartProps) -> impl IntoView {
    let page = Page {
        cart: RwSignal::new(props.cart),
        done: RwSignal::default(),
        notice: RwSignal::new(props.notice),
    };
    let similar = Signal::derive(move || format!("explore/recommendations?skus={}", page.cart.with(Cart::skus)));
    view! {
        <section class="ch-cart m-page m-stack">
            <div class="ch-head">
                <h1 class="ch-title" id=HEADING tabindex="-1">"Your cart"</h1>
                <p class="m-visually-hidden" role="status">{move || page.done.get()}</p>
                <div role="alert">
                    <p class="m-notice m-notice--danger" hidden=move || page.notice.with(String::is_empty)>
                        {move || page.notice.get()}
                    </p>
                </div>
            </div>
            {move || {
                if page.cart.with(|cart| cart.lines.is_empty()) {
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
                {move || {
                    let lines = page.cart.get().lines.into_iter();
                    lines.map(|line| view! { <li class="ch-line"><Removable line page/></li> }).collect_view()
                }}
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
        remove(&sku_of_click, name.clone(), page);
    };
    view! {
        <CartLine line/>
        <form class="ch-line__remove" action=link("/cart/remove") method="post" on:submit=on_submit>
            <input type="hidden" name="sku" value=sku/>
            <button class="m-button m-button--quiet" type="submit" aria-label=label>"Remove"</button>
        </form>
    }
}

fn remove(sku: &str, name: String, page: Page) {
    calls::send("/cart/remove", calls::only(sku), move |reply| match reply {
        Ok(reply) => {
            page.notice.try_set(String::new());
            page.cart.try_set(reply.cart);
            page.done.try_set(format!("{name} is no longer in your cart."));
            focus(HEADING);
        }
        Err(problems) => {
            page.notice.try_set(calls::sentence(problems));
        }
    });
}
