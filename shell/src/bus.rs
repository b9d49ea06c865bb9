//! The event bus: fragments publish on `document`; the shell keeps each topic's last value for those who wake later.
//!
//! A late subscriber dispatches [`SUBSCRIBE`] with `{ topic, deliver }`; `deliver` is called with the last value, if any.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::{CustomEvent, Document};

const SUBSCRIBE: &str = "marquetry:subscribe";

type LastValues = Rc<RefCell<HashMap<String, JsValue>>>;

pub(crate) fn start(document: &Document) -> Result<(), JsValue> {
    let last: LastValues = Rc::default();
    for topic in topics(document) {
        keep(document, &last, topic)?;
    }
    let replay = Closure::<dyn Fn(CustomEvent)>::new(move |event: CustomEvent| {
        let field = |name: &str| Reflect::get(&event.detail(), &name.into()).ok();
        let topic = field("topic").and_then(|topic| topic.as_string());
        let deliver = field("deliver").and_then(|deliver| deliver.dyn_into::<Function>().ok());
        let value = topic.and_then(|topic| last.borrow().get(&topic).cloned());
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
        last.borrow_mut().insert(topic.clone(), event.detail());
    });
    document.add_event_listener_with_callback(&name, listener.as_ref().unchecked_ref())?;
    listener.forget();
    Ok(())
}
