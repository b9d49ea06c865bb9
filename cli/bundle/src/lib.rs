//! From a crate of views to what browsers load. `marquetry build` and `cargo xtask build` share it.

mod module;
mod target;
mod files;
mod step;

pub use files::{copy, modified};
pub use module::{BindError, WASM_BINDGEN, bind};
pub use step::{Shows, StepError, run};
pub use target::{WASM_TARGET, has_wasm_target};
