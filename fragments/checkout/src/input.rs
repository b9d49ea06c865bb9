//! One labelled input of the order form, with what is wrong with it.

use leptos::prelude::*;

use crate::Fields;

/// A field's name, label, kind of input and autofill word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) input: &'static str,
    pub(crate) autocomplete: &'static str,
}

/// The id of a field's input is `ch-NAME`, that of its message `ch-NAME-problem`.
#[component]
pub(crate) fn Field(kind: Kind, value: String, problems: RwSignal<Fields>) -> impl IntoView {
    let id = format!("ch-{}", kind.name);
    let is_wrong = move || problems.with(|problems| problems.contains_key(kind.name));
    let described = move || is_wrong().then(|| format!("ch-{}-problem", kind.name));
    view! {
        <div class="m-field">
            <label for=id.clone()>{kind.label}</label>
            <input
                id=id name=kind.name type=kind.input autocomplete=kind.autocomplete value=value required maxlength="200"
                aria-invalid=move || is_wrong().then_some("true") aria-describedby=described
            />
            <Message field=kind.name problems/>
        </div>
    }
}

/// What is wrong with `field`; hidden when nothing is.
#[component]
pub(crate) fn Message(field: &'static str, problems: RwSignal<Fields>) -> impl IntoView {
    let wrong = move || problems.with(|problems| problems.get(field).cloned());
    view! {
        <p class="m-field__error" id=format!("ch-{field}-problem") hidden=move || wrong().is_none()>
            {move || wrong().unwrap_or_default()}
        </p>
    }
}
