//! Soft navigation: from page to page without leaving the document, by the Navigation API.
//!
//! Whatever it doesn't do is the browser's own: another origin, a download, another layout, an answer that is no part of a
//! page. Then the browser loads the page as if there were no shell.

mod intercept;
mod form;
mod visit;
mod prefetch;
mod incoming;
mod settle;
mod entries;
mod request;
mod places;
mod js;

use web_sys::Document;

use crate::host::Host;

/// Takes over from the browser where it can.
pub(crate) fn start(document: &Document, host: &Host) {
    let Some(navigation) = js::navigation() else { return };
    js::say("", false);
    js::catch_up(&navigation);
    entries::start(&navigation);
    prefetch::start(document, host);
    intercept::start(&navigation, document, host);
}
