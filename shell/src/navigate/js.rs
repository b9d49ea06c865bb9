//! What the browser has and web-sys doesn't, or not in stable form; and what `lent.js` lends.

use alloc::{string::String, vec::Vec};

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Document, Element, Event, EventTarget, FormData, Headers, Node, UrlSearchParams};

#[wasm_bindgen]
extern "C" {
    /// <https://html.spec.whatwg.org/#navigation-api>
    #[wasm_bindgen(extends = EventTarget)]
    pub(super) type Navigation;
    #[wasm_bindgen(method, getter, js_name = currentEntry)]
    pub(super) fn current_entry(this: &Navigation) -> Option<Entry>;

    /// An entry of the history, or the one that a navigation leads to.
    pub(super) type Entry;
    #[wasm_bindgen(method, getter)]
    pub(super) fn key(this: &Entry) -> String;
    #[wasm_bindgen(method, getter)]
    pub(super) fn url(this: &Entry) -> String;
    #[wasm_bindgen(method, getter, js_name = sameDocument)]
    pub(super) fn same_document(this: &Entry) -> bool;

    #[wasm_bindgen(extends = Event)]
    pub(super) type NavigateEvent;
    #[wasm_bindgen(method, getter, js_name = canIntercept)]
    pub(super) fn can_intercept(this: &NavigateEvent) -> bool;
    #[wasm_bindgen(method, getter, js_name = hashChange)]
    pub(super) fn hash_change(this: &NavigateEvent) -> bool;
    #[wasm_bindgen(method, getter, js_name = downloadRequest)]
    pub(super) fn download_request(this: &NavigateEvent) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = formData)]
    pub(super) fn form_data(this: &NavigateEvent) -> Option<FormData>;
    #[wasm_bindgen(method, getter, js_name = navigationType)]
    pub(super) fn navigation_type(this: &NavigateEvent) -> String;
    #[wasm_bindgen(method, getter, js_name = sourceElement)]
    pub(super) fn source_element(this: &NavigateEvent) -> Option<Element>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn destination(this: &NavigateEvent) -> Entry;
    #[wasm_bindgen(method, getter)]
    pub(super) fn signal(this: &NavigateEvent) -> AbortSignal;
    #[wasm_bindgen(method, getter)]
    pub(super) fn info(this: &NavigateEvent) -> JsValue;
    #[wasm_bindgen(method, catch)]
    pub(super) fn scroll(this: &NavigateEvent) -> Result<(), JsValue>;

    /// A document that is written to piece by piece.
    #[wasm_bindgen(extends = Document)]
    pub(super) type Written;
    #[wasm_bindgen(method)]
    pub(super) fn open(this: &Written);
    #[wasm_bindgen(method)]
    pub(super) fn write(this: &Written, html: &JsValue);
    #[wasm_bindgen(method)]
    pub(super) fn close(this: &Written);
}

#[wasm_bindgen]
extern "C" {
    /// None where the browser has no Navigation API.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn navigation() -> Option<Navigation>;
    /// Loads the page that the address names, where that is another than the browser shows.
    #[wasm_bindgen(js_namespace = lent, js_name = catchUp)]
    pub(super) fn catch_up(navigation: &Navigation);
    /// True where people want no more loaded than they ask for.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn saves() -> bool;
    /// Has `act` called for events of these names, a space between.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn listen(target: &EventTarget, names: &str, act: &JsValue);

    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn all(root: &Node, css: &str) -> Vec<Element>;
    /// True for an element that `css` finds.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn is(element: &Element, css: &str) -> bool;
    /// What `css` finds among an element and those around it.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn near(element: &Element, css: &str) -> Option<Element>;
    /// Sets an attribute, or removes it.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn set(element: &Element, name: &str, value: Option<&str>);
    /// Puts an element in the place of an old one.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn swap(old: &Element, element: &Element);
    /// Makes `content` all that an element holds.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn fill(element: &Element, content: &Node);
    /// True when the parser has written something behind `element` within `root`.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn passed(element: &Element, root: &Element) -> bool;

    /// Takes a navigation over: `step` is called with the answer and its pieces.
    #[wasm_bindgen(js_namespace = lent, catch)]
    pub(super) fn intercept(event: &NavigateEvent, answer: &Promise, step: &JsValue) -> Result<(), JsValue>;
    /// Nobody has to hear of the failure of `answer`.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn quiet(answer: &Promise);
    /// Has the browser load `url`, for a navigation of that kind.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn leave(kind: &str, part: &str, url: &str);
    /// False when somebody wants to stay, for what they haven't saved.
    #[wasm_bindgen(js_namespace = lent, js_name = mayGo)]
    pub(super) fn may_go() -> bool;
    /// The composition that the next page is to be of, signed.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn lock() -> Option<String>;
    /// Waits until the page may change, where its layout asks for View Transitions.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn transition() -> Promise;
    /// Makes the page's head that of `next`, and waits for what it needs.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn head(next: &Document) -> Promise;
    /// Removes the style sheets that the page's head doesn't ask for any more.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn clear();

    /// Notes what was typed into the page that is left for another one, or for that of `to`, to which somebody returns.
    #[wasm_bindgen(js_namespace = typed)]
    pub(super) fn keep(to: Option<&str>);
    /// Fills what was typed into the fields of a slot that has come.
    #[wasm_bindgen(js_namespace = typed)]
    pub(super) fn restore(slot: &Element);

    /// Focuses where reading begins.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn focus();
    /// Scrolls the page at once.
    #[wasm_bindgen(js_namespace = lent, js_name = top)]
    pub(super) fn scroll_to(top: f64);
    /// Tells screen readers, or everybody for some seconds.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn say(words: &str, is_shown: bool);

    /// Has `near` called with the address of a link that somebody seems about to follow, and `true`, and `away` when they leave
    /// it; with `false` for a link that is in view and asks for it.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn intent(near: &JsValue, away: &JsValue);
    /// Has the browser fetch the page of `url` ahead where `answer` says that it has to load it, until somebody turns away.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn ahead(answer: &Promise, url: &str);
    /// A form's fields for the body of a request; none for a form that the browser has to send.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn fields(data: &FormData, source: Option<&Element>) -> Option<UrlSearchParams>;
    /// Posts `fields`; `done` gets the response and, where it is a page, its text.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn send(url: &str, fields: &UrlSearchParams, headers: &Headers, done: &JsValue);
    /// Shows an answer in the place of the page.
    #[wasm_bindgen(js_namespace = lent)]
    pub(super) fn show(html: &JsValue);
}
