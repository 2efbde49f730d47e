//! The process-wide Tokio runtime. Storage I/O and maintenance run on it; rows are encoded on the
//! thread that brings them, and no runtime thread ever calls into a JVM.

use std::future::Future;

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Error, Result};

/// Threads for file-system calls. The default of 512 would each get an allocator arena of its own.
const BLOCKING_THREADS: usize = 16;

static RUNTIME: OnceCell<Runtime> = OnceCell::new();

/// Handle of the shared runtime, started at the first call.
pub fn handle() -> Result<Handle> {
    let runtime = RUNTIME.get_or_try_init(|| {
        Builder::new_multi_thread()
            .worker_threads(worker_threads())
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_name("sluice-io")
            .enable_all()
            .build()
            .map_err(|e| Error::internal("Cannot start the I/O threads").caused_by(e))
    })?;
    Ok(runtime.handle().clone())
}

/// Runs `future` to its end on the calling thread, which must not belong to the runtime.
pub fn block_on<F: Future>(future: F) -> Result<F::Output> {
    Ok(handle()?.block_on(future))
}

/// I/O threads mostly wait; a few serve any number of tasks.
fn worker_threads() -> usize {
    std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 8))
}
