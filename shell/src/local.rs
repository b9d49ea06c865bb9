//! State of the whole tab: what `thread_local!` is where there is a standard library.

#![expect(
    unsafe_code,
    reason = "a static has to be `Sync`; nothing safe tells that there is one thread"
)]

use core::cell::RefCell;

#[cfg(target_feature = "atomics")]
compile_error!("`Local` counts on there being one thread");

/// A value in a static.
pub(crate) struct Local<T>(RefCell<T>);

// SAFETY: a module without atomics has one thread; elsewhere the value can't be reached.
unsafe impl<T> Sync for Local<T> {}

impl<T> Local<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }

    pub(crate) fn with_borrow<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(&self.cell().borrow())
    }

    pub(crate) fn with_borrow_mut<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        change(&mut self.cell().borrow_mut())
    }

    #[cfg(target_family = "wasm")]
    fn cell(&self) -> &RefCell<T> {
        &self.0
    }

    #[cfg(not(target_family = "wasm"))]
    fn cell(&self) -> &RefCell<T> {
        panic!("the shell runs in browsers only")
    }
}
