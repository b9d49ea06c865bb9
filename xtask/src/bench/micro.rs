//! The `benches/` of the composer's crates, case by case.

use anyhow::Result;

/// Runs every case.
///
/// # Errors
/// A bench that doesn't build or fails.
pub(super) fn run() -> Result<()> {
    Ok(())
}
