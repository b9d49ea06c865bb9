//! Price, stock and the button that puts one piece into the cart.

use fragments_kit::{link, subscribe, subscribe_resets};
use leptos::{either::Either, prelude::*};
use web_sys::SubmitEvent;

use crate::{AddToCartProps, Offer, StockChanged, calls, money::euros};

#[derive(Clone, PartialEq, Eq)]
enum Step {
    Ready,
    Sending,
    /// Pieces in the cart now.
    Added(i64),
    /// Why not, for the visitor.
    Refused(String),
}

/// Stands beside a product, and goes on to another variant of it with other props.
#[component]
pub fn AddToCartView(#[prop(into)] props: Signal<AddToCartProps>) -> impl IntoView {
    let is_offered = Memo::new(move |_| props.with(|props| props.offer.is_some()));
    let offer = Signal::derive(move || props.with(|props| props.offer.clone()).unwrap_or_default());
    move || match is_offered.get() {
        true => Either::Left(view! { <Buy offer/> }),
        false => Either::Right(view! { <p class="m-notice">"This one is not for sale at the moment."</p> }),
    }
}

#[component]
fn Buy(offer: Signal<Offer>) -> impl IntoView {
    let step = RwSignal::new(Step::Ready);
    let stock = RwSignal::new(offer.get_untracked().stock);
    // What was said of one variant doesn't count for another.
    Effect::watch(
        move || offer.get(),
        move |offer, _, _| {
            stock.set(offer.stock);
            step.set(Step::Ready);
        },
        false,
    );
    let sku = move || offer.get_untracked().sku;
    let is_shown = move |other: &str| offer.try_with_untracked(|offer| offer.sku == other) == Some(true);
    subscribe(move |event: StockChanged| {
        if is_shown(&event.sku) {
            stock.set(event.stock);
        }
    });
    subscribe_resets::<StockChanged>(move || {
        let asked = sku();
        calls::stock(&sku(), move |left| {
            if is_shown(&asked) {
                stock.set(left);
            }
        });
    });
    let on_submit = move |submit: SubmitEvent| {
        submit.prevent_default();
        if step.get_untracked() != Step::Sending {
            step.set(Step::Sending);
            let sent = sku();
            calls::send("/cart/add", calls::only(&sku()), move |reply| {
                if is_shown(&sent) {
                    step.try_set(match reply {
                        Ok(reply) => Step::Added(reply.count),
                        Err(problems) => Step::Refused(calls::sentence(problems)),
                    });
                }
            });
        }
    };
    let sold_out = move || stock.get() == 0;
    view! {
        <div class="ch-buy">
            <p class="ch-buy__price m-price">{move || euros(offer.get().price_cents)}</p>
            <p class=move || format!("ch-stock ch-stock--{}", stock_class(stock.get())) aria-live="polite">
                {move || stock_text(stock.get())}
            </p>
            <form class="ch-buy__form" action=link("/cart/add") method="post" on:submit=on_submit>
                <input type="hidden" name="sku" value=move || offer.get().sku/>
                <button
                    class="ch-buy__button m-button m-button--primary" type="submit" disabled=sold_out
                    aria-disabled=move || (step.get() == Step::Sending).then_some("true")
                >
                    {move || if sold_out() { "Sold out" } else { "Add to cart" }}
                </button>
            </form>
            <div class="ch-buy__status" role="status">{move || told(step.get())}</div>
        </div>
    }
}

fn told(step: Step) -> Option<impl IntoView> {
    match step {
        Step::Ready | Step::Sending => None,
        Step::Added(count) => Some(Either::Left(view! {
            <p class="ch-buy__added">
                "It is in your cart. " <a href="/checkout/cart">{format!("Go to the cart ({count})")}</a>
            </p>
        })),
        Step::Refused(why) => Some(Either::Right(view! { <p class="m-notice m-notice--danger">{why}</p> })),
    }
}

fn stock_class(stock: i64) -> &'static str {
    match stock {
        0 => "none",
        1..=3 => "few",
        _ => "many",
    }
}

fn stock_text(stock: i64) -> String {
    match stock {
        0 => "None left".into(),
        1 => "Only one left".into(),
        2..=3 => format!("Only {stock} left"),
        _ => "In stock".into(),
    }
}
