//! Where log lines go: to stderr, for people on a terminal, as JSON for everything else.

use std::io::IsTerminal;

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
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

/// Lines that may wait for whoever reads stderr; more are dropped, so that a slow reader never slows a page.
const WAITING_LINES: usize = 16_384;

/// Keeps the log going; the lines that wait are written when it is dropped.
#[derive(Debug)]
#[must_use = "logging ends when it is dropped"]
pub struct Logging(#[expect(dead_code, reason = "held for its drop")] WorkerGuard);

/// Begins logging; the first call in a process counts.
pub fn start(filter: &LogFilter, format: LogFormat) -> Logging {
    let (stderr, guard) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(WAITING_LINES)
        .thread_name("log")
        .finish(std::io::stderr());
    let filter = EnvFilter::new(filter.as_str());
    let json = match format {
        LogFormat::Auto => !std::io::stderr().is_terminal(),
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let started = if json {
        let lines = fmt::layer()
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .with_writer(stderr);
        registry().with(filter).with(lines).try_init()
    } else {
        registry()
            .with(filter)
            .with(
                fmt::layer()
                    .with_writer(stderr)
                    .with_ansi(std::io::stderr().is_terminal()),
            )
            .try_init()
    };
    if let Err(error) = started {
        tracing::debug!(%error, "logging has begun before");
    }
    Logging(guard)
}
