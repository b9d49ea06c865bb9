//! Where log lines go: to stderr, for people on a terminal, as JSON for everything else.

use std::{
    io::IsTerminal,
    sync::{Arc, LazyLock},
};

use arc_swap::ArcSwap;
use tracing::{
    Metadata, Subscriber, callsite::rebuild_interest_cache, level_filters::LevelFilter, subscriber::Interest,
};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    fmt,
    layer::{Context, SubscriberExt},
    registry,
    util::SubscriberInitExt,
};

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

static FILTER: LazyLock<ArcSwap<Targets>> = LazyLock::new(ArcSwap::default);

/// Says what is logged from now on.
pub fn set_filter(filter: &LogFilter) {
    FILTER.store(Arc::new(filter.targets()));
    rebuild_interest_cache();
}

/// The filter of the moment. Asked once for each place that logs, not once a line.
struct Changeable;

impl<S: Subscriber> Layer<S> for Changeable {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        Layer::<S>::register_callsite(&**FILTER.load(), metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>, context: Context<'_, S>) -> bool {
        Layer::<S>::enabled(&**FILTER.load(), metadata, context)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Layer::<S>::max_level_hint(&**FILTER.load())
    }
}

/// Begins logging; the first call in a process counts.
pub fn start(filter: &LogFilter, format: LogFormat) -> Logging {
    let (stderr, guard) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(WAITING_LINES)
        .thread_name("log")
        .finish(std::io::stderr());
    set_filter(filter);
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
        registry().with(Changeable).with(lines).try_init()
    } else {
        registry()
            .with(Changeable)
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
