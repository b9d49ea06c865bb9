//! The question before an act: what it means, what a check found, and why one does it.

use fragments_kit::link;
use leptos::prelude::*;
use web_sys::SubmitEvent;

use crate::{Ask, frame};

/// The name of the field that says why.
pub(crate) const REASON: &str = "reason";

/// What is about to be done, with the form that does it; `cancel` leads back without.
pub(crate) fn ask_form(ask: Ask, on_submit: impl Fn(SubmitEvent) + 'static, cancel: impl IntoView) -> impl IntoView {
    let says = ask.says.into_iter().map(|text| view! { <p>{text}</p> }).collect_view();
    let hidden = ask.fields.into_iter().map(|(name, value)| {
        view! { <input type="hidden" name=name value=value/> }
    });
    let button = if ask.danger {
        "c-button is-danger"
    } else {
        "c-button is-primary"
    };
    view! {
        <div class="c-ask">
            {says}
            {ask.findings.into_iter().map(frame::notice).collect_view()}
            <form class="c-ask__form" action=link("/act") method="post" on:submit=on_submit>
                {hidden.collect_view()}
                <div class="c-field" hidden=ask.refused>
                    <label for="c-reason">"Why? "<span class="c-muted">"It stands in the history for everyone."</span></label>
                    <textarea
                        id="c-reason" name=REASON rows="2" maxlength="500" required=!ask.refused autofocus
                        autocomplete="off"
                    ></textarea>
                </div>
                <div class="c-acts">
                    <button class=button type="submit" disabled=ask.refused>{ask.button}</button>
                    {cancel}
                </div>
            </form>
        </div>
    }
}
