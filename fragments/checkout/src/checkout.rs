//! The order form. Without script it is sent as it stands; with script its problems appear in place.

use fragments_kit::{Slot, link, subscribe};
use leptos::{either::Either, prelude::*};

use crate::{
    Cart, CheckoutProps, Fields,
    events::StorePicked,
    field,
    input::{Field, Kind, Message},
    line::CartLine,
    money::euros,
    submit,
};

const FIRST_NAME: Kind = Kind {
    name: field::FIRST_NAME,
    label: "First name",
    input: "text",
    autocomplete: "given-name",
};
const LAST_NAME: Kind = Kind {
    name: field::LAST_NAME,
    label: "Last name",
    input: "text",
    autocomplete: "family-name",
};
const EMAIL: Kind = Kind {
    name: field::EMAIL,
    label: "Email",
    input: "email",
    autocomplete: "email",
};

/// The page at `/checkout`.
#[component]
pub fn CheckoutPage(props: CheckoutProps) -> impl IntoView {
    let content = if props.cart.lines.is_empty() {
        Either::Left(view! { <Nothing/> })
    } else {
        Either::Right(view! {
            <div class="ch-checkout__columns">
                <OrderForm values=props.values problems=props.problems/>
                <Summary cart=props.cart/>
            </div>
        })
    };
    view! {
        <section class="ch-checkout m-page m-stack">
            <h1 class="ch-title">"Checkout"</h1>
            {content}
        </section>
    }
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <div class="ch-empty m-stack">
            <p>"Your cart is empty, so there is nothing to order yet."</p>
            <p><a class="m-button m-button--primary" href="/products">"Look at the tractors"</a></p>
        </div>
    }
}

#[component]
fn OrderForm(mut values: Fields, problems: Fields) -> impl IntoView {
    let mut value = |name: &str| values.remove(name).unwrap_or_default();
    let had_problems = !problems.is_empty();
    let problems = RwSignal::new(problems);
    let sending = RwSignal::new(false);
    subscribe(move |_: StorePicked| problems.update(|all| _ = all.remove(field::PICKUP)));
    let on_submit = submit::handler(submit::Form { problems, sending });
    view! {
        <form class="ch-form m-stack" action=link("/order") method="post" novalidate on:submit=on_submit>
            <Problems problems focus=had_problems/>
            <input type="hidden" name=field::ATTEMPT value=value(field::ATTEMPT)/>
            <fieldset class="ch-form__group m-stack">
                <legend class="ch-form__legend">"Who is it for?"</legend>
                <div class="ch-form__names">
                    <Field kind=FIRST_NAME value=value(field::FIRST_NAME) problems/>
                    <Field kind=LAST_NAME value=value(field::LAST_NAME) problems/>
                </div>
                <Field kind=EMAIL value=value(field::EMAIL) problems/>
            </fieldset>
            <Pickup problems chosen=value(field::PICKUP)/>
            <button
                class="ch-form__send m-button m-button--primary" type="submit"
                aria-disabled=move || sending.get().then_some("true")
            >
                {move || if sending.get() { "Placing your order…" } else { "Place the order" }}
            </button>
        </form>
    }
}

#[component]
fn Pickup(problems: RwSignal<Fields>, chosen: String) -> impl IntoView {
    let wrong = move || problems.with(|problems| problems.contains_key(field::PICKUP));
    let source = if chosen.is_empty() {
        "explore/store-picker".to_owned()
    } else {
        format!("explore/store-picker?selected={chosen}")
    };
    view! {
        <fieldset
            class="ch-form__group m-stack" id="ch-pickup" tabindex="-1"
            aria-describedby=move || wrong().then_some("ch-pickup-problem")
        >
            <legend class="ch-form__legend">"Where will you fetch it?"</legend>
            <Message field=field::PICKUP problems/>
            <Slot
                src=source
                fallback="<p class=\"m-notice\">The list of stores is away for a moment. Please reload the page soon.</p>"
            />
        </fieldset>
    }
}

/// All problems in one place, each a link to its field.
#[component]
fn Problems(problems: RwSignal<Fields>, focus: bool) -> impl IntoView {
    view! {
        <div
            class="ch-problems m-notice m-notice--danger" role="group" aria-labelledby="ch-problems-title" tabindex="-1"
            autofocus=focus id=submit::PROBLEMS hidden=move || problems.with(Fields::is_empty)
        >
            <h2 class="ch-problems__title" id="ch-problems-title">"The order could not be placed"</h2>
            <ul class="ch-problems__list">
                {move || {
                    let mut problems = problems.get();
                    let item = |name| {
                        let message = problems.remove(name)?;
                        Some(view! { <li><a href=format!("#ch-{name}")>{message}</a></li> })
                    };
                    field::ALL.into_iter().filter_map(item).collect_view()
                }}
            </ul>
        </div>
    }
}

#[component]
fn Summary(cart: Cart) -> impl IntoView {
    let total = euros(cart.total_cents());
    let lines = cart
        .lines
        .into_iter()
        .map(|line| view! { <li class="ch-line ch-line--small"><CartLine line/></li> })
        .collect_view();
    view! {
        <section class="ch-sum m-card" id="ch-cart" tabindex="-1" aria-labelledby="ch-sum-title">
            <h2 class="ch-sum__title" id="ch-sum-title">"Your order"</h2>
            <ul class="ch-lines">{lines}</ul>
            <p class="ch-sum__row">
                <span>"Total"</span>
                <span class="ch-sum__total m-price">{total}</span>
            </p>
            <a class="m-button m-button--quiet" href="/checkout/cart">"Change the cart"</a>
        </section>
    }
}
