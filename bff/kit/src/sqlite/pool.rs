//! Connections, each lent to one piece of work at a time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rusqlite::Connection;
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use super::DatabaseError;

const MAX_WAIT: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Pool {
    /// As many permits as connections: who holds one finds one idle.
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    pub(super) fn new(connections: Vec<Connection>) -> Arc<Self> {
        Arc::new(Self {
            permits: Arc::new(Semaphore::new(connections.len())),
            idle: Mutex::new(connections),
        })
    }

    /// Does `work` on a thread for blocking work. It goes on to its end even if the caller is cancelled.
    pub(super) async fn run<T, F>(self: &Arc<Self>, work: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let busy = DatabaseError::Busy { waited: MAX_WAIT };
        let waited = timeout(MAX_WAIT, self.permits.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = waited else { return Err(busy) };
        let pool = self.clone();
        let done = spawn_blocking(move || {
            // Declared before the lease, so given back after it.
            let _permit = permit;
            let mut lease = Lease::take(&pool)?;
            lease.connection.as_mut().map(work)
        });
        match done.await {
            Ok(Some(result)) => Ok(result?),
            Ok(None) => Err(busy),
            Err(_) => Err(DatabaseError::Panicked),
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that goes back to its pool, also when the work panics.
struct Lease<'p> {
    pool: &'p Pool,
    connection: Option<Connection>,
}

impl<'p> Lease<'p> {
    fn take(pool: &'p Pool) -> Option<Self> {
        let connection = Some(pool.idle().pop()?);
        Some(Self { pool, connection })
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.pool.idle().extend(self.connection.take());
    }
}
