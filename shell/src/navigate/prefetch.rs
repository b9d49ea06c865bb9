//! Asks for a page when somebody seems about to go there, and forgets it when they turn away: what waits is never old.
//!
//! What a link asks for by being in view may be some seconds old: its author says so, with `data-prefetch="visible"`.

use alloc::{string::String, vec::Vec};

use wasm_bindgen::prelude::*;
use web_sys::{Document, Url};

use super::{
    js,
    request::{self, Asked},
};
use crate::{host::Host, local::Local};

const MOST: usize = 4;
const LONGEST_MS: f64 = 30_000.0;

/// A page that somebody may go to.
struct Waiting {
    href: String,
    asked: Asked,
    since: f64,
    /// True for one that goes when somebody turns away.
    is_intent: bool,
}

/// The oldest first.
static WAITING: Local<Vec<Waiting>> = Local::new(Vec::new());

/// Watches pointer, touch and focus, and the links that ask to be watched.
pub(super) fn start(page: &Document, host: &Host) {
    if js::saves() {
        return;
    }
    let (page, host) = (page.clone(), host.clone());
    let near = Closure::<dyn Fn(String, bool)>::new(move |href: String, is_intent: bool| {
        let is_known = WAITING.with_borrow(|all| all.iter().any(|waiting| waiting.href == href));
        if !is_known
            && let Ok(url) = Url::new(&href)
            && request::is_page(&url, &host)
            && let Ok(asked) = Asked::page(&url, &page, &host)
        {
            if is_intent {
                js::ahead(&asked.answer, &href);
            }
            wait(Waiting {
                href,
                asked,
                since: js_sys::Date::now(),
                is_intent,
            });
        }
    });
    let away = Closure::<dyn Fn()>::new(|| forget(|waiting| waiting.is_intent));
    js::intent(near.as_ref(), away.as_ref());
    near.forget();
    away.forget();
}

/// What was asked for already; nothing waits any more.
pub(super) fn take(href: &str) -> Option<Asked> {
    // What was asked of another composition would stand beside what the tab has gone on to.
    let lock = js::lock();
    let oldest = js_sys::Date::now() - LONGEST_MS;
    forget(|waiting| waiting.href != href || waiting.since < oldest || waiting.asked.lock != lock);
    let mut rest = WAITING.with_borrow_mut(core::mem::take);
    let taken = rest.pop()?.asked;
    rest.iter().for_each(|waiting| waiting.asked.abort.abort());
    Some(taken)
}

fn wait(new: Waiting) {
    let over = WAITING.with_borrow_mut(|all| {
        all.push(new);
        (all.len() > MOST).then(|| all.remove(0))
    });
    if let Some(over) = over {
        over.asked.abort.abort();
    }
}

/// Ends those that are not to be shown.
fn forget(is_over: impl Fn(&Waiting) -> bool) {
    WAITING.with_borrow_mut(|all| {
        all.retain(|waiting| {
            let is_over = is_over(waiting);
            if is_over {
                waiting.asked.abort.abort();
            }
            !is_over
        });
    });
}
