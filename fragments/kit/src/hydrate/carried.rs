//! What one fragment's server rendering carried over for hydration, in place of Leptos' page-wide globals.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
};

use hydration_context::{PinnedFuture, PinnedStream, SerializedDataId, SharedContext};
use throw_error::{Error, ErrorId};

/// Resources and errors of one fragment.
pub(super) struct Carried {
    next_id: AtomicUsize,
    during_hydration: AtomicBool,
    is_hydrating: AtomicBool,
    resources: Vec<Option<String>>,
    errors: Vec<(SerializedDataId, ErrorId, Error)>,
}

impl Carried {
    pub(super) fn new(resources: Vec<Option<String>>, errors: Vec<(usize, usize, String)>) -> Arc<Self> {
        let errors = errors.into_iter().map(|(boundary, id, text)| {
            let id = ErrorId::from(id);
            (SerializedDataId::new(boundary), id, Error::from(Shown(text)))
        });
        Self::with(true, resources, errors.collect())
    }

    /// For a fragment that is drawn from nothing.
    pub(super) fn nothing() -> Arc<Self> {
        Self::with(false, vec![], vec![])
    }

    fn with(
        hydrating: bool,
        resources: Vec<Option<String>>,
        errors: Vec<(SerializedDataId, ErrorId, Error)>,
    ) -> Arc<Self> {
        Arc::new(Self {
            next_id: AtomicUsize::new(0),
            during_hydration: AtomicBool::new(hydrating),
            is_hydrating: AtomicBool::new(hydrating),
            resources,
            errors,
        })
    }
}

impl SharedContext for Carried {
    fn is_browser(&self) -> bool {
        true
    }

    fn next_id(&self) -> SerializedDataId {
        SerializedDataId::new(self.next_id.fetch_add(1, Relaxed))
    }

    fn write_async(&self, _: SerializedDataId, _: PinnedFuture<String>) {}

    fn read_data(&self, id: &SerializedDataId) -> Option<String> {
        let known = self.during_hydration.load(Relaxed);
        known
            .then(|| self.resources.get(id.clone().into_inner()).cloned().flatten())
            .flatten()
    }

    fn await_data(&self, _: &SerializedDataId) -> Option<String> {
        None
    }

    fn pending_data(&self) -> Option<PinnedStream<String>> {
        None
    }

    fn during_hydration(&self) -> bool {
        self.during_hydration.load(Relaxed)
    }

    fn hydration_complete(&self) {
        self.during_hydration.store(false, Relaxed);
    }

    fn get_is_hydrating(&self) -> bool {
        self.is_hydrating.load(Relaxed)
    }

    fn set_is_hydrating(&self, is_hydrating: bool) {
        self.is_hydrating.store(is_hydrating, Relaxed);
    }

    fn take_errors(&self) -> Vec<(SerializedDataId, ErrorId, Error)> {
        self.errors.clone()
    }

    fn errors(&self, boundary: &SerializedDataId) -> Vec<(ErrorId, Error)> {
        if !self.during_hydration.load(Relaxed) {
            return vec![];
        }
        let own = self.errors.iter().filter(|(of, ..)| of == boundary);
        own.map(|(_, id, error)| (id.clone(), error.clone())).collect()
    }

    fn seal_errors(&self, _: &SerializedDataId) {}

    fn register_error(&self, _: SerializedDataId, _: ErrorId, _: Error) {}

    fn defer_stream(&self, _: PinnedFuture<()>) {}

    fn await_deferred(&self) -> Option<PinnedFuture<()>> {
        None
    }

    fn set_incomplete_chunk(&self, _: SerializedDataId) {}

    fn get_incomplete_chunk(&self, _: &SerializedDataId) -> bool {
        false
    }
}

impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Carried")
    }
}

/// An error that the server has already shown.
#[derive(Debug)]
struct Shown(String);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Shown {}
