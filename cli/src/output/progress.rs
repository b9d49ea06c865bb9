//! Signs of work that takes its time, on a terminal's stderr.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Output;

const TICK: Duration = Duration::from_millis(120);

/// A sign that goes away with this value.
#[derive(Debug)]
pub(crate) struct Working(ProgressBar);

impl Output {
    /// Shows that `what` is being done.
    pub(crate) fn working(self, what: &str) -> Working {
        if !self.shows_progress() {
            return Working(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_message(what.to_owned());
        bar.enable_steady_tick(TICK);
        Working(bar)
    }

    /// A bar for so many bytes; hidden where nobody sees it.
    pub(crate) fn bytes_bar(self, bytes: u64) -> ProgressBar {
        if !self.shows_progress() {
            return ProgressBar::hidden();
        }
        let style =
            ProgressStyle::with_template("uploading {bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left");
        let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
        bar.with_style(style.expect("the template is a constant"))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
