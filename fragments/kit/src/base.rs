//! Where the browser reaches this version's BFF.

use leptos::prelude::use_context;

#[derive(Clone)]
struct Base(String);

/// The address of this version's BFF, `/_m/app/checkout@1.4.2`; empty when there is no composer in front.
///
/// On the server it is known while the fragment is rendered, in the browser at any time: in event handlers and
/// spawned futures too.
pub fn base() -> String {
    match use_context::<Base>() {
        Some(Base(base)) => base,
        None => of_module(),
    }
}

/// The address of `path` at this version's BFF: `link("/cart/add")` is `/_m/app/checkout@1.4.2/cart/add`.
pub fn link(path: &str) -> String {
    format!("{}{path}", base())
}

/// Makes `base` known to the current owner and all below it.
#[cfg(any(feature = "server", feature = "hydrate"))]
pub(crate) fn provide(base: &str) {
    leptos::prelude::provide_context(Base(base.to_owned()));
}

#[cfg(feature = "hydrate")]
mod module {
    use std::cell::RefCell;

    // A module serves one app, so what its fragments were given last holds for handlers that run outside any owner.
    thread_local!(static BASE: RefCell<String> = const { RefCell::new(String::new()) });

    pub(super) fn get() -> String {
        BASE.with_borrow(Clone::clone)
    }

    pub(crate) fn set(base: &str) {
        BASE.with_borrow_mut(|known| base.clone_into(known));
    }
}

#[cfg(feature = "hydrate")]
pub(crate) use module::set as set_of_module;

#[cfg(feature = "hydrate")]
fn of_module() -> String {
    module::get()
}

#[cfg(not(feature = "hydrate"))]
fn of_module() -> String {
    String::new()
}
