//! Instances of BFFs: announced with a lease, or given as origins.

use serde::{Deserialize, Serialize};

use crate::AppVersion;

/// `POST /v1/instances`: an instance is there, or still there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// The version that it runs.
    pub version: AppVersion,
    /// Where the composer reaches it: `http://10.1.2.3:4103`.
    pub origin: String,
}

/// The reply to [`Announcement`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The instance; the same for the same version and origin.
    pub id: String,
    /// It counts as gone unless it is announced again within this time.
    pub lease_ms: u64,
    /// When to announce it again.
    pub renew_ms: u64,
}

/// `PUT /v1/apps/{app}/versions/{version}/origins`: where its BFF runs, beside the instances that announce themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOrigins {
    /// Host names are resolved anew for every connection.
    pub origins: Vec<String>,
}

/// Who said that an instance is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OriginSource {
    /// It announced itself.
    Lease,
    /// It was given with a release.
    Given,
}

/// Whether requests go to an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InstanceState {
    /// Not asked yet.
    Unknown,
    /// It answers.
    Healthy,
    /// It doesn't answer its health check.
    Unhealthy,
    /// It failed too often, and is left alone for a while.
    Ejected,
}

/// An instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceView {
    /// The lease's id; `None` for given origins.
    pub id: Option<String>,
    /// Where it is.
    pub origin: String,
    /// Who said so.
    pub source: OriginSource,
    /// Whether requests go to it.
    pub state: InstanceState,
    /// Requests under way.
    pub in_flight: u32,
    /// The last failure, in words.
    pub last_error: Option<String>,
}
