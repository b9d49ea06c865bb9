//! Sends the order form from the browser.

use leptos::prelude::*;
use web_sys::{FormData, HtmlFormElement, SubmitEvent};

use crate::{Fields, calls, field, focus::focus};

/// The id of the list of problems.
pub(crate) const PROBLEMS: &str = "ch-problems";

/// The parts of the form that a sending changes.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) problems: RwSignal<Fields>,
    pub(crate) sending: RwSignal<bool>,
}

/// What the form does on submit.
pub(crate) fn handler(form: Form) -> impl Fn(SubmitEvent) + Clone + 'static {
    // A visitor who comes back finds the page as it was left, busy.
    let shown = window_event_listener_untyped("pageshow", move |_| form.sending.set(false));
    on_cleanup(move || shown.remove());
    move |submit| {
        let element: HtmlFormElement = event_target(&submit);
        // What cannot be read here, the browser sends by itself.
        let Ok(data) = FormData::new_with_form(&element) else {
            return;
        };
        submit.prevent_default();
        if !form.sending.get_untracked() {
            form.sending.set(true);
            send(values(&data), form);
        }
    }
}

fn values(data: &FormData) -> Fields {
    let names = field::ALL.into_iter().chain([field::ATTEMPT]);
    names
        .filter_map(|name| Some((name.to_owned(), data.get(name).as_string()?)))
        .collect()
}

fn send(values: Fields, form: Form) {
    calls::send("/order", values, move |reply| match reply {
        // The button stays busy until the next page is there.
        Ok(reply) => {
            form.problems.try_set(Fields::new());
            _ = location().assign(&format!("/checkout/thanks?order={}", reply.order));
        }
        Err(problems) => {
            form.sending.try_set(false);
            form.problems.try_set(problems);
            // Hidden until the view has taken the problems up, it could not take the focus.
            request_animation_frame(|| focus(PROBLEMS));
        }
    });
}
