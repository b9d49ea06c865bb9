//! The form for a new review: a plain form without script, sent in place with it.

use fragments_kit::{
    api::{self, ApiError},
    link, spawn, unsaved,
};
use leptos::{ev::SubmitEvent, prelude::*};
use web_sys::{FormData, HtmlFormElement};

use crate::{ListProps, NewReview};

/// Where the BFF takes reviews.
const PATH: &str = "/reviews";

/// Adds what the visitor writes to `shown`.
#[component]
pub(crate) fn Write(product: String, shown: RwSignal<ListProps>) -> impl IntoView {
    let told = RwSignal::new(String::new());
    let sending = RwSignal::new(false);
    let has_draft = RwSignal::new(false);
    unsaved(move || has_draft.get());
    let on_submit = move |submit: SubmitEvent| {
        let form: HtmlFormElement = event_target(&submit);
        // What can't be read here, the browser sends by itself.
        let Ok(data) = FormData::new_with_form(&form) else { return };
        submit.prevent_default();
        if sending.get_untracked() {
            return;
        }
        sending.set(true);
        let review = read(&data);
        spawn(async move {
            let answer: Result<ListProps, ApiError> = api::post(&link(PATH), &review).await;
            sending.try_set(false);
            told.try_set(match answer {
                Ok(list) => {
                    shown.try_set(list);
                    form.reset();
                    has_draft.try_set(false);
                    "Thank you. Your review is in the list.".to_owned()
                }
                Err(error) => sentence(&error),
            });
        });
    };
    view! {
        <form
            class="{{app}}-write" method="post" action=link(PATH) on:input=move |_| has_draft.set(true)
            on:submit=on_submit
        >
            <h3>"Write a review"</h3>
            <input type="hidden" name="product" value=product/>
            <label class="{{app}}-field">
                "Your name" <input name="author" autocomplete="nickname" maxlength="60" required/>
            </label>
            <label class="{{app}}-field">
                "Stars"
                <select name="stars">
                    <option value="5">"5 – splendid"</option>
                    <option value="4">"4 – good"</option>
                    <option value="3">"3 – does its work"</option>
                    <option value="2">"2 – so so"</option>
                    <option value="1">"1 – no"</option>
                </select>
            </label>
            <label class="{{app}}-field">
                "What do you think of it?" <textarea name="text" rows="3" maxlength="1000" required></textarea>
            </label>
            <button
                class="{{app}}-write__send m-button m-button--primary" type="submit"
                aria-disabled=move || sending.get().then_some("true")
            >
                "Send"
            </button>
            <p class="{{app}}-write__told" role="status">{move || told.get()}</p>
        </form>
    }
}

fn read(data: &FormData) -> NewReview {
    let field = |name| data.get(name).as_string().unwrap_or_default();
    NewReview {
        product: field("product"),
        author: field("author"),
        stars: field("stars"),
        text: field("text"),
    }
}

/// What is wrong with the fields, else with the whole.
fn sentence(error: &ApiError) -> String {
    let fields: Vec<&str> = error.fields.values().map(String::as_str).collect();
    if fields.is_empty() {
        return format!("That did not work: {error}. Please try again in a moment.");
    }
    fields.join(" ")
}
