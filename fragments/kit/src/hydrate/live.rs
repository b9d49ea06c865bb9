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

/// Hands new props, as the text of their script, to a view.
type Renew = Box<dyn Fn(&str) -> Result<(), JsError>>;

/// A live fragment, opaque to scripts. Dropping it removes its view and ends all that its view started.
#[wasm_bindgen]
pub struct Handle {
    fragment: String,
    root: HtmlElement,
    renew: Option<Renew>,
    _live: Box<dyn Any>,
}

impl Handle {
    /// Hands the props of the slot `fresh` of the context to the view. Tells whether the view takes any.
    ///
    /// # Errors
    /// When `fresh` holds no whole fragment, or its props script is no JSON of these props.
    pub fn update(&self, context: &JsValue) -> Result<bool, JsError> {
        let Some(renew) = &self.renew else { return Ok(false) };
        let fresh =
            Reflect::get(context, &"fresh".into()).map_err(|_| JsError::new("the context has no slot `fresh`"))?;
        let fresh = Place::find(fresh.unchecked_ref(), &self.fragment)?;
        renew(&fresh.props)?;
        // Who begins anew in this slot begins with these.
        if let Some(slot) = self.root.parent_element() {
            Place::set_props(&slot, &fresh.props);
        }
        Ok(true)
    }
}

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
        self.begin(|props, _| (view(props), None))
    }

    /// Does it, with a view that takes new props while it lives.
    ///
    /// # Errors
    /// When the props script is no JSON of these props.
    pub fn run_live<P, V>(self, view: impl FnOnce(Signal<P>) -> V) -> Result<Handle, JsError>
    where
        P: DeserializeOwned + Send + Sync + 'static,
        V: IntoView + 'static,
        <View<V> as Render>::State: 'static,
    {
        self.begin(|props, fragment| {
            let (props, set_props) = signal(props);
            let fragment = fragment.to_owned();
            let renew = move |text: &str| {
                set_props.set(parse::<P>(text, &fragment)?.p);
                Ok(())
            };
            (view(props.into()), Some(Box::new(renew) as Renew))
        })
    }

    fn begin<P, V>(self, view: impl FnOnce(P, &str) -> (V, Option<Renew>)) -> Result<Handle, JsError>
    where
        P: DeserializeOwned,
        V: IntoView + 'static,
        <View<V> as Render>::State: 'static,
    {
        panic::tell();
        // A second start of the executor is refused, which is as good.
        let _ = any_spawner::Executor::init_wasm_bindgen();
        let envelope = parse::<P>(&self.place.props, &self.fragment)?;
        let carried = if self.hydrate {
            Carried::new(envelope.r, envelope.e)
        } else {
            Carried::nothing()
        };
        let owner = root_owner(&carried);
        base::set_of_module(&self.base);
        let member = bus::join(&self.context);
        let root = self.place.root;
        let (live, renew) = owner.with(|| {
            base::provide(&self.base);
            unsaved::provide(&self.context);
            let (view, renew) = view(envelope.p, &self.fragment);
            let view = view.into_view();
            if self.hydrate {
                let cursor = Cursor::new(root.clone().unchecked_into());
                return (view.hydrate::<true>(&cursor, &PositionState::default()), renew);
            }
            let mut drawn = view.build();
            drawn.mount(&root, None);
            (drawn, renew)
        });
        carried.hydration_complete();
        Ok(Handle {
            fragment: self.fragment,
            root,
            renew,
            _live: Box::new(Live {
                owner,
                view: live,
                _member: member,
            }),
        })
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

fn parse<P: DeserializeOwned>(props: &str, fragment: &str) -> Result<Envelope<P>, JsError> {
    json::parse(props).map_err(|error| JsError::new(&format!("props of fragment `{fragment}` don't parse: {error}")))
}

fn text(context: &JsValue, key: &str) -> Result<String, JsError> {
    let value = Reflect::get(context, &key.into()).ok();
    value
        .and_then(|value| value.as_string())
        .ok_or_else(|| JsError::new(&format!("the context has no text `{key}`")))
}
