//! Sends the order form from the browser.

use fragments_kit::{publish, spawn};
use leptos::{html, prelude::*};
use web_sys::{FormData, HtmlFormElement, SubmitEvent};

use crate::{Draft, FieldProblem, calls, events::CartChanged};

/// The parts of the form that a sending changes.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) problems: RwSignal<Vec<FieldProblem>>,
    pub(crate) sending: RwSignal<bool>,
    pub(crate) summary: NodeRef<html::Div>,
}

/// What the form does on submit.
pub(crate) fn handler(form: Form) -> impl Fn(SubmitEvent) + Clone + 'static {
    move |submit| {
        let element: HtmlFormElement = event_target(&submit);
        // What cannot be read here, the browser sends by itself.
        let Ok(data) = FormData::new_with_form(&element) else {
            return;
        };
        submit.prevent_default();
        if !form.sending.get_untracked() {
            form.sending.set(true);
            send(draft(&data), form);
        }
    }
}

fn draft(data: &FormData) -> Draft {
    let text = |name: &str| data.get(name).as_string().unwrap_or_default();
    Draft {
        first_name: text("first_name"),
        last_name: text("last_name"),
        email: text("email"),
        pickup: text("pickup"),
        attempt: text("attempt"),
    }
}

fn send(draft: Draft, form: Form) {
    spawn(async move {
        let problems = match calls::order(draft).await {
            Ok(reply) => {
                publish(&CartChanged { count: reply.count });
                // The button stays busy until the next page is there.
                _ = window()
                    .location()
                    .assign(&format!("/checkout/thanks?order={}", reply.order));
                return;
            }
            Err(problems) => problems,
        };
        form.sending.try_set(false);
        form.problems.try_set(problems);
        request_animation_frame(move || {
            if let Some(Some(summary)) = form.summary.try_get_untracked() {
                _ = summary.focus();
            }
        });
    });
}
