//! Where log lines go: to stderr, for people on a terminal, as JSON for everything else.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt};

use crate::config::LogFilter;

/// How a log line is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people when stderr is a terminal, else as JSON.
    #[default]
    Auto,
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Begins logging; the first call in a process counts.
pub fn start(filter: &LogFilter, format: LogFormat) {
    let filter = EnvFilter::new(filter.as_str());
    let json = match format {
        LogFormat::Auto => !std::io::stderr().is_terminal(),
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let started = if json {
        let lines = fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
        registry().with(filter).with(lines).try_init()
    } else {
        registry()
            .with(filter)
            .with(fmt::layer().with_writer(std::io::stderr))
            .try_init()
    };
    if let Err(error) = started {
        tracing::debug!(%error, "logging has begun before");
    }
}
