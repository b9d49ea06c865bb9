//! Events between fragments of any apps: typed here, plain objects on the `document`.

use serde::{Serialize, de::DeserializeOwned};

/// Something that happened, for other fragments to hear.
///
/// Publisher and subscribers each have their own copy of the type: only topic and JSON shape are shared.
pub trait Event: Serialize + DeserializeOwned + 'static {
    /// The topic, `checkout:cart-changed`, listed in the manifest under `[events]`.
    const TOPIC: &'static str;
}

/// Tells everyone who listens on this page, if the app's manifest lists the topic under `publishes`. Does nothing on the server.
pub fn publish<E: Event>(event: &E) {
    #[cfg(feature = "hydrate")]
    browser::publish(E::TOPIC, &serde_json::to_string(event));
    #[cfg(not(feature = "hydrate"))]
    let _ = event;
}

/// Calls `listener` for each event of the type until the current reactive owner ends. Does nothing on the server.
///
/// Who subscribes late hears first of the last event that the page has seen, if there was one.
pub fn subscribe<E: Event>(listener: impl Fn(E) + 'static) {
    #[cfg(feature = "hydrate")]
    browser::subscribe(E::TOPIC, move |detail| crate::json::read(detail).map(&listener));
    #[cfg(not(feature = "hydrate"))]
    drop(listener);
}

/// The same without the last event that was: only what comes.
pub fn subscribe_from_now<E: Event>(listener: impl Fn(E) + 'static) {
    #[cfg(feature = "hydrate")]
    browser::hear(E::TOPIC, move |detail| crate::json::read(detail).map(&listener));
    #[cfg(not(feature = "hydrate"))]
    drop(listener);
}

/// Calls `listener` when events of the type that a server publishes may have been missed, until the current reactive owner
/// ends: ask the BFF how things are. Does nothing on the server.
pub fn subscribe_resets<E: Event>(listener: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    browser::hear(browser::RESET, move |detail| {
        if browser::names(&detail, E::TOPIC) {
            listener();
        }
        Ok(())
    });
    #[cfg(not(feature = "hydrate"))]
    drop(listener);
}

#[cfg(feature = "hydrate")]
pub(crate) use browser::{Member, join};

#[cfg(feature = "hydrate")]
mod browser {
    use std::{cell::RefCell, rc::Rc};

    use js_sys::{Array, Function, JSON, Object, Reflect};
    use leptos::prelude::{Owner, on_cleanup};
    use send_wrapper::SendWrapper;
    use wasm_bindgen::{JsCast, JsValue, closure::Closure};
    use web_sys::{CustomEvent, CustomEventInit, Document, console};

    use crate::{json::JsonError, task::spawn};

    /// Asks the shell for a topic's last value: `{ topic, deliver }`.
    const SUBSCRIBE: &str = "marquetry:subscribe";
    /// Events of some topics may have been missed: `{ topics }`.
    pub(super) const RESET: &str = "marquetry:reset";

    thread_local! {
        /// How the module's fragments that are awake publish, each by its context.
        static MEMBERS: RefCell<Vec<(JsValue, Function)>> = const { RefCell::new(Vec::new()) };
    }

    /// A fragment that is awake; what the app publishes may go out in its name until this is dropped.
    pub(crate) struct Member(JsValue);

    /// Has the app publish by `context`, where the host gives it a way.
    pub(crate) fn join(context: &JsValue) -> Member {
        let publish = Reflect::get(context, &"publish".into()).ok();
        if let Some(publish) = publish.and_then(|publish| publish.dyn_into().ok()) {
            MEMBERS.with_borrow_mut(|members| members.push((context.clone(), publish)));
        }
        Member(context.clone())
    }

    impl Drop for Member {
        fn drop(&mut self) {
            MEMBERS.with_borrow_mut(|members| members.retain(|(context, _)| *context != self.0));
        }
    }

