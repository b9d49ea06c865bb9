//! The inspector: shows on a page who made what, from which release, how long it took and what broke.
//!
//! `door.js` opens it on request; `look.js` reads the page. Nothing of it is loaded before somebody asks for it.

mod panel;
mod overlay;
mod slots;
mod events;
mod versions;
mod trouble;
mod report;
mod parts;
mod desk;
mod diagnosis;
mod json;
mod tree;
mod answer;
mod page;
mod words;
mod js;

use std::any::Any;

use js_sys::Function;
use leptos::{
    prelude::*,
    reactive::owner::Owner,
    tachys::view::{Mountable, Render},
};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use desk::Desk;

const STYLE: &str = include_str!("inspector.css");

/// The open inspector, opaque to scripts.
#[wasm_bindgen]
pub struct Handle(#[expect(dead_code, reason = "held for its drop")] Box<dyn Any>);

/// Opens the inspector in `place`, an element in a shadow root; `door` knows what has happened until now.
#[wasm_bindgen]
pub fn open(place: &HtmlElement, door: JsValue) -> Handle {
    #[cfg(feature = "hydrate")]
    // A second start of the executor is refused, which is as good.
    let _ = any_spawner::Executor::init_wasm_bindgen();
    let host = js::dress(place, STYLE);
    let owner = Owner::new();
    let (view, desk) = owner.with(|| {
        let desk = Desk::new(place.clone(), door.clone());
        let view = view! {
            {overlay::frames(desk)}
            {panel::panel(desk)}
        };
        let mut drawn = view.into_view().build();
        drawn.mount(place, None);
        (drawn, desk)
    });
    let changed = Closure::<dyn FnMut()>::new(move || desk.look());
    let stop = js::watch(&door, &host, &changed);
    desk.ask();
    js::focus(place, "[role=tab][aria-selected=true]");
    Handle(Box::new(Open {
        stop,
        _changed: changed,
        view,
        owner,
    }))
}

/// Ends what [`open`] began.
#[wasm_bindgen]
pub fn close(handle: Handle) {
    drop(handle);
}

struct Open<M: Mountable> {
    stop: Function,
    _changed: Closure<dyn FnMut()>,
    view: M,
    owner: Owner,
}

impl<M: Mountable> Drop for Open<M> {
    fn drop(&mut self) {
        // Nothing asks for a view that is gone.
        let _ = self.stop.call0(&JsValue::NULL);
        self.view.unmount();
        self.owner.cleanup();
    }
}
