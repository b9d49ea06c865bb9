//! The composer's HTTP in and out, configuration and wiring.

mod serve;
mod http;
mod middleware;
mod respond;
mod compose;
mod app;
mod live;
mod security;
mod trace;
mod accept;
mod connection;
mod tls;
mod drain;
pub mod telemetry;
pub mod config;
mod request;

pub use config::Config;
pub use serve::{Fault, Running, StartError, StopSignal, start};
pub use tls::TlsError;
