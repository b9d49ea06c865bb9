//! What a fragment holds that nobody has saved yet.

/// Says that the fragment holds something unsaved whenever `holds` gives true, until the current reactive owner ends.
///
/// Called in a component; what `holds` reads of signals is followed. No version is changed under it meanwhile, and whoever leaves
/// the page is asked first. Fields of forms that are not as they came keep their version without it. Does nothing on the server.
pub fn unsaved(holds: impl Fn() -> bool + 'static) {
    #[cfg(feature = "hydrate")]
    browser::follow(holds);
    #[cfg(not(feature = "hydrate"))]
    drop(holds);
}

#[cfg(feature = "hydrate")]
pub(crate) use browser::provide;

#[cfg(feature = "hydrate")]
mod browser {
    use std::{cell::Cell, rc::Rc};

    use js_sys::{Function, Reflect};
    use leptos::prelude::{Effect, on_cleanup, provide_context, use_context};
    use send_wrapper::SendWrapper;
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::console;

    /// Tells the host, and how many parts of the fragment hold something.
    struct Teller {
        say: Function,
        holding: Cell<usize>,
    }

    #[derive(Clone)]
    struct Held(SendWrapper<Rc<Teller>>);

    /// Lets what is below the current owner say so by `context`, where the host gives it a way.
    pub(crate) fn provide(context: &JsValue) {
        let say = Reflect::get(context, &"unsaved".into()).ok();
        if let Some(say) = say.and_then(|say| say.dyn_into().ok()) {
            let holding = Cell::new(0);
            provide_context(Held(SendWrapper::new(Rc::new(Teller { say, holding }))));
        }
    }

    pub(super) fn follow(holds: impl Fn() -> bool + 'static) {
        let Some(Held(teller)) = use_context() else { return };
        let is = SendWrapper::new((teller, Rc::new(Cell::new(false))));
        let ended = is.clone();
        Effect::new(move |_| {
            let (teller, held) = &*is;
            teller.change(held, holds());
        });
        on_cleanup(move || {
            let (teller, held) = &*ended;
            teller.change(held, false);
        });
    }

    impl Teller {
        /// Takes note of what one part says; tells the host when that makes a difference.
        fn change(&self, held: &Cell<bool>, holds: bool) {
            if held.replace(holds) == holds {
                return;
            }
            let before = self.holding.get();
            let now = if holds { before + 1 } else { before.saturating_sub(1) };
            self.holding.set(now);
            if (before == 0) == (now == 0) {
                return;
            }
            if let Err(error) = self.say.call1(&JsValue::NULL, &holds.into()) {
                console::error_1(&error);
            }
        }
    }
}
