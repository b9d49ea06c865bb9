//! Looks host names up, a bounded number at once.

use std::{fmt, io, net::IpAddr, pin::Pin, sync::Arc};

use tokio::{net::lookup_host, sync::Semaphore};

/// Names being looked up at once; one more waits, within its time to connect.
const MAX_LOOKUPS: usize = 64;
/// Of a name with more addresses the rest is not tried.
const MAX_ADDRESSES: usize = 32;

/// What a look-up gives.
pub type Resolved = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Finds the addresses of a host.
pub trait Resolve: fmt::Debug + Send + Sync {
    /// All addresses of `host`, in any order.
    fn resolve(&self, host: &str) -> Resolved;
}

/// The system's resolver.
#[derive(Debug)]
pub(crate) struct SystemNames;

/// A resolver, used within limits.
#[derive(Debug)]
pub(crate) struct Names {
    resolver: Arc<dyn Resolve>,
    lookups: Arc<Semaphore>,
}

impl Resolve for SystemNames {
    fn resolve(&self, host: &str) -> Resolved {
        let host = host.to_owned();
        Box::pin(async move {
            let found = lookup_host((host.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

impl Names {
    pub(crate) fn new(resolver: Arc<dyn Resolve>) -> Self {
        let lookups = Arc::new(Semaphore::new(MAX_LOOKUPS));
        Self { resolver, lookups }
    }

    /// The addresses of `host` in random order, never none.
    pub(crate) async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let lookups = Arc::clone(&self.lookups);
        let permit = lookups.acquire_owned().await.map_err(io::Error::other)?;
        let lookup = self.resolver.resolve(host);
        // Nothing stops a look-up of the system's: it keeps its place until it ends, even if nobody waits any more.
        let lookup = tokio::spawn(async move {
            let _permit = permit;
            lookup.await
        });
        let mut found = lookup.await.map_err(io::Error::other)??;
        fastrand::shuffle(&mut found);
        found.truncate(MAX_ADDRESSES);
        if found.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
        }
        Ok(found)
    }
}
