//! Keeps a page's numbers up to date: asks the BFF every two seconds while someone looks.

use std::time::Duration;

use fragments_kit::{
    api::{self, ApiError},
    link, spawn,
};
use leptos::prelude::*;
use serde::de::DeserializeOwned;

use crate::{Notice, Tone, place};

const EVERY: Duration = Duration::from_secs(2);

/// Data that is asked for again and again.
pub(crate) struct Live<T: Send + Sync + 'static> {
    pub(crate) data: RwSignal<Option<T>>,
    /// Why there is none, or none that is new.
    pub(crate) trouble: RwSignal<Option<Notice>>,
    path: StoredValue<String>,
    asking: StoredValue<bool>,
}

impl<T: Send + Sync + 'static> Clone for Live<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Live<T> {}

impl<T: DeserializeOwned + PartialEq + Send + Sync + 'static> Live<T> {
    /// Begins with what the server knew; asks at `path` of the BFF from then on.
    pub(crate) fn new(data: Option<T>, trouble: Option<Notice>, path: String) -> Self {
        let live = Self {
            data: RwSignal::new(data),
            trouble: RwSignal::new(trouble),
            path: StoredValue::new(path),
            asking: StoredValue::new(false),
        };
        Effect::new(move |_| {
            let tick = set_interval_with_handle(move || live.tick(), EVERY);
            let shown = window_event_listener_untyped("visibilitychange", move |_| live.tick());
            on_cleanup(move || {
                shown.remove();
                if let Ok(tick) = tick {
                    tick.clear();
                }
            });
        });
        live
    }

    fn tick(self) {
        if !document().hidden() {
            self.ask();
        }
    }

    /// Asks at once, unless it is asking already.
    pub(crate) fn ask(self) {
        if self.asking.try_get_value() != Some(false) {
            return;
        }
        let Some(path) = self.path.try_get_value() else { return };
        self.asking.set_value(true);
        spawn(async move {
            let reply: Result<T, ApiError> = api::get(&link(&path)).await;
            self.asking.try_set_value(false);
            match reply {
                Ok(data) => {
                    self.data.try_set(Some(data));
                    self.trouble.try_set(None);
                }
                Err(error) => {
                    self.trouble.try_set(Some(told(error)));
                }
            }
        });
    }
}

/// What an error says to people.
pub(crate) fn told(error: ApiError) -> Notice {
    let (title, text, link) = match error.status {
        0 => (
            "The console does not answer".into(),
            "What you see may be old. It is asked again every two seconds.".into(),
            (String::new(), String::new()),
        ),
        401 => (
            error.title,
            error.detail,
            ("Sign in again".into(), place::SIGN_IN.into()),
        ),
        _ => (error.title, error.detail, (String::new(), String::new())),
    };
    Notice {
        tone: Tone::Bad,
        title,
        text,
        link,
    }
}
