//! Choosing the store to pick up at: radio buttons in a form; with script, a dialog.

use fragments_kit::{Event, publish};
use leptos::{
    either::Either,
    html::{Button, Dialog, Div},
    prelude::*,
    web_sys,
};
use serde::{Deserialize, Serialize};

use crate::stores::StoreData;

/// The name of the form field that carries the chosen store's id.
pub const FIELD: &str = "pickup";

/// What there is to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorePickerData {
    /// The stores.
    pub stores: Vec<StoreData>,
    /// The id of the one chosen before.
    pub selected: Option<String>,
}

/// Someone chose a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorePicked {
    /// The store.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Event for StorePicked {
    const TOPIC: &'static str = "explore:store-picked";
}

#[derive(Clone, Copy)]
struct Choice {
    stores: StoredValue<Vec<StoreData>>,
    picked: RwSignal<Option<String>>,
}

impl Choice {
    fn store(self) -> Option<StoreData> {
        let picked = self.picked.get();
        self.stores
            .with_value(|stores| stores.iter().find(|store| Some(&store.id) == picked.as_ref()).cloned())
    }

    fn pick(self, id: String) {
        self.picked.set(Some(id));
        if let Some(StoreData { id, name, .. }) = untrack(|| self.store()) {
            publish(&StorePicked { id, name });
        }
    }
}

/// The picker. It begins as the server wrote it, and becomes a dialog once it is awake.
#[component]
pub fn StorePicker(data: StorePickerData) -> impl IntoView {
    let choice = Choice {
        stores: StoredValue::new(data.stores),
        picked: RwSignal::new(data.selected),
    };
    let root = NodeRef::<Div>::new();
    let awake = RwSignal::new(false);
    let had_focus = StoredValue::new(false);
    Effect::new(move |_| {
        let Some(root) = root.get() else { return };
        // Someone may have been quicker than the script.
        let checked = root.query_selector("input:checked").ok().flatten();
        let checked = checked.and_then(|radio| radio.get_attribute("value"));
        if let Some(id) = checked.filter(|id| choice.picked.get_untracked().as_ref() != Some(id)) {
            choice.pick(id);
        }
        had_focus.set_value(root.query_selector(":focus").is_ok_and(|focused| focused.is_some()));
        awake.set(true);
    });
    view! {
        <div class="ex-picker" node_ref=root>
            {move || {
                if awake.get() {
                    Either::Right(view! { <Picker choice had_focus=had_focus.get_value()/> })
                } else {
                    Either::Left(view! { <Radios choice/> })
                }
            }}
        </div>
    }
}

#[component]
fn Radios(choice: Choice) -> impl IntoView {
    let picked = choice.picked.get_untracked();
    let summary = untrack(|| choice.store()).map_or("Choose a store".to_owned(), |store| store.name);
    let radios = choice.stores.with_value(|stores| {
        let radio = |store: &StoreData| {
            let chosen = picked.as_ref() == Some(&store.id);
            view! {
                <label class="ex-radio">
                    <input type="radio" name=FIELD value=store.id.clone() checked=chosen/>
                    <span><StoreWords store=store.clone()/></span>
                </label>
            }
        };
        stores.iter().map(radio).collect_view()
    });
    view! {
        <details class="ex-details">
            <summary class="m-button">{summary}</summary>
            <fieldset class="ex-radios">
                <legend class="m-visually-hidden">"Store to pick up at"</legend>
                {radios}
            </fieldset>
        </details>
    }
}

#[component]
fn Picker(choice: Choice, had_focus: bool) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let button = NodeRef::<Button>::new();
    Effect::new(move |_| {
        if let Some(button) = button.get().filter(|_| had_focus) {
            focus(&button);
        }
    });
    let open = move |_| {
        if let Some(dialog) = dialog.get_untracked().filter(|dialog| !dialog.open()) {
            // It fails only on a dialog that has left the document.
            let _ = dialog.show_modal();
        }
    };
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
        if let Some(button) = button.get_untracked() {
            focus(&button);
        }
    };
    let pick = move |id: String| {
        choice.pick(id);
        close();
    };
    let label = move || {
        if choice.picked.get().is_some() {
            "Choose another store"
        } else {
            "Choose a store"
        }
    };
    view! {
        <input type="hidden" name=FIELD prop:value=move || choice.picked.get().unwrap_or_default()/>
        <p class="ex-picked" role="status">
            {move || choice.store().map(|store| view! { <StoreWords store/> })}
        </p>
        <button type="button" class="m-button" aria-haspopup="dialog" node_ref=button on:click=open>{label}</button>
        <dialog class="ex-dialog" aria-labelledby="ex-dialog-title" closedby="any" node_ref=dialog>
            <div class="ex-dialog__head">
                <h2 id="ex-dialog-title">"Where will you pick it up?"</h2>
                <button type="button" class="m-button m-button--quiet" on:click=move |_| close()>"Close"</button>
            </div>
            <Options choice pick=Callback::new(pick)/>
        </dialog>
    }
}

#[component]
fn Options(choice: Choice, pick: Callback<String>) -> impl IntoView {
    let option = move |store: StoreData| {
        let (id, picked) = (store.id.clone(), store.id.clone());
        let pressed = move || (choice.picked.get().as_ref() == Some(&picked)).to_string();
        view! {
            <li>
                <button type="button" class="ex-option" aria-pressed=pressed on:click=move |_| pick.run(id.clone())>
                    <img class="ex-option__picture" src=store.image.clone() alt="" width="480" height="320" loading="lazy"/>
                    <span class="ex-option__words"><StoreWords store/></span>
                </button>
            </li>
        }
    };
    let options = choice.stores.get_value().into_iter().map(option);
    view! { <ul class="ex-options" role="list">{options.collect_view()}</ul> }
}

#[component]
fn StoreWords(store: StoreData) -> impl IntoView {
    view! {
        <strong class="ex-words__name">{store.name}</strong>
        <span class="ex-words__line">{store.street}", "{store.city}</span>
        <span class="ex-words__line m-muted">{store.opening}</span>
    }
}

fn focus(element: &web_sys::HtmlElement) {
    // An element that can't take the focus leaves it where it is.
    let _ = element.focus();
}
