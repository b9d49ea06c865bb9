//! A BFF that breaks on purpose: any fault of any reply, chosen by address, and changed while it runs.

pub mod arena;
pub mod stage;
pub mod menu;
mod server;
mod script;
mod answer;

pub use answer::{Answer, Framing};
pub use arena::Arena;
pub use menu::{Breaks, Fault};
pub use script::{Script, Step};
pub use server::{FaultServer, Plan};
pub use stage::{Role, Stage};
