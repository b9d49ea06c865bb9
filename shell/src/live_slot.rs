//! Live slots: when a fragment changes a slot's `src`, or adds a slot, the shell fetches its content and has it put in place.

use alloc::{string::String, vec::Vec};

use js_sys::Array;
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortController, Document, Element, Headers, HtmlTemplateElement, MutationObserver, MutationObserverInit,
    MutationRecord, RequestInit, Response, Window,
};

use crate::{decimal::decimal, gone, host::Host, local::Local};

const MARK: &str = "data-refresh";

static REFRESHES: Local<Refreshes> = Local::new(Refreshes {
    count: 0,
    running: Vec::new(),
});

/// The newest refresh of each slot, by the number in its [`MARK`]; a newer one aborts the older.
struct Refreshes {
    count: u32,
    running: Vec<(u32, AbortController)>,
}

impl Refreshes {
    fn take(&mut self, number: u32) -> Option<AbortController> {
        let at = self.running.iter().position(|(running, _)| *running == number)?;
        Some(self.running.swap_remove(at).1)
    }
}

pub(crate) fn start(document: &Document, host: Host) -> Result<(), JsValue> {
    let watcher = host.clone();
    let changed = Closure::<dyn Fn(Array)>::new(move |records: Array| {
        for record in records.iter() {
            let target = record.unchecked_into::<MutationRecord>().target();
            if let Some(slot) = target.and_then(|node| node.dyn_into::<Element>().ok()) {
                follow(&watcher, slot);
            }
        }
    });
    let observer = MutationObserver::new(changed.as_ref().unchecked_ref())?;
    changed.forget();
    let options = MutationObserverInit::new();
    options.set_subtree(true);
    options.set_attributes(true);
    options.set_attribute_filter(&Array::of1(&contract::slot::SRC.into()));
    observer.observe_with_options(document, &options)?;
    // What changed before the shell was there.
    for slot in slots_in(document.query_selector_all(contract::slot::ELEMENT)?) {
        follow(&host, slot);
    }
    Ok(())
}

fn slots_in(list: web_sys::NodeList) -> impl Iterator<Item = Element> {
    (0..list.length()).filter_map(move |at| list.get(at)?.dyn_into::<Element>().ok())
}

/// Refreshes the slot unless it shows what its `src` asks for.
fn follow(host: &Host, slot: Element) {
    let Some(src) = slot.get_attribute(contract::slot::SRC) else {
        return;
    };
    let shown = host.rendered(&slot);
    let is_slot = slot.local_name() == contract::slot::ELEMENT;
    if !is_slot || shown.is_none() || (shown.as_deref() == Some(&src) && slot.get_attribute(MARK).is_none()) {
        return;
    }
    let host = host.clone();
    spawn_local(async move {
        let Ok(abort) = AbortController::new() else { return };
        let number = begin(&slot, abort.clone());
        let outcome = refresh(&host, &slot, &src, &abort, number).await;
        if !end(&slot, number) {
            return;
        }
        if let Err(error) = outcome {
            host.fallen(&slot, &error);
        }
    });
}

fn begin(slot: &Element, abort: AbortController) -> u32 {
    let _ = slot.set_attribute("aria-busy", "true");
    REFRESHES.with_borrow_mut(|refreshes| {
        let older = slot.get_attribute(MARK).and_then(|mark| mark.parse().ok());
        if let Some(older) = older.and_then(|older| refreshes.take(older)) {
            older.abort();
        }
        refreshes.count = refreshes.count.wrapping_add(1);
        refreshes.running.push((refreshes.count, abort));
        let _ = slot.set_attribute(MARK, &decimal(refreshes.count));
        refreshes.count
    })
}

fn is_newest(slot: &Element, number: u32) -> bool {
    slot.get_attribute(MARK).is_some_and(|mark| mark == decimal(number))
}

/// Tells whether this refresh was still the newest one.
fn end(slot: &Element, number: u32) -> bool {
    REFRESHES.with_borrow_mut(|refreshes| refreshes.take(number));
    let newest = is_newest(slot, number);
    if newest {
        let _ = slot.remove_attribute(MARK);
        let _ = slot.remove_attribute("aria-busy");
    }
    newest
}

async fn refresh(host: &Host, slot: &Element, src: &str, abort: &AbortController, number: u32) -> Result<(), JsValue> {
    let around = slot
        .parent_element()
        .and_then(|parent| parent.closest("[data-fragment]").ok().flatten());
    let around = around.and_then(|around| around.get_attribute(contract::slot::DATA_FRAGMENT));
    let html = fetch(host, &["/fragment/", src].concat(), around.as_deref(), abort).await?;
    if !is_newest(slot, number) {
        return Ok(());
    }
    let document = slot.owner_document().ok_or("the slot has no document")?;
    let template: HtmlTemplateElement = document.create_element("template")?.unchecked_into();
    template.set_inner_html(&html);
    let fresh = template
        .content()
        .query_selector(contract::slot::ELEMENT)?
        .ok_or("the reply holds no slot")?;
    host.renew(slot, &fresh);
    Ok(())
}

/// Fetches a fragment for a slot, which stands in the fragment `around` unless it is the layout's.
async fn fetch(host: &Host, rest: &str, around: Option<&str>, abort: &AbortController) -> Result<String, JsValue> {
    let url = host.prefix() + rest;
    let options = RequestInit::new();
    options.set_signal(Some(&abort.signal()));
    let window = web_sys::window().ok_or("there is no window")?;
    let headers = Headers::new()?;
    let lock = composition(&window);
    for (name, value) in [
        (contract::header::COMPOSITION, lock.as_deref()),
        (contract::header::WITHIN, around),
    ] {
        if let Some(value) = value {
            headers.set(name, value)?;
        }
    }
    options.set_headers(&headers);
    let response: Response = JsFuture::from(window.fetch_with_str_and_init(&url, &options))
        .await?
        .unchecked_into();
    if !response.ok() {
        gone::check(host, &response);
        return Err([&url, " answered ", &decimal(response.status().into())].concat().into());
    }
    let text = JsFuture::from(response.text()?).await?;
    text.as_string()
        .ok_or_else(|| JsValue::from_str("the reply is no text"))
}

/// The versions that the page was made of, signed by the composer: the tab stays on them.
fn composition(window: &Window) -> Option<String> {
    let tag = window.document()?.query_selector("script[data-composition]").ok()??;
    tag.get_attribute("data-composition")
}
