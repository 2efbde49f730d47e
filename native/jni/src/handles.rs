//! Handles: numbers that Java holds for native objects. A number that was closed, or never given
//! out, is an error, not a crash.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use once_cell::sync::Lazy;
use sluice_core::commit::WriteTransaction;
use sluice_core::error::{Error, Result};
use sluice_core::rows::positions::Positions;
use sluice_core::scan::task::batch::BatchReader;
use sluice_core::write::task::TaskWriter;

/// Open objects of one type.
pub struct Registry<T> {
    what: &'static str,
    open: Lazy<Mutex<Open<T>>>,
}

struct Open<T> {
    last: i64,
    objects: HashMap<i64, Arc<Mutex<T>>>,
}

/// Write transactions on the driver.
pub static TRANSACTIONS: Registry<WriteTransaction> = Registry::new("transaction");
/// Task writers on executors.
pub static TASKS: Registry<TaskWriter> = Registry::new("task writer");
/// Rows that tasks on executors touch.
pub static POSITIONS: Registry<Positions> = Registry::new("touched rows");
/// Task readers on executors.
pub static READERS: Registry<Box<dyn BatchReader>> = Registry::new("task reader");

impl<T> Registry<T> {
    const fn new(what: &'static str) -> Self {
        Self {
            what,
            open: Lazy::new(|| {
                Mutex::new(Open {
                    last: 0,
                    objects: HashMap::new(),
                })
            }),
        }
    }

    /// Takes `object` in and returns its handle, which is not zero.
    pub fn open(&self, object: T) -> i64 {
        let mut open = self.lock();
        open.last += 1;
        let handle = open.last;
        open.objects.insert(handle, Arc::new(Mutex::new(object)));
        handle
    }

    /// Calls `body` with the object of `handle`; calls on one handle wait for each other.
    ///
    /// Errors: Internal for a handle that is not open, and whatever `body` fails with.
    pub fn with<R>(&self, handle: i64, body: impl FnOnce(&mut T) -> Result<R>) -> Result<R> {
        let object = self.lock().objects.get(&handle).cloned();
        let object = object.ok_or_else(|| {
            Error::internal(format!("Cannot use {} {handle}: it is not open", self.what))
                .class("SLUICE_HANDLE_CLOSED")
        })?;
        let mut object = object.lock().unwrap_or_else(PoisonError::into_inner);
        body(&mut object)
    }

    /// Frees the object of `handle`, if it is open.
    pub fn close(&self, handle: i64) {
        let closed = self.lock().objects.remove(&handle);
        drop(closed);
    }

    fn lock(&self) -> MutexGuard<'_, Open<T>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
