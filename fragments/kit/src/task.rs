//! Work that goes on beside a view.

/// Runs `future` in the browser; does nothing on the server.
///
/// Called under a reactive owner (in a component, an effect, a subscription) the future ends with that owner;
/// called from an event handler it runs to its end, as a posted order should.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    #[cfg(feature = "hydrate")]
    match leptos::prelude::Owner::current() {
        Some(_) => leptos::task::spawn_local_scoped_with_cancellation(future),
        None => wasm_bindgen_futures::spawn_local(future),
    }
    #[cfg(not(feature = "hydrate"))]
    drop(future);
}
