//! Tells of a panic before the module traps: the module knows what happened, the host to which fragment.

use std::{panic::PanicHookInfo, sync::Once};

use js_sys::{Error, Object, Reflect};
use wasm_bindgen::JsValue;
use web_sys::{CustomEvent, CustomEventInit, console};

/// The host writes into it as `who` which fragment it is: `{ message, who }`.
const PANIC: &str = "marquetry:panic";

/// Has each panic of the module told from now on.
pub(super) fn tell() {
    static SET: Once = Once::new();
    SET.call_once(|| std::panic::set_hook(Box::new(hook)));
}

fn hook(panic: &PanicHookInfo<'_>) {
    let message = panic.to_string();
    let who = whose(&message).ok().and_then(|who| who.as_string());
    let told = format!("{}: {message}", who.as_deref().unwrap_or("a fragment"));
    console::error_1(&Error::new(&told));
}

/// What the host says to it.
fn whose(message: &str) -> Result<JsValue, JsValue> {
    let detail = Object::new();
    Reflect::set(&detail, &"message".into(), &message.into())?;
    let init = CustomEventInit::new();
    init.set_detail(&detail);
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        let event = CustomEvent::new_with_event_init_dict(PANIC, &init)?;
        document.dispatch_event(&event)?;
    }
    Reflect::get(&detail, &"who".into())
}
