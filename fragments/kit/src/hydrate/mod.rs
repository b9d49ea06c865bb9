//! Wakes fragments in the browser: what the app's ES module exports, made by [`export_fragments!`](crate::export_fragments).

mod live;
mod carried;
mod place;
mod panic;

pub use live::{Call, Handle};

/// Exports `hydrate`, `mount`, `update` and `unmount` from the app's ES module, for all its fragments.
///
/// The props of a fragment are those that its server rendering was given; the view is the same.
/// A fragment marked `live` takes them as a signal and is handed new ones when its slot's `src` changes; others begin anew then.
///
/// ```
/// use fragments_kit::export_fragments;
/// use leptos::prelude::*;
///
/// #[derive(Clone, serde::Serialize, serde::Deserialize)]
/// pub struct Greeting { name: String }
///
/// export_fragments! {
///     "greeting" => |props: Greeting| view! { <p>"Hello, " {props.name} "."</p> },
///     "clock" => |(): ()| view! { <p>"Now"</p> },
///     "farewell" live => |props: Signal<Greeting>| view! { <p>"Bye, " {move || props.get().name} "."</p> },
/// }
/// ```
#[macro_export]
macro_rules! export_fragments {
    ($($name:literal $($live:ident)? => $view:expr),+ $(,)?) => {
        #[doc(hidden)]
        mod marquetry_exports {
            use super::*;
            use $crate::{
                expansion::{HtmlElement, wasm_bindgen},
                hydrate::{Call, Handle},
            };

            #[wasm_bindgen::prelude::wasm_bindgen(wasm_bindgen = $crate::expansion::wasm_bindgen)]
            pub fn hydrate(
                element: HtmlElement,
                context: wasm_bindgen::JsValue,
            ) -> Result<Handle, wasm_bindgen::JsError> {
                start(Call::hydrate(element, &context)?)
            }

            #[wasm_bindgen::prelude::wasm_bindgen(wasm_bindgen = $crate::expansion::wasm_bindgen)]
            pub fn mount(
                element: HtmlElement,
                context: wasm_bindgen::JsValue,
            ) -> Result<Handle, wasm_bindgen::JsError> {
                start(Call::mount(element, &context)?)
            }

            #[wasm_bindgen::prelude::wasm_bindgen(wasm_bindgen = $crate::expansion::wasm_bindgen)]
            pub fn update(handle: &Handle, context: wasm_bindgen::JsValue) -> Result<bool, wasm_bindgen::JsError> {
                handle.update(&context)
            }

            #[wasm_bindgen::prelude::wasm_bindgen(wasm_bindgen = $crate::expansion::wasm_bindgen)]
            pub fn unmount(handle: Handle) {
                drop(handle);
            }

            fn start(call: Call) -> Result<Handle, wasm_bindgen::JsError> {
                match call.fragment() {
                    $($name => $crate::run_fragment!(call, $view $(, $live)?),)+
                    _ => Err(call.unknown(&[$($name),+])),
                }
            }
        }
    };
}

/// One arm of [`export_fragments!`]; not for other uses.
#[doc(hidden)]
#[macro_export]
macro_rules! run_fragment {
    ($call:ident, $view:expr) => {
        $call.run($view)
    };
    ($call:ident, $view:expr, live) => {
        $call.run_live($view)
    };
}
