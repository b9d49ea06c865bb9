//! The composer's HTTP in and out, configuration and wiring.

mod serve;
mod wiring;
mod http;
mod admin;
mod middleware;
mod respond;
mod choice;
mod reach;
mod compose;
mod app;
mod canary;
mod overrides;
mod instances;
mod live;
mod visitor;
mod lock;
mod keys;
mod clock;
mod security;
mod trace;
mod accept;
mod connection;
mod handler;
mod tls;
mod drain;
pub mod telemetry;
pub mod config;
mod request;

pub use config::Config;
pub use serve::{Fault, Running, StartError, StopSignal, start};
pub use tls::TlsError;
