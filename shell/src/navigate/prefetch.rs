//! Asks for a page when somebody seems about to go there, and forgets it when they turn away: what waits is never old.

use alloc::string::String;

use wasm_bindgen::prelude::*;
use web_sys::{Document, Url};

use super::{
    js,
    request::{self, Asked},
};
use crate::{host::Host, local::Local};

/// The page that somebody seems about to go to, by its address.
static INTENT: Local<Option<(String, Asked)>> = Local::new(None);

/// Watches pointer, touch and focus.
pub(super) fn start(page: &Document, host: &Host) {
    if js::saves() {
        return;
    }
    let (page, host) = (page.clone(), host.clone());
    let near = Closure::<dyn Fn(String)>::new(move |href: String| {
        if let Ok(url) = Url::new(&href)
            && request::is_page(&url, &host)
            && let Ok(asked) = Asked::page(&url, &page, &host)
        {
            intend(Some((href, asked)));
        }
    });
    let away = Closure::<dyn Fn()>::new(|| intend(None));
    js::intent(near.as_ref(), away.as_ref());
    near.forget();
    away.forget();
}

/// What was asked for already; nothing is intended any more.
pub(super) fn take(href: &str) -> Option<Asked> {
    let (intended, asked) = INTENT.with_borrow_mut(Option::take)?;
    if intended == href {
        return Some(asked);
    }
    asked.abort.abort();
    None
}

/// Ends what was intended, and puts another intent in its place.
fn intend(next: Option<(String, Asked)>) {
    let before = INTENT.with_borrow_mut(|intent| core::mem::replace(intent, next));
    if let Some((_, asked)) = before {
        asked.abort.abort();
    }
}
