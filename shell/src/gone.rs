//! Tells people when a version that this tab was made with has no instance any more, and reloads when they say so.
//!
//! A tab calls its versions by `/_m/app/<app>@<version>/…`, from scripts of any kind. The browser's own list of what was
//! loaded says which of these calls got 410; whether that was the composer's word or the app's, the composer is asked once.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Document, Element, HtmlElement, PerformanceEntry, PerformanceObserver, PerformanceObserverEntryList,
    PerformanceObserverInit, RequestInit, Response, Url,
};

use crate::{host::Host, local::Local};

const STATUS: f64 = 410.0;
const ID: &str = "marquetry-version-gone";
const PLACE: &str = "position:fixed;inset:auto 1rem 1rem;max-inline-size:34rem;margin-inline:auto;padding:1rem 1.25rem;\
    z-index:2147483647;display:flex;flex-wrap:wrap;gap:.75rem 1rem;align-items:center;border-radius:.75rem;\
    font:1rem/1.4 system-ui,sans-serif;color:#fff;background:#1f2328;box-shadow:0 .5rem 2rem rgb(0 0 0/.35)";
const WORDS: &str = "flex:1 1 14rem;margin:0";
const BUTTON: &str = "min-block-size:2.75rem;padding:0 1rem;border:1px solid currentColor;border-radius:.5rem;font:inherit;\
    cursor:pointer;color:inherit;background:none";

static ASKED: Local<Vec<String>> = Local::new(Vec::new());

/// Watches what the page loads, what it has loaded already included.
pub(crate) fn start(host: &Host) -> Result<(), JsValue> {
    let base = host.prefix() + "/app/";
    let seen = Closure::<dyn Fn(PerformanceObserverEntryList)>::new(move |list: PerformanceObserverEntryList| {
        let entries = list.get_entries();
        for at in 0..entries.length() {
            let entry = entries.get(at);
            let gone = Reflect::get(&entry, &"responseStatus".into())
                .ok()
                .and_then(|status| status.as_f64());
            if gone == Some(STATUS) {
                look_into(&entry.unchecked_into::<PerformanceEntry>().name(), &base);
            }
        }
    });
    let observer = PerformanceObserver::new(seen.as_ref().unchecked_ref())?;
    seen.forget();
    let options = PerformanceObserverInit::new(&Array::new());
    // `type` with `buffered` also gives what was loaded before; it goes without `entryTypes`.
    Reflect::delete_property(&options, &"entryTypes".into())?;
    Reflect::set(&options, &"type".into(), &"resource".into())?;
    Reflect::set(&options, &"buffered".into(), &true.into())?;
    observer.observe(&options);
    Ok(())
}

/// Asks the composer whether the version in the address is gone.
fn look_into(url: &str, base: &str) {
    let Ok(url) = Url::new(url) else { return };
    let path = url.pathname();
    let Some(end) = path.strip_prefix(base).map(|rest| rest.find('/').unwrap_or(rest.len())) else {
        return;
    };
    let version = path[..base.len() + end].to_owned();
    if ASKED.with_borrow(|asked| asked.contains(&version)) {
        return;
    }
    ASKED.with_borrow_mut(|asked| asked.push(version.clone()));
    spawn_local(async move {
        let options = RequestInit::new();
        options.set_method("HEAD");
        let Some(window) = web_sys::window() else { return };
        let reply = JsFuture::from(window.fetch_with_str_and_init(&version, &options)).await;
        if let Ok(reply) = reply {
            check(&reply.unchecked_into());
        }
    });
}

/// Tells people if the composer says in `response` that a version is gone; tells whether it does.
pub(crate) fn check(response: &Response) -> bool {
    let gone = response.headers().get(contract::header::GONE).ok().flatten().is_some();
    if gone && let Some(document) = web_sys::window().and_then(|window| window.document()) {
        let _ = tell(&document);
    }
    gone
}

fn tell(document: &Document) -> Result<(), JsValue> {
    let body = document.body().ok_or("the document has no body")?;
    if document.get_element_by_id(ID).is_some() {
        return Ok(());
    }
    let notice = element(document, "div", PLACE)?;
    notice.set_id(ID);
    notice.set_attribute("role", "alert")?;
    let words = element(document, "p", WORDS)?;
    words.set_text_content(Some(
        "There is a new version of this page, and this one has ended. Load it when you are ready.",
    ));
    let reload = button(document, "Load now", |_| {
        if let Some(window) = web_sys::window() {
            let _ = window.location().reload();
        }
    })?;
    let later = button(document, "Later", |notice| notice.remove())?;
    body.append_child(&notice)?;
    for part in [words, reload, later] {
        notice.append_child(&part)?;
    }
    Ok(())
}

fn button(document: &Document, label: &str, act: fn(Element)) -> Result<HtmlElement, JsValue> {
    let button = element(document, "button", BUTTON)?;
    button.set_attribute("type", "button")?;
    button.set_text_content(Some(label));
    let own = button.clone();
    let clicked = Closure::<dyn FnMut()>::new(move || {
        if let Some(notice) = own.parent_element() {
            act(notice);
        }
    });
    button.set_onclick(Some(clicked.as_ref().unchecked_ref()));
    clicked.forget();
    Ok(button)
}

/// Styled by script: the page's policy allows no style in HTML.
fn element(document: &Document, name: &str, style: &str) -> Result<HtmlElement, JsValue> {
    let element: HtmlElement = document.create_element(name)?.unchecked_into();
    element.style().set_css_text(style);
    Ok(element)
}
