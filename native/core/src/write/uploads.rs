//! Closed data files on their way to storage. A task that writes many files does not wait for each:
//! on an object store a request takes longer than encoding a small file.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use object_store::path::Path;
use tokio::task::JoinHandle;

use super::sink::LastUpload;
use crate::error::{Error, Result};
use crate::runtime;

/// Files of a task that may be under way at once; as many as file-system calls run at once.
const IN_FLIGHT: usize = 16;

/// Uploads of one task, in the order they began.
#[derive(Debug, Default)]
pub struct Uploads {
    pending: VecDeque<Pending>,
    bytes: usize,
    waited: Duration,
}

#[derive(Debug)]
struct Pending {
    path: Path,
    bytes: usize,
    task: JoinHandle<object_store::Result<()>>,
}

impl Uploads {
    /// Begins to send `last`, once there is room among the files under way. It begins in any case: parts that were sent
    /// before are with the store until it ends.
    ///
    /// Errors: Storage if an earlier file could not be written.
    pub fn start(&mut self, last: LastUpload) -> Result<()> {
        let room = self.make_room();
        self.bytes += last.bytes;
        self.pending.push_back(Pending {
            path: last.path,
            bytes: last.bytes,
            task: runtime::handle()?.spawn(last.work),
        });
        room
    }

    fn make_room(&mut self) -> Result<()> {
        while self.pending.len() >= IN_FLIGHT {
            self.finish_oldest()?;
        }
        Ok(())
    }

    /// Waits until all files are there.
    ///
    /// Errors: Storage if one could not be written; others may still be under way then.
    pub fn finish(&mut self) -> Result<()> {
        while !self.pending.is_empty() {
            self.finish_oldest()?;
        }
        Ok(())
    }

    /// Waits until nothing is under way any more, so that what was written can be deleted.
    pub fn settle(&mut self) {
        while !self.pending.is_empty() {
            if let Err(e) = self.finish_oldest() {
                tracing::debug!(error = %e, "an upload that is not needed any more failed");
            }
        }
    }

    /// Memory held, in bytes; an upload counts until it was waited for.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Time the task's thread spent waiting.
    pub fn waited(&self) -> Duration {
        self.waited
    }

    fn finish_oldest(&mut self) -> Result<()> {
        let Some(oldest) = self.pending.pop_front() else {
            return Ok(());
        };
        self.bytes -= oldest.bytes;
        let started = Instant::now();
        let outcome = runtime::block_on(oldest.task);
        self.waited += started.elapsed();
        let action = format!("write data file {}", oldest.path);
        match outcome? {
            Ok(written) => written.map_err(|e| Error::from_storage(&action, e)),
            Err(e) => Err(Error::internal(format!("Cannot {action}: {e}")).caused_by(e)),
        }
    }
}
