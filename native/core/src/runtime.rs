//! The process-wide Tokio runtimes: one for the storage I/O of writes and reads, one for upkeep, whose threads
//! yield to everything else. Rows are encoded on the thread that brings them, and no runtime thread ever calls
//! into a JVM.

use std::future::Future;

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Error, Result};

/// Threads for file-system calls, and for workers in place of those that the kernel blocks (a checkpoint being written
/// blocks some while others must read for it). The default of 512 would each get an allocator arena of its own.
const BLOCKING_THREADS: usize = 16;

/// Threads of the upkeep runtime: one may read while the other decodes.
const UPKEEP_THREADS: usize = 2;

/// Of upkeep, between 0 and 19.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

static RUNTIME: OnceCell<Runtime> = OnceCell::new();
static UPKEEP: OnceCell<Runtime> = OnceCell::new();

/// Handle of the runtime of writes and reads, started at the first call.
pub fn handle() -> Result<Handle> {
    let runtime = RUNTIME.get_or_try_init(|| {
        start(
            Builder::new_multi_thread()
                .worker_threads(worker_threads())
                .max_blocking_threads(BLOCKING_THREADS)
                .thread_name("sluice-io"),
        )
    })?;
    Ok(runtime.handle().clone())
}

/// Handle of the runtime of upkeep, started at the first call.
pub fn upkeep_handle() -> Result<Handle> {
    let runtime = UPKEEP.get_or_try_init(|| {
        start(
            Builder::new_multi_thread()
                .worker_threads(UPKEEP_THREADS)
                .max_blocking_threads(BLOCKING_THREADS)
                .thread_name("sluice-upkeep-io")
                .on_thread_start(yield_to_others),
        )
    })?;
    Ok(runtime.handle().clone())
}

fn start(builder: &mut Builder) -> Result<Runtime> {
    builder
        .enable_all()
        .build()
        .map_err(|e| Error::internal("Cannot start the I/O threads").caused_by(e))
}

/// From here on the calling thread, and those it starts, run where cores are idle and get about a tenth of a busy
/// one. On Linux, where niceness is a thread's own; elsewhere nothing happens. It cannot be taken back.
pub fn yield_to_others() {
    #[cfg(target_os = "linux")]
    if let Err(e) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(error = %e, "upkeep runs at the priority of writes");
    }
}

/// Runs `future` to its end on the calling thread, which must not belong to the runtime.
pub fn block_on<F: Future>(future: F) -> Result<F::Output> {
    Ok(handle()?.block_on(future))
}

/// I/O threads mostly wait; a few serve any number of tasks.
fn worker_threads() -> usize {
    std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 8))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    fn niceness_on(runtime: &Handle) -> i32 {
        let asked = runtime.spawn(async { getpriority_process(None) });
        runtime.block_on(asked).unwrap().unwrap()
    }

    #[test]
    fn only_upkeep_yields() {
        let own = getpriority_process(None).unwrap();
        assert_eq!(niceness_on(&upkeep_handle().unwrap()), NICENESS.max(own));
        assert_eq!(niceness_on(&handle().unwrap()), own);
    }
}
