//! The page after an order; nothing on it needs script.

use leptos::{either::Either, prelude::*};

use crate::{Order, ThanksProps, money::euros};

/// The page at `/checkout/thanks`.
#[component]
pub fn ThanksPage(props: ThanksProps) -> impl IntoView {
    match props.order {
        Some(order) => Either::Left(view! { <Placed order/> }),
        None => Either::Right(view! { <Unknown/> }),
    }
}

#[component]
fn Placed(order: Order) -> impl IntoView {
    let lines = order
        .lines
        .into_iter()
        .map(|line| {
            view! {
                <li class="ch-receipt__line">
                    <span>{format!("{} × {}", line.quantity, line.name)}</span>
                    <span class="m-price">{euros(line.price_cents * line.quantity)}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="ch-thanks m-page m-stack">
            <h1 class="ch-title">{format!("Thank you, {}", order.first_name)}</h1>
            <p>{format!("Your order is placed. We will write to {} as soon as it can be fetched.", order.email)}</p>
            <div class="ch-receipt m-card">
                <dl class="ch-receipt__facts">
                    <div><dt class="m-muted">"Order number"</dt><dd class="ch-receipt__id">{order.id}</dd></div>
                    <div><dt class="m-muted">"Pick-up"</dt><dd>{order.pickup}</dd></div>
                </dl>
                <ul class="ch-receipt__lines">{lines}</ul>
                <p class="ch-sum__row">
                    <span>"Total"</span>
                    <span class="ch-sum__total m-price">{euros(order.total_cents)}</span>
                </p>
            </div>
            <p><a class="m-button" href="/">"Back to the shop"</a></p>
        </section>
    }
}

#[component]
fn Unknown() -> impl IntoView {
    view! {
        <section class="ch-thanks m-page m-stack">
            <h1 class="ch-title">"No such order"</h1>
            <p>"Orders are shown only in the browser that placed them. If you have just ordered here, it is safe with us."</p>
            <p><a class="m-button m-button--primary" href="/products">"Look at the tractors"</a></p>
        </section>
    }
}
