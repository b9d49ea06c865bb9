//! One instance of a fragment on the page, from the shell's call to the drop of its handle.

use std::{any::Any, sync::Arc};

use hydration_context::SharedContext;
use js_sys::Reflect;
use leptos::{
    prelude::*,
    reactive::owner::Owner,
    tachys::{
        hydration::Cursor,
        view::{Mountable, PositionState, Render, RenderHtml},
    },
};
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsError, JsValue, prelude::wasm_bindgen};
use web_sys::HtmlElement;

use super::{carried::Carried, panic, place::Place};
use crate::{base, bus, envelope::Envelope, json, unsaved};

/// A live fragment, opaque to scripts. Dropping it removes its view and ends all that its view started.
#[wasm_bindgen]
pub struct Handle(#[expect(dead_code, reason = "held for its drop")] Box<dyn Any>);

/// What the shell asks for: a fragment, woken or drawn, in a place.
pub struct Call {
    fragment: String,
    base: String,
    place: Place,
    hydrate: bool,
    context: JsValue,
}

impl Call {
    /// To wake what the server has rendered into `slot`.
    ///
    /// # Errors
    /// When the slot holds no whole fragment.
    pub fn hydrate(slot: HtmlElement, context: &JsValue) -> Result<Self, JsError> {
        let fragment = text(context, "fragment")?;
        Ok(Self {
            base: text(context, "base")?,
            place: Place::find(&slot, &fragment)?,
            fragment,
            hydrate: true,
            context: context.clone(),
        })
    }

    /// To draw the fragment into `slot` from nothing but its props.
    ///
    /// # Errors
    /// When the slot takes no fragment.
    pub fn mount(slot: HtmlElement, context: &JsValue) -> Result<Self, JsError> {
        Ok(Self {
            fragment: text(context, "fragment")?,
            base: text(context, "base")?,
            place: Place::make(&slot)?,
            hydrate: false,
            context: context.clone(),
        })
    }

    /// The name of the fragment within its app.
    pub fn fragment(&self) -> &str {
        &self.fragment
    }

    /// The error for a fragment that this module doesn't have.
    pub fn unknown(&self, known: &[&str]) -> JsError {
        let (fragment, known) = (&self.fragment, known.join(", "));
        JsError::new(&format!("this module has no fragment `{fragment}`, it has {known}"))
    }

    /// Does it.
    ///
    /// # Errors
    /// When the props script is no JSON of these props.
    pub fn run<P, V>(self, view: impl FnOnce(P) -> V) -> Result<Handle, JsError>
    where
        P: DeserializeOwned,
        V: IntoView + 'static,
        <View<V> as Render>::State: 'static,
    {
        panic::tell();
        // A second start of the executor is refused, which is as good.
        let _ = any_spawner::Executor::init_wasm_bindgen();
        let envelope: Envelope<P> = json::parse(&self.place.props)
            .map_err(|error| JsError::new(&format!("props of fragment `{}` don't parse: {error}", self.fragment)))?;
        let carried = if self.hydrate {
            Carried::new(envelope.r, envelope.e)
        } else {
            Carried::nothing()
        };
        let owner = root_owner(&carried);
        base::set_of_module(&self.base);
        let member = bus::join(&self.context);
        let live = owner.with(|| {
            base::provide(&self.base);
            unsaved::provide(&self.context);
            let view = view(envelope.p).into_view();
            if self.hydrate {
                let cursor = Cursor::new(self.place.root.unchecked_into());
                return view.hydrate::<true>(&cursor, &PositionState::default());
            }
            let mut drawn = view.build();
            drawn.mount(&self.place.root, None);
            drawn
        });
        carried.hydration_complete();
        Ok(Handle(Box::new(Live {
            owner,
            view: live,
            _member: member,
        })))
    }
}

struct Live<M: Mountable> {
    owner: Owner,
    view: M,
    _member: bus::Member,
}

impl<M: Mountable> Drop for Live<M> {
    fn drop(&mut self) {
        self.view.unmount();
        // Effects and listeners may hold clones of the owner, so its end is forced.
        self.owner.cleanup();
    }
}

/// An owner that neither inherits from the module's current one nor becomes it, so that instances never meet.
fn root_owner(carried: &Arc<Carried>) -> Owner {
    let context: Arc<dyn SharedContext + Send + Sync> = carried.clone();
    Owner::new().with(|| Owner::new_root(Some(context)))
}

fn text(context: &JsValue, key: &str) -> Result<String, JsError> {
    let value = Reflect::get(context, &key.into()).ok();
    value
        .and_then(|value| value.as_string())
        .ok_or_else(|| JsError::new(&format!("the context has no text `{key}`")))
}
