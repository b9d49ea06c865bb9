//! Gets fragments from their BFFs under their policies: what is asked, how long it may take, what of the answer counts.

pub mod page;
mod policy;
mod events;
pub mod request;
pub mod upstream;
mod connection;
mod span;
mod meter;
pub mod cookies;
mod telemetry;
pub mod outcome;
pub mod error;
pub mod config;

pub use config::Config;
pub use error::FetchError;
pub use outcome::{Event, ResponseHead};
pub use page::PageFetches;
pub use request::{Forwarded, FragmentRequest, Visit};
pub use upstream::{Upstream, UpstreamError, Upstreams};
