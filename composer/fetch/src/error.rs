//! Why a fragment gave nothing, or not all.

use std::{io, sync::Arc, time::Duration};

use http::StatusCode;

use crate::{guard::Forbidden, wire::WireError};

/// Why a fetch failed. Knows no HTTP reply of the composer's own.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Path and params make no address.
    #[error("its path and params make no valid address")]
    Target,
    /// There is no instance of the version.
    #[error("it has no instance")]
    NoInstance,
    /// No instance may be where its server is.
    #[error("its server may not be connected to")]
    Forbidden(#[source] Forbidden),
    /// No connection to the BFF.
    #[error("its server could not be reached")]
    Connect(#[source] io::Error),
    /// Too many requests are under way to the origin.
    #[error("its server has {limit} requests under way, which is the limit")]
    Busy {
        /// The limit.
        limit: usize,
    },
    /// Too many fetches of the app are under way, and too many wait.
    #[error("its app has {limit} fetches under way, which is the limit, and more wait than may")]
    Full {
        /// The limit.
        limit: usize,
    },
    /// The version mostly fails, and is left alone.
    #[error("its server mostly fails, and is asked again in {retry_in:?}")]
    Open {
        /// When one fetch may try it.
        retry_in: Duration,
    },
    /// Head and body took too long.
    #[error("head and body took longer than {limit:?}")]
    Deadline {
        /// What it was given.
        limit: Duration,
    },
    /// There is no usable response head.
    #[error("its server sent no valid response head")]
    Head(#[source] WireError),
    /// A status that this fragment may not answer with.
    #[error("its server answered {0}")]
    Status(StatusCode),
    /// A response that is valid HTTP, and yet not to be used.
    #[error("its server's response {0}")]
    Refused(&'static str),
    /// More bytes than the manifest allows.
    #[error("the body is longer than {limit_bytes} bytes")]
    TooLong {
        /// The limit.
        limit_bytes: usize,
    },
    /// The connection broke within the body.
    #[error("the body broke off")]
    Cut(#[source] WireError),
    /// The page wants no more of it.
    #[error("the page wants no more of it")]
    Stopped,
    /// Failed for several pages at once, or a moment ago.
    #[error(transparent)]
    Shared(Arc<FetchError>),
}

impl FetchError {
    /// What failed, whoever it failed for.
    pub fn root(&self) -> &Self {
        match self {
            Self::Shared(error) => error.root(),
            own => own,
        }
    }

    /// The word for metrics and logs.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::NoInstance => "no_instance",
            Self::Forbidden(_) => "forbidden",
            Self::Connect(_) => "connect",
            Self::Busy { .. } => "busy",
            Self::Full { .. } => "bulkhead",
            Self::Open { .. } => "breaker",
            Self::Deadline { .. } => "deadline",
            Self::Head(_) => "head",
            Self::Status(_) => "status",
            Self::Refused(_) => "refused",
            Self::TooLong { .. } => "too_long",
            Self::Cut(_) => "cut",
            Self::Stopped => "stopped",
            Self::Shared(error) => error.label(),
        }
    }

    /// Tells whether the instance itself is broken, not only what it says.
    pub(crate) fn is_of_instance(&self) -> bool {
        match self {
            Self::Forbidden(_) | Self::Connect(_) | Self::Deadline { .. } | Self::Head(_) | Self::Cut(_) => true,
            Self::Shared(error) => error.is_of_instance(),
            Self::NoInstance
            | Self::Target
            | Self::Busy { .. }
            | Self::Full { .. }
            | Self::Open { .. }
            | Self::Status(_)
            | Self::Refused(_)
            | Self::TooLong { .. }
            | Self::Stopped => false,
        }
    }

    /// Tells whether an answer that was kept may stand in for what failed (RFC 5861 §4): what the BFF said on purpose, that
    /// there is no such thing, is no failure.
    pub(crate) fn is_outage(&self) -> bool {
        match self.root() {
            Self::Status(status) => !status.is_client_error(),
            Self::Target | Self::Stopped => false,
            _ => true,
        }
    }

    /// Tells whether the BFF was asked and failed, so that asking it again at once would be in vain.
    pub(crate) fn is_worth_a_pause(&self) -> bool {
        match self.root() {
            Self::Connect(_) | Self::Deadline { .. } | Self::Head(_) | Self::Refused(_) => true,
            Self::TooLong { .. } | Self::Cut(_) => true,
            Self::Status(status) => status.is_server_error(),
            _ => false,
        }
    }
}
