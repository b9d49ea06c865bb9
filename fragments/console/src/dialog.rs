//! Asks before something is done, in a dialog above the page: for browsers with script.

use fragments_kit::{
    api::{self, ApiError},
    link, spawn,
};
use leptos::{html::Dialog, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlElement, HtmlFormElement, MouseEvent, SubmitEvent, UrlSearchParams};

use crate::{
    Ask, Done, Fields, Notice,
    ask_form::{REASON, ask_form},
    frame, live, place,
};

/// The id of what says that it is done: it takes the focus, as the button that had it may be gone.
pub(crate) const DONE: &str = "c-done";

/// The dialog of a page, and what came of it.
#[derive(Clone, Copy)]
pub(crate) struct Asking {
    ask: RwSignal<Option<Ask>>,
    /// Why the act was not done.
    trouble: RwSignal<Option<Notice>>,
    /// What was done, for the page to say.
    pub(crate) done: RwSignal<String>,
    busy: StoredValue<bool>,
    dialog: NodeRef<Dialog>,
    /// Has the page look again.
    look: Callback<()>,
}

impl Asking {
    pub(crate) fn new(look: Callback<()>) -> Self {
        Self {
            ask: RwSignal::new(None),
            trouble: RwSignal::new(None),
            done: RwSignal::default(),
            busy: StoredValue::new(false),
            dialog: NodeRef::new(),
            look,
        }
    }

    /// What a link to `/_m/console/confirm?…` does on a click: asks here and now.
    pub(crate) fn on_click(self, query: String) -> impl Fn(MouseEvent) + Clone + 'static {
        move |click: MouseEvent| {
            let elsewhere = click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key();
            if !elsewhere && click.button() == 0 {
                click.prevent_default();
                self.open(query.clone());
            }
        }
    }

    /// The same for a form that leads there.
    pub(crate) fn on_form(self) -> impl Fn(SubmitEvent) + Clone + 'static {
        move |submit: SubmitEvent| {
            let form: HtmlFormElement = event_target(&submit);
            let data = FormData::new_with_form(&form);
            // What cannot be read here, the browser sends by itself.
            let Ok(query) = data.and_then(|data| UrlSearchParams::new_with_str_sequence_sequence(&data)) else {
                return;
            };
            submit.prevent_default();
            self.open(query.to_string().into());
        }
    }

    fn open(self, query: String) {
        if self.busy.get_value() {
            return;
        }
        self.busy.set_value(true);
        spawn(async move {
            let reply: Result<Ask, ApiError> = api::get(&link(&format!("/api/ask?{query}"))).await;
            self.busy.try_set_value(false);
            // The page says why it can't be asked.
            let Ok(ask) = reply else {
                _ = location().assign(&format!("{}?{query}", place::CONFIRM));
                return;
            };
            self.trouble.try_set(None);
            self.ask.try_set(Some(ask));
            // Once the view has taken the question up, the dialog finds what is to have the focus.
            request_animation_frame(move || {
                if let Some(Some(dialog)) = self.dialog.try_get_untracked() {
                    // It fails on a dialog that is open already.
                    _ = dialog.show_modal();
                }
            });
        });
    }

    fn close(self) {
        if let Some(dialog) = self.dialog.get_untracked() {
            dialog.close();
        }
    }

    fn send(self, submit: &SubmitEvent) {
        let form: HtmlFormElement = event_target(submit);
        let Ok(data) = FormData::new_with_form(&form) else {
            return;
        };
        submit.prevent_default();
        let Some(ask) = self.ask.get_untracked() else { return };
        if self.busy.get_value() {
            return;
        }
        self.busy.set_value(true);
        let mut fields = ask.fields;
        fields.insert(REASON.into(), data.get(REASON).as_string().unwrap_or_default());
        spawn(async move {
            let reply: Result<Done, ApiError> = api::post::<Fields, _>(&link("/act"), &fields).await;
            self.busy.try_set_value(false);
            self.look.try_run(());
            match reply {
                Ok(done) => {
                    self.close();
                    self.done.try_set(done.text);
                    request_animation_frame(|| focus(DONE));
                }
                Err(error) => {
                    // What was asked about is not there any more: to go on means to ask again.
                    if error.status == 409 {
                        self.ask
                            .try_update(|ask| ask.iter_mut().for_each(|ask| ask.refused = true));
                    }
                    self.trouble.try_set(Some(live::told(error)));
                }
            }
        });
    }
}

fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // It fails only on an element that has left the page.
        _ = element.focus();
    }
}

/// The dialog itself; empty until something is asked.
pub(crate) fn dialog(asking: Asking) -> impl IntoView {
    let cancel = move |_| asking.close();
    view! {
        <dialog class="c-dialog" node_ref=asking.dialog aria-labelledby="c-ask-title">
            {move || asking.ask.get().map(|ask| {
                let title = ask.title.clone();
                let cancel = view! { <button class="c-button" type="button" on:click=cancel>"Cancel"</button> };
                view! {
                    <h2 id="c-ask-title">{title}</h2>
                    <div class="c-told" role="alert">{move || asking.trouble.get().map(frame::notice)}</div>
                    {ask_form(ask, move |submit| asking.send(&submit), cancel)}
                }
            })}
        </dialog>
    }
}
