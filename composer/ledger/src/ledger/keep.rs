//! Keeps a ledger up to date in the background: entries of other processes, and repairs.

use std::{sync::Weak, time::Duration};

use tokio::{sync::watch, time};

use super::Inner;

/// How often something is tried again that failed.
const RETRY: Duration = Duration::from_secs(1);

/// Ends with the ledger.
pub(super) async fn keep(ledger: Weak<Inner>, mut store: watch::Receiver<u64>) {
    store.mark_unchanged();
    loop {
        let watched = tokio::select! {
            changed = store.changed() => changed.is_ok(),
            () = time::sleep(RETRY) => true,
        };
        let Some(ledger) = ledger.upgrade() else { return };
        if !watched {
            store = ledger.watch_store();
            time::sleep(RETRY).await;
        }
        ledger.keep().await;
    }
}
