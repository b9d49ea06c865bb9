//! Forms that a BFF takes: sent by the shell, which goes on softly to where the answer leads.

use core::mem;

use wasm_bindgen::{JsCast, prelude::*};
use web_sys::{Headers, Response, UrlSearchParams};

use super::js;
use crate::{gone, host::Host, local::Local};

const FAILED: &str = "That could not be sent. Please try again.";

/// True while a form is on its way: a second press sends nothing.
static SENDING: Local<bool> = Local::new(false);

/// Sends `fields` in the browser's place.
pub(super) fn post(url: &str, fields: &UrlSearchParams, host: &Host) -> Result<(), JsValue> {
    let headers = Headers::new()?;
    headers.set(contract::header::REDIRECT, "tell")?;
    headers.set("accept", "text/html")?;
    if SENDING.with_borrow_mut(|sending| mem::replace(sending, true)) {
        return Ok(());
    }
    let host = host.clone();
    let done = Closure::once_into_js(move |response: JsValue, page: JsValue| {
        SENDING.with_borrow_mut(|sending| *sending = false);
        if response.is_undefined() || go_on(&host, response.unchecked_ref(), &page).is_err() {
            js::say(FAILED, true);
        }
    });
    js::send(url, fields, &headers, &done);
    Ok(())
}

/// Goes where the answer leads, or shows it.
fn go_on(host: &Host, response: &Response, page: &JsValue) -> Result<(), JsValue> {
    if gone::check(host, response) {
        return Ok(());
    }
    if let Some(to) = response.headers().get(contract::header::LOCATION)? {
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        return window.location().assign(&to);
    }
    if page.is_undefined() {
        return Err(JsValue::NULL);
    }
    js::show(page);
    Ok(())
}
