//! The event bus: fragments publish on `document`; the shell keeps each topic's last value for those who wake later.
//!
//! A late subscriber dispatches [`SUBSCRIBE`] with `{ topic, deliver }`; `deliver` is called with the last value, if any.

use alloc::{borrow::ToOwned, rc::Rc, string::String, vec::Vec};
use core::cell::RefCell;

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::{CustomEvent, Document};

use crate::local::Local;

const SUBSCRIBE: &str = "marquetry:subscribe";

/// Few topics a page: found by looking at each, which takes less code than a map.
type LastValues = Rc<RefCell<Vec<(String, JsValue)>>>;

/// The topics whose values are kept.
static KEPT: Local<Vec<String>> = Local::new(Vec::new());
static LAST: Local<Option<LastValues>> = Local::new(None);

/// Keeps the last values of the topics that came with the page.
pub(crate) fn follow(document: &Document) -> Result<(), JsValue> {
    let last = LAST.with_borrow_mut(|last| Rc::clone(last.get_or_insert_default()));
    for topic in topics(document) {
        if !KEPT.with_borrow(|kept| kept.contains(&topic)) {
            KEPT.with_borrow_mut(|kept| kept.push(topic.clone()));
            keep(document, &last, topic)?;
        }
    }
    Ok(())
}

pub(crate) fn start(document: &Document) -> Result<(), JsValue> {
    follow(document)?;
    let last = LAST.with_borrow_mut(|last| Rc::clone(last.get_or_insert_default()));
    let replay = Closure::<dyn Fn(CustomEvent)>::new(move |event: CustomEvent| {
        let field = |name: &str| Reflect::get(&event.detail(), &name.into()).ok();
        let topic = field("topic").and_then(|topic| topic.as_string());
        let deliver = field("deliver").and_then(|deliver| deliver.dyn_into::<Function>().ok());
        let value = topic.and_then(|topic| {
            let last = last.borrow();
            last.iter()
                .find(|(name, _)| *name == topic)
                .map(|(_, value)| value.clone())
        });
        if let (Some(deliver), Some(value)) = (deliver, value)
            && let Err(error) = deliver.call1(&JsValue::NULL, &value)
        {
            web_sys::console::error_2(&"marquetry: a subscriber failed".into(), &error);
        }
    });
    document.add_event_listener_with_callback(SUBSCRIBE, replay.as_ref().unchecked_ref())?;
    replay.forget();
    Ok(())
}

/// The topics that apps on this page publish, as the composer's script tag lists them.
fn topics(document: &Document) -> Vec<String> {
    let tag = document.query_selector("script[data-topics]").ok().flatten();
    let list = tag.and_then(|tag| tag.get_attribute("data-topics")).unwrap_or_default();
    list.split_ascii_whitespace().map(str::to_owned).collect()
}

fn keep(document: &Document, last: &LastValues, topic: String) -> Result<(), JsValue> {
    let last = Rc::clone(last);
    let name = topic.clone();
    let listener = Closure::<dyn Fn(CustomEvent)>::new(move |event: CustomEvent| {
        let (mut last, value) = (last.borrow_mut(), event.detail());
        match last.iter_mut().find(|(name, _)| *name == topic) {
            Some(kept) => kept.1 = value,
            None => last.push((topic.clone(), value)),
        }
    });
    document.add_event_listener_with_callback(&name, listener.as_ref().unchecked_ref())?;
    listener.forget();
    Ok(())
}
