//! The order form. Without script it is sent as it stands; with script its problems appear in place.

use fragments_kit::{Slot, link, subscribe};
use leptos::{either::Either, html, prelude::*};

use crate::{
    Cart, CheckoutProps, Draft, FieldProblem,
    events::StorePicked,
    field::{Field, Kind, Message, message},
    line::CartLine,
    money::euros,
    submit,
};

const FIRST_NAME: Kind = Kind {
    name: "first_name",
    label: "First name",
    input: "text",
    autocomplete: "given-name",
};
const LAST_NAME: Kind = Kind {
    name: "last_name",
    label: "Last name",
    input: "text",
    autocomplete: "family-name",
};
const EMAIL: Kind = Kind {
    name: "email",
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
                <OrderForm draft=props.draft problems=props.problems attempt=props.attempt/>
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
fn OrderForm(draft: Draft, problems: Vec<FieldProblem>, attempt: String) -> impl IntoView {
    let had_problems = !problems.is_empty();
    let problems = RwSignal::new(problems);
    let sending = RwSignal::new(false);
    let summary = NodeRef::<html::Div>::new();
    subscribe(move |_: StorePicked| problems.update(|all| all.retain(|problem| problem.field != "pickup")));
    let on_submit = submit::handler(submit::Form {
        problems,
        sending,
        summary,
    });
    view! {
        <form class="ch-form m-stack" action=link("/order") method="post" novalidate on:submit=on_submit>
            <Problems problems summary focus=had_problems/>
            <input type="hidden" name="attempt" value=attempt/>
            <fieldset class="ch-form__group m-stack">
                <legend class="ch-form__legend">"Who is it for?"</legend>
                <div class="ch-form__names">
                    <Field kind=FIRST_NAME value=draft.first_name problems/>
                    <Field kind=LAST_NAME value=draft.last_name problems/>
                </div>
                <Field kind=EMAIL value=draft.email problems/>
            </fieldset>
            <Pickup problems chosen=draft.pickup/>
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
fn Pickup(problems: RwSignal<Vec<FieldProblem>>, chosen: String) -> impl IntoView {
    let wrong = move || problems.with(|problems| message(problems, "pickup").is_some());
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
            <Message field="pickup" problems/>
            <Slot
                src=source
                fallback="<p class=\"m-notice\">The list of stores is away for a moment. Please reload the page soon.</p>"
            />
        </fieldset>
    }
}

/// All problems in one place, each a link to its field.
#[component]
fn Problems(problems: RwSignal<Vec<FieldProblem>>, summary: NodeRef<html::Div>, focus: bool) -> impl IntoView {
    view! {
        <div
            class="ch-problems m-notice m-notice--danger" role="group" aria-labelledby="ch-problems-title" tabindex="-1"
            autofocus=focus node_ref=summary hidden=move || problems.with(Vec::is_empty)
        >
            <h2 class="ch-problems__title" id="ch-problems-title">"The order could not be placed"</h2>
            <ul class="ch-problems__list">
                <For
                    each=move || problems.get()
                    key=FieldProblem::clone
                    children=|problem| view! { <li><a href=format!("#ch-{}", problem.field)>{problem.message}</a></li> }
                />
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
