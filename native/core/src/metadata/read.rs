//! A task's part of reading a metadata table: a thread replays the log and makes batches, a few ahead of those that
//! Spark has taken.

use std::cell::Cell;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::plan::{Kind, MetadataPlan};
use super::source::{Emit, Source};
use super::{commits, files, partitions, properties, txns};
use crate::error::{Error, ErrorKind, Result};
use crate::scan::message::check_build;
use crate::scan::plan::planner::snapshot;
use crate::scan::task::batch::{Batch, BatchReader};
use crate::storage::Storage;
use crate::table::{self, damage};

/// Batches made before they are asked for.
const AHEAD: usize = 4;

/// Hands out the rows of a metadata table.
pub struct MetadataReader {
    table: String,
    batches: Receiver<Result<Batch>>,
    /// Gone once it has been waited for.
    replay: Option<JoinHandle<()>>,
    batch: Batch,
}

impl MetadataReader {
    /// Begins to replay the log. `plan` comes from the driver.
    ///
    /// Errors: Internal if it is of another build, or if there is no thread to be had.
    pub fn open(plan: &[u8]) -> Result<Self> {
        let plan: MetadataPlan = serde_json::from_slice(plan)
            .map_err(|e| Error::internal("Cannot read the plan of a scan").caused_by(e))?;
        check_build(&plan.request.table, &plan.build)?;
        let table = plan.request.table.clone();
        let (sender, batches) = sync_channel(AHEAD);
        let replay = thread::Builder::new()
            .name("sluice-log-replay".to_owned())
            .spawn(move || replay(&plan, &sender))
            .map_err(|e| {
                Error::internal(format!("Cannot read the log of table {table}: no thread"))
                    .caused_by(e)
            })?;
        Ok(Self {
            table,
            batches,
            replay: Some(replay),
            batch: Batch::default(),
        })
    }
}

impl BatchReader for MetadataReader {
    /// Errors: those of replaying the log.
    fn next_batch(&mut self) -> Result<bool> {
        self.batch = Batch::default();
        if let Ok(batch) = self.batches.recv() {
            self.batch = batch?;
            return Ok(true);
        }
        match self.replay.take().map(JoinHandle::join) {
            Some(Err(_)) => Err(Error::internal(format!(
                "Cannot read the log of table {}: the thread that reads it has panicked",
                self.table
            ))),
            _ => Ok(false),
        }
    }

    fn batch(&self) -> &Batch {
        &self.batch
    }

    fn held(&self) -> u64 {
        0
    }

    /// Of data files, of which none is opened.
    fn bytes(&self) -> u64 {
        0
    }
}

/// Sends all batches, or the error that there is instead of further ones. A reader that is gone ends it.
fn replay(plan: &MetadataPlan, batches: &SyncSender<Result<Batch>>) {
    if let Err(e) = send(plan, &mut |batch| batches.send(Ok(batch)).is_ok()) {
        // Nobody is left to be told of it if this fails.
        let _ = batches.send(Err(e));
    }
}

fn send(plan: &MetadataPlan, emit: &mut Emit) -> Result<()> {
    let request = &plan.request;
    let storage = Storage::open(&request.location, &request.storage)?;
    let rows = Cell::new(0);
    let mut limited = |batch: Batch| {
        rows.set(rows.get() + batch.rows() as u64);
        emit(batch) && request.limit.is_none_or(|limit| rows.get() < limit)
    };
    let mut is_fresh = false;
    loop {
        match rows_of(plan, &storage, &mut limited) {
            // The snapshot that was kept may name commits that were cleaned up behind a checkpoint since, or a checkpoint turn
            // out to be broken as it is read.
            Err(e)
                if e.kind == ErrorKind::CorruptTable
                    && rows.get() == 0
                    && (!is_fresh
                        || damage::pass_over(&request.table, &storage, Some(plan.version))?) =>
            {
                is_fresh = true;
                table::forget(&storage);
            }
            done => return done,
        }
    }
}

fn rows_of(plan: &MetadataPlan, storage: &Storage, emit: &mut Emit) -> Result<()> {
    let request = &plan.request;
    let snapshot = snapshot(&request.table, storage, Some(plan.version))?;
    let source = Source {
        request,
        storage,
        snapshot: &snapshot,
    };
    match request.kind {
        Kind::Files => files::rows(&source, emit),
        Kind::Partitions => partitions::rows(&source, emit),
        Kind::Txns => txns::rows(&source, emit),
        Kind::Properties => properties::rows(&source, emit),
        Kind::History => commits::history(&source, emit),
        Kind::Snapshots => commits::snapshots(&source, emit),
    }
}
