//! Finds out when a version that this tab was made with has no instance any more.
//!
//! A tab calls its versions by `/_m/app/<app>@<version>/…`, from scripts of any kind. The browser's own list of what was
//! loaded says which of these calls got 410; whether that was the composer's word or the app's, the composer is asked once.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    PerformanceEntry, PerformanceObserver, PerformanceObserverEntryList, PerformanceObserverInit, RequestInit,
    Response, Url,
};

use crate::{host::Host, local::Local, versions};

const STATUS: f64 = 410.0;

static ASKED: Local<Vec<String>> = Local::new(Vec::new());

/// Watches what the page loads, what it has loaded already included.
pub(crate) fn start(host: &Host) -> Result<(), JsValue> {
    let base = host.prefix() + "/app/";
    let host = host.clone();
    let seen = Closure::<dyn Fn(PerformanceObserverEntryList)>::new(move |list: PerformanceObserverEntryList| {
        let entries = list.get_entries();
        for at in 0..entries.length() {
            let entry = entries.get(at);
            let gone = Reflect::get(&entry, &"responseStatus".into())
                .ok()
                .and_then(|status| status.as_f64());
            if gone == Some(STATUS) {
                look_into(&entry.unchecked_into::<PerformanceEntry>().name(), &base, &host);
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
fn look_into(url: &str, base: &str, host: &Host) {
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
    let host = host.clone();
    spawn_local(async move {
        let options = RequestInit::new();
        options.set_method("HEAD");
        let Some(window) = web_sys::window() else { return };
        let reply = JsFuture::from(window.fetch_with_str_and_init(&version, &options)).await;
        if let Ok(reply) = reply {
            check(&host, &reply.unchecked_into());
        }
    });
}

/// Tells people if the composer says in `response` that a version is gone; tells whether it does.
pub(crate) fn check(host: &Host, response: &Response) -> bool {
    let gone = response.headers().get(contract::header::GONE).ok().flatten().is_some();
    if gone {
        versions::tell_gone(host);
    }
    gone
}
