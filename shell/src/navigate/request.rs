//! Asks for what the tab doesn't have of a page.

use alloc::string::String;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, Document, Headers, RequestInit, Url};

use super::{js, places};
use crate::host::Host;

/// A page that was asked for.
pub(super) struct Asked {
    /// The composition that it was asked of.
    pub(super) lock: Option<String>,
    pub(super) abort: AbortController,
    pub(super) answer: Promise,
}

impl Asked {
    /// Asks for the page of `url`.
    pub(super) fn page(url: &Url, document: &Document, host: &Host) -> Result<Self, JsValue> {
        let headers = Headers::new()?;
        // The loader's tag says what the page is made of.
        let tag = document.query_selector("script[data-prefix]")?.ok_or(JsValue::NULL)?;
        let (frame, lock) = (tag.get_attribute("data-frame"), js::lock());
        for (name, value) in [
            (contract::header::FRAME, &frame),
            (contract::header::COMPOSITION, &lock),
        ] {
            if let Some(value) = value {
                headers.set(name, value)?;
            }
        }
        headers.set(contract::header::KEEPS, &places::kept(document))?;
        let abort = AbortController::new()?;
        let options = RequestInit::new();
        options.set_headers(&headers);
        options.set_signal(Some(&abort.signal()));
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        let answer = window.fetch_with_str_and_init(&part(url, host), &options);
        js::quiet(&answer);
        Ok(Self { lock, abort, answer })
    }
}

/// Where the part of the page of `url` is.
pub(super) fn part(url: &Url, host: &Host) -> String {
    let path = url.pathname();
    let path = if path == "/" { "" } else { &path };
    host.prefix() + "/page" + path + &url.search()
}

/// True for the address of a BFF.
pub(super) fn is_of_app(url: &Url, host: &Host) -> bool {
    let path = url.pathname();
    let own = path.strip_prefix(host.prefix().as_str());
    own.is_some_and(|rest| rest.starts_with("/app/"))
}

/// True for the address of what may be a page.
pub(super) fn is_page(url: &Url, host: &Host) -> bool {
    let path = url.pathname();
    let own = path.strip_prefix(host.prefix().as_str());
    !own.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) && !path.starts_with("/static/")
}
