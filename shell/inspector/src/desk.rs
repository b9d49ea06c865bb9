//! What all views share: the page, the composer's answer, what is chosen in them.

use std::collections::BTreeSet;

use js_sys::{Function, Reflect};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

use crate::{answer::Answer, js, page::Page};

/// The views, one shown at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    Slots,
    Events,
    Versions,
    Trouble,
    Report,
}

/// What the composer has said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Asked {
    Waiting,
    Answered(Box<Answer>),
    Refused(String),
}

/// What all views share; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    pub(crate) page: RwSignal<Page>,
    pub(crate) asked: RwSignal<Asked>,
    pub(crate) tab: RwSignal<Tab>,
    pub(crate) selected: RwSignal<Option<u32>>,
    /// Slots whose inner ones aren't listed.
    pub(crate) closed: RwSignal<BTreeSet<u32>>,
    pub(crate) has_frames: RwSignal<bool>,
    /// Kept here and nowhere else.
    pub(crate) token: RwSignal<String>,
    /// What the person is told of what they have just done.
    pub(crate) told: RwSignal<String>,
    door: StoredValue<JsValue, LocalStorage>,
    place: StoredValue<HtmlElement, LocalStorage>,
}

impl Desk {
    pub(crate) fn new(place: HtmlElement, door: JsValue) -> Self {
        Self {
            page: RwSignal::new(Page::read(&js::page(&door, &place))),
            asked: RwSignal::new(Asked::Waiting),
            tab: RwSignal::new(Tab::Slots),
            selected: RwSignal::new(None),
            closed: RwSignal::new(BTreeSet::new()),
            has_frames: RwSignal::new(true),
            token: RwSignal::new(String::new()),
            told: RwSignal::new(String::new()),
            door: StoredValue::new_local(door),
            place: StoredValue::new_local(place),
        }
    }

    /// Looks at the page anew; another page is asked for, too.
    pub(crate) fn look(self) {
        let Some((door, place)) = self.door.try_get_value().zip(self.place.try_get_value()) else {
            return;
        };
        let page = Page::read(&js::page(&door, &place));
        let is_same = |before: &Page| before.path == page.path && before.request_id == page.request_id;
        let is_other = !self.page.with_untracked(is_same);
        if self.page.with_untracked(|before| *before != page) {
            self.page.set(page);
        }
        if is_other {
            self.ask();
        }
    }

    /// Asks the composer.
    pub(crate) fn ask(self) {
        let (door, token) = (self.door.get_value(), self.token.get_untracked());
        spawn_local(async move {
            let asked = match js::ask(&door, &token).await {
                Ok(answer) => Asked::Answered(Box::new(Answer::read(&answer))),
                Err(error) => Asked::Refused(js::message(&error)),
            };
            // The inspector may be closed by now.
            let _ = self.asked.try_set(asked);
        });
    }

    /// Has this browser show `versions`, a space between, in the place of what others see.
    pub(crate) fn choose(self, versions: String) {
        let (door, token) = (self.door.get_value(), self.token.get_untracked());
        self.told.set("asking the composer …".into());
        spawn_local(async move {
            let told = match js::choose(&door, &token, &versions).await {
                Ok(_) => "loading the page anew …".to_owned(),
                Err(error) => js::message(&error),
            };
            let _ = self.told.try_set(told);
        });
    }

    /// The composer's answer, empty until it is there.
    pub(crate) fn answer(self) -> Answer {
        self.asked.with(|asked| match asked {
            Asked::Answered(answer) => (**answer).clone(),
            Asked::Waiting | Asked::Refused(_) => Answer::default(),
        })
    }

    pub(crate) fn focus(self, css: &str) {
        self.place.with_value(|place| js::focus(place, css));
    }

    /// What the composer's own paths begin with.
    pub(crate) fn prefix(self) -> String {
        let boot = self.door.with_value(|door| js::field(door, "boot"));
        boot.map(|boot| js::text(&boot, "prefix")).unwrap_or_default()
    }

    /// Ends the inspector.
    pub(crate) fn close(self) {
        let close = self.door.with_value(|door| Reflect::get(door, &"close".into()));
        if let Ok(close) = close.and_then(|close| close.dyn_into::<Function>()) {
            let _ = close.call0(&JsValue::NULL);
        }
    }

    /// Puts text on the clipboard, and says so.
    pub(crate) fn copy(self, text: String) {
        spawn_local(async move {
            let told = match js::copy(&text).await {
                Ok(_) => "copied",
                Err(_) => "the browser allows no copying here: download it",
            };
            let _ = self.told.try_set(told.to_owned());
        });
    }
}
