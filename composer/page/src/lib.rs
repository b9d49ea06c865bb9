//! Route, layout, plan and stitch: from a path and bytes that arrive to the bytes of a page. No IO, no clock, no tasks.

pub mod stitch;
mod arrival;
mod content;
pub mod kept;
pub mod outline;
pub mod plan;
pub mod site;
mod learned;
mod head;
mod inspected;
mod hints;
pub mod layout;
mod route;
mod tab;
mod part;
pub mod error;
pub mod slot;
mod offer;
mod closure;
pub mod published;
mod escape;
pub mod context;

pub use context::{Offered, Order, PageContext};
pub use error::StitchError;
pub use head::{HeadText, Hole};
pub use kept::Kept;
pub use outline::{Outline, OutlinePart};
pub use plan::Plan;
pub use published::{Asset, Inspector, Platform, PublishedApp};
pub use route::Route;
pub use site::Site;
pub use slot::{Fetch, Outcome, SlotId};
pub use stitch::{Counts, Step, Stitcher};
pub use tab::Tab;
