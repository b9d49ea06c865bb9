//! Why the stitcher takes no more bytes for a slot.

use composer_html::ScanError;
use contract::FragmentId;

use crate::slot::SlotId;

/// Why [`Stitcher::fill`](crate::Stitcher::fill) refuses bytes: that slot has failed, the page goes on.
#[derive(Debug, thiserror::Error)]
pub enum StitchError {
    /// The HTML breaks a limit of the scanner.
    #[error("fragment `{fragment}` sent HTML beyond a limit")]
    Scan {
        /// Whose bytes they are.
        fragment: FragmentId,
        /// The limit.
        source: ScanError,
    },
    /// Too much waits for its turn.
    #[error("the page may hold {limit_bytes} bytes that wait for their turn, fragment `{fragment}` sent more")]
    Held {
        /// Whose bytes were too much.
        fragment: FragmentId,
        /// The page's limit.
        limit_bytes: usize,
    },
    /// The slot is closed, or what would have shown it was thrown away: its fetch may be stopped.
    #[error("nothing waits for {slot} any more")]
    Unwanted {
        /// The slot.
        slot: SlotId,
    },
}
