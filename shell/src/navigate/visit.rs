//! One soft navigation from its beginning to its end.

use wasm_bindgen::{JsCast, prelude::*};
use web_sys::{AbortController, Document, Response, Url};

use super::{
    incoming::{Incoming, Step},
    js::{self, NavigateEvent},
    prefetch,
    request::{self, Asked},
    settle,
};
use crate::{bus, host::Host, local::Local, versions};

/// As many redirects as browsers follow.
const MOST_REDIRECTS: u32 = 20;

/// How many of the navigations that come are the browser's: it has been told to load a page.
static LEAVING: Local<u32> = Local::new(0);
/// How often in a row an answer has led on.
static LED: Local<u32> = Local::new(0);
static CURRENT: Local<Option<AbortController>> = Local::new(None);

/// A navigation that the shell has taken over.
pub(super) struct Visit {
    event: NavigateEvent,
    document: Document,
    host: Host,
    url: Url,
    abort: AbortController,
    incoming: Option<Incoming>,
    /// True as soon as something of the page is shown.
    has_arrived: bool,
    /// True when there is nothing more to do.
    is_done: bool,
}

impl Visit {
    /// Asks for the page; the navigation before this one is over.
    pub(super) fn begin(event: NavigateEvent, url: Url, document: &Document, host: &Host) -> Result<(), JsValue> {
        let Asked { abort, answer, .. } = match prefetch::take(&url.href()) {
            Some(asked) => asked,
            None => Asked::page(&url, document, host)?,
        };
        let before = CURRENT.with_borrow_mut(|current| current.replace(abort.clone()));
        if let Some(before) = before {
            before.abort();
        }
        let mut visit = Some(Self {
            event: event.clone().unchecked_into(),
            document: document.clone(),
            host: host.clone(),
            url,
            abort,
            incoming: None,
            has_arrived: false,
            is_done: false,
        });
        let step = Closure::<dyn FnMut(JsValue) -> JsValue>::new(move |what: JsValue| {
            let more = visit.as_mut().map_or(JsValue::FALSE, |visit| visit.step(&what));
            if what.is_undefined() {
                // It holds the event, which in Firefox holds this closure.
                visit = None;
            }
            more
        });
        js::intercept(&event, &answer, &step.into_js_value())
    }

    fn is_over(&self) -> bool {
        self.abort.signal().aborted() || self.event.signal().aborted()
    }

    /// Takes the response, a piece of its text, or `null` behind the last; nothing at all when it has ended. Gives `false`
    /// when no more is wanted, and a promise when there is something to wait for.
    fn step(&mut self, what: &JsValue) -> JsValue {
        if what.is_undefined() {
            self.end();
            return JsValue::UNDEFINED;
        }
        if self.is_over() {
            return JsValue::FALSE;
        }
        let more = match &mut self.incoming {
            Some(_) => self.take(what),
            None => self.look(what.unchecked_ref()),
        };
        more.unwrap_or(JsValue::FALSE)
    }

    /// Looks whether the response is a part of a page.
    fn look(&mut self, response: &Response) -> Result<JsValue, JsValue> {
        let headers = response.headers();
        if let Some(to) = headers.get(contract::header::LOCATION)? {
            self.follow(&to)?;
            return Ok(JsValue::FALSE);
        }
        LED.with_borrow_mut(|led| *led = 0);
        if headers.get(contract::header::FRAME)?.is_none() {
            return Ok(JsValue::FALSE);
        }
        if headers.get(contract::header::COMPOSITION_STATE)?.as_deref() == Some("behind") {
            versions::look(&self.host, false);
        }
        self.incoming = Some(Incoming::new(&self.document, &self.host)?);
        Ok(JsValue::TRUE)
    }

    /// Shows what has come.
    fn take(&mut self, text: &JsValue) -> Result<JsValue, JsValue> {
        let incoming = self.incoming.as_mut().ok_or(JsValue::NULL)?;
        incoming.write(text);
        loop {
            match incoming.step()? {
                Step::Later(promise) => return Ok(promise.into()),
                Step::Shown => {
                    if !core::mem::replace(&mut self.has_arrived, true) {
                        settle::arrive(&self.document, &self.event);
                    }
                }
                Step::Wait => return Ok(JsValue::TRUE),
                Step::Done => {
                    self.is_done = true;
                    settle::end(&self.document, &self.event);
                    bus::follow();
                    return Ok(JsValue::FALSE);
                }
            }
        }
    }

    /// Goes where an answer leads, in the place of this entry of the history.
    fn follow(&mut self, to: &str) -> Result<(), JsValue> {
        let led = LED.with_borrow_mut(|led| {
            *led += 1;
            *led
        });
        if led > MOST_REDIRECTS {
            LED.with_borrow_mut(|led| *led = 0);
            return Ok(());
        }
        self.is_done = true;
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        window.location().replace(to)
    }

    /// Loads the page as a whole if this came to nothing.
    fn end(&self) {
        let is_over = self.is_over();
        if !self.is_done {
            self.abort.abort();
        }
        if !is_over && !self.is_done {
            let kind = self.event.navigation_type();
            // The step back, and the page itself.
            LEAVING.with_borrow_mut(|leaving| *leaving = if kind == "push" { 2 } else { 1 });
            js::leave(&kind, &request::part(&self.url, &self.host), &self.url.href());
        }
    }
}

/// True for a navigation that is the browser's.
pub(super) fn is_leaving() -> bool {
    LEAVING.with_borrow_mut(|leaving| {
        let is_leaving = *leaving > 0;
        *leaving = leaving.saturating_sub(1);
        is_leaving
    })
}
