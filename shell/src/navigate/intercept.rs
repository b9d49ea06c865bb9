//! Which navigations are soft.

use wasm_bindgen::prelude::*;
use web_sys::{Document, Url};

use super::{
    entries, form,
    js::{self, NavigateEvent, Navigation},
    request, settle,
    visit::{self, Visit},
};
use crate::{host::Host, versions};

pub(super) fn start(navigation: &Navigation, document: &Document, host: &Host) {
    let (document, host) = (document.clone(), host.clone());
    let navigate = Closure::<dyn Fn(NavigateEvent)>::new(move |event: NavigateEvent| {
        // What can't be taken over goes its way.
        let _ = take(event, &document, &host);
    });
    js::listen(navigation, "navigate", navigate.as_ref());
    navigate.forget();
}

fn take(event: NavigateEvent, document: &Document, host: &Host) -> Result<(), JsValue> {
    let kind = event.navigation_type();
    let is_update = event.info().as_string().as_deref() == Some(versions::UPDATE);
    let is_download = event.download_request().is_some();
    if !event.can_intercept() || event.hash_change() || is_download || (kind == "reload" && !is_update) {
        return Ok(());
    }
    let destination = event.destination();
    let stays = if kind == "traverse" {
        entries::is_here(&destination.key())
    } else {
        // A fragment's own `pushState`.
        destination.same_document()
    };
    if stays || visit::is_leaving() {
        return Ok(());
    }
    let url = Url::new(&destination.url())?;
    let source = event.source_element();
    let source = source.as_ref();
    if source.is_some_and(|source| js::near(source, "[rel~=external]").is_some()) {
        return Ok(());
    }
    if let Some(data) = event.form_data() {
        if request::is_of_app(&url, host)
            && let Some(fields) = js::fields(&data, source)
        {
            event.prevent_default();
            form::post(&url.href(), &fields, host)?;
        }
        return Ok(());
    }
    if !request::is_page(&url, host) {
        return Ok(());
    }
    // Where one returns to there is no way to say no that every browser takes.
    if kind != "traverse" && !js::may_go() {
        event.prevent_default();
        return Ok(());
    }
    entries::leave();
    let key = settle::is_return(&event).then(|| destination.key());
    js::keep(key.as_deref());
    match key {
        Some(key) => entries::go_to(&key),
        None => entries::go_on(),
    }
    Visit::begin(event, url, document, host)
}
