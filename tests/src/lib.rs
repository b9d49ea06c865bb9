//! Whole-system tests: real composer, real BFFs, real browsers; and the harness they share.
//!
//! Everything listens on loopback at a port the system chose, and ends its own processes.

pub mod visit;
pub mod shop;
pub mod load;
pub mod stamped;
pub mod fault;
pub mod site;
pub mod succession;
pub mod surge;
pub mod registry;
pub mod composer;
pub mod browser;
pub mod bff;
pub mod tamper;
pub mod client;
pub mod html;
pub mod process;
pub mod wait;
pub mod environment;