    /// Tells whether a reset is about `topic`.
    pub(super) fn names(detail: &JsValue, topic: &str) -> bool {
        let topics = Reflect::get(detail, &"topics".into()).ok();
        let topics = topics.and_then(|topics| topics.dyn_into::<Array>().ok());
        topics.is_some_and(|topics| topics.includes(&topic.into(), 0))
    }

    fn document() -> Option<Document> {
        web_sys::window()?.document()
    }

    pub(super) fn publish(topic: &str, detail: &serde_json::Result<String>) {
        let sent = match detail {
            Ok(json) => JSON::parse(json).and_then(|detail| send(topic, &detail)),
            Err(error) => Err(error.to_string().into()),
        };
        if let Err(error) = sent {
            console::error_2(&format!("event `{topic}` was not published").into(), &error);
        }
    }

    /// By a fragment's context, so that the host knows whose event it is: all of a module are one app's.
    fn send(topic: &str, detail: &JsValue) -> Result<(), JsValue> {
        let publish = MEMBERS.with_borrow(|members| members.last().map(|(_, publish)| publish.clone()));
        match publish {
            Some(publish) => publish.call2(&JsValue::NULL, &topic.into(), detail).map(drop),
            None => dispatch(topic, detail),
        }
    }

    fn dispatch(name: &str, detail: &JsValue) -> Result<(), JsValue> {
        let init = CustomEventInit::new();
        init.set_detail(detail);
        let event = CustomEvent::new_with_event_init_dict(name, &init)?;
        if let Some(document) = document() {
            document.dispatch_event(&event)?;
        }
        Ok(())
    }

    pub(super) type Listener = Rc<dyn Fn(JsValue)>;

    pub(super) fn subscribe(topic: &'static str, listener: impl Fn(JsValue) -> Result<(), JsonError> + 'static) {
        let Some(listener) = hear(topic, listener) else { return };
        // Later, because a view that is being woken must find what the server has drawn.
        spawn(async move {
            if let Err(error) = ask_for_last(topic, listener) {
                console::error_1(&error);
            }
        });
    }

    /// Listens; gives what is called, unless nothing is listened to.
    pub(super) fn hear(
        topic: &'static str,
        listener: impl Fn(JsValue) -> Result<(), JsonError> + 'static,
    ) -> Option<Listener> {
        let document = document()?;
        // A child holds its parent weakly: the listener must not keep alive the owner that is to end it.
        let scope = Owner::current().map(|owner| owner.child());
        let listener: Listener = Rc::new(move |detail| {
            let heard = match &scope {
                Some(scope) => scope.with(|| listener(detail)),
                None => listener(detail),
            };
            if let Err(error) = heard {
                console::warn_1(&format!("event `{topic}` was not understood: {error}").into());
            }
        });
        listen(document, topic, listener.clone());
        Some(listener)
    }

    fn listen(document: Document, topic: &'static str, listener: Listener) {
        let heard = Closure::<dyn Fn(CustomEvent)>::new(move |event: CustomEvent| listener(event.detail()));
        if let Err(error) = document.add_event_listener_with_callback(topic, heard.as_ref().unchecked_ref()) {
            console::error_1(&error);
        }
        if Owner::current().is_none() {
            heard.forget();
            return;
        }
        let held = SendWrapper::new((document, heard));
        on_cleanup(move || {
            let (document, heard) = held.take();
            let removed = document.remove_event_listener_with_callback(topic, heard.as_ref().unchecked_ref());
            if let Err(error) = removed {
                console::error_1(&error);
            }
        });
    }

    /// Has the shell call `listener` with what was published before, if anything was. Without a shell, nothing happens.
    fn ask_for_last(topic: &str, listener: Listener) -> Result<(), JsValue> {
        let deliver = Closure::<dyn Fn(JsValue)>::new(move |detail: JsValue| listener(detail));
        let question = Object::new();
        Reflect::set(&question, &"topic".into(), &topic.into())?;
        Reflect::set(&question, &"deliver".into(), deliver.as_ref())?;
        // The shell answers while the event is dispatched, so the closure need not outlive it.
        dispatch(SUBSCRIBE, &question)
    }
}
