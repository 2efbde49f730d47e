//! The committer: turns the kernel's actions into a commit file by put-if-absent, and finds out what
//! became of it when the storage does not say.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use delta_kernel::committer::{CommitMetadata, CommitResponse, Committer, PublishMetadata};
use delta_kernel::engine::to_json_bytes;
use delta_kernel::{
    Engine, FileMeta, FilteredEngineData, KernelError, KernelResult, KernelResultIterator,
};
use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutMode, PutOptions};
use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::faults::{self, Fault};
use crate::storage::Storage;
use crate::table::commit_path;

/// Times an unanswered PUT is repeated before the outcome is given up as unknown.
const ATTEMPTS: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// A change to the actions of a commit before they are written, line by line of the commit file.
pub type Edit = Box<dyn Fn(Vec<u8>) -> Result<Vec<u8>> + Send>;

/// What became of a commit, beyond what the kernel's result can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outcome {
    /// The commit file was never sent, or its absence is certain.
    #[default]
    NotAttempted,
    /// Sent, and no answer tells whether it landed.
    Unknown,
    /// Landed.
    Committed,
    /// The version belongs to somebody else.
    Lost,
}

/// Where a [`LogCommitter`] reports what became of the commit; outlives the kernel's transaction.
#[derive(Debug, Clone, Default)]
pub struct OutcomeCell(Arc<Mutex<Outcome>>);

impl OutcomeCell {
    /// The outcome so far.
    pub fn get(&self) -> Outcome {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, outcome: Outcome) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = outcome;
    }
}

/// Commits to the Delta log of a table that no catalog manages.
pub struct LogCommitter {
    storage: Storage,
    edit: Option<Edit>,
    /// Instead of the version that the kernel thinks it makes.
    version: Option<u64>,
    outcome: OutcomeCell,
}

impl LogCommitter {
    /// A committer for the table at `storage` that reports to `outcome`.
    pub fn new(storage: Storage, outcome: OutcomeCell) -> Self {
        Self {
            storage,
            edit: None,
            version: None,
            outcome,
        }
    }

    /// The same committer with a last change to the actions.
    pub fn editing(mut self, edit: Edit) -> Self {
        self.edit = Some(edit);
        self
    }

    /// The same committer, writing another version than the kernel thinks.
    pub fn at_version(mut self, version: Option<u64>) -> Self {
        self.version = version;
        self
    }

    /// Writes a commit whose actions are ours, as `version` of the table.
    ///
    /// Errors: CommitUnknown if no answer tells whether it landed, Storage if it was refused.
    pub fn write(&self, table: &str, version: u64, bytes: Bytes) -> Result<Written> {
        let path = commit_path(&self.storage, version)?;
        let unanswered = faults::take(Fault::NoAnswer);
        match self.put(&path, &bytes)? {
            Put::Landed if unanswered => Err(unknown(table, &"the storage did not answer")),
            Put::Landed => {
                self.outcome.set(Outcome::Committed);
                Ok(Written::Landed)
            }
            Put::Taken => {
                self.outcome.set(Outcome::Lost);
                Ok(Written::Taken)
            }
            Put::Refused(e) => {
                self.outcome.set(Outcome::NotAttempted);
                Err(Error::from_storage(&format!("commit to table {table}"), e))
            }
            Put::Unanswered(e) => Err(unknown(table, &e).caused_by(e)),
        }
    }

    /// Puts the commit file unless one is there. A lost answer is settled by asking again: if the
    /// file is there and carries our transaction id, the first PUT had landed. A refusal after one says nothing of it:
    /// what we may do has changed, not what was written.
    fn put(&self, path: &Path, bytes: &Bytes) -> Result<Put> {
        let mut pause = FIRST_PAUSE;
        let mut unanswered = false;
        for attempt in 1.. {
            self.outcome.set(Outcome::Unknown);
            let answer = match unanswered && faults::take(Fault::ForbidRetry) {
                true => Err(forbidden(path)),
                false => self.put_once(path, bytes)?,
            };
            match answer {
                Ok(_) => return Ok(Put::Landed),
                Err(
                    object_store::Error::AlreadyExists { .. }
                    | object_store::Error::Precondition { .. },
                ) => match self.is_ours(path, bytes) {
                    Ok(true) => return Ok(Put::Landed),
                    Ok(false) => return Ok(Put::Taken),
                    Err(e) if attempt >= ATTEMPTS => return Ok(Put::Unanswered(e)),
                    Err(_) => {}
                },
                Err(e) if self.is_absent(path) || is_refusal(&e) && !unanswered => {
                    return Ok(Put::Refused(e));
                }
                Err(e) if attempt >= ATTEMPTS || is_refusal(&e) => return Ok(Put::Unanswered(e)),
                Err(e) => tracing::warn!(%path, error = %e, "commit not answered, asking again"),
            }
            unanswered = true;
            std::thread::sleep(pause);
            pause *= 2;
        }
        Err(Error::internal(format!(
            "Cannot commit {path}: no attempt was made"
        )))
    }

    fn put_once(&self, path: &Path, bytes: &Bytes) -> Result<Result<(), object_store::Error>> {
        let lost = || object_store::Error::Generic {
            store: "test",
            source: "the answer was lost".into(),
        };
        faults::die_if(Fault::DieBeforeCommit);
        if faults::take(Fault::LoseRace) {
            self.land_winner(path)?;
        }
        let options = PutOptions::from(PutMode::Create);
        let put = self
            .storage
            .store
            .put_opts(path, bytes.clone().into(), options);
        let answer = self.storage.block_on(put)?.map(drop);
        faults::die_if(Fault::DieAfterCommit);
        Ok(if faults::take(Fault::LoseAnswer) {
            Err(lost())
        } else {
            answer
        })
    }

    /// The commit of a test's other writer.
    fn land_winner(&self, path: &Path) -> Result<()> {
        let winner = self.storage.path_of(&self.storage.join("_winner.json")?)?;
        self.storage
            .block_on(self.storage.store.copy(&winner, path))?
            .map_err(|e| Error::from_storage(&format!("let {winner} win the race"), e))
    }

    /// Whether nothing was written. A local file system has no writes under way: what is absent after an error stays
    /// absent.
    fn is_absent(&self, path: &Path) -> bool {
        self.storage.is_local()
            && matches!(
                self.storage.block_on(self.storage.store.head(path)),
                Ok(Err(object_store::Error::NotFound { .. }))
            )
    }

    fn is_ours(&self, path: &Path, ours: &[u8]) -> Result<bool, object_store::Error> {
        let read = async { self.storage.store.get(path).await?.bytes().await };
        let theirs = self
            .storage
            .block_on(read)
            .map_err(|e| object_store::Error::Generic {
                store: "sluice",
                source: Box::new(e),
            })??;
        Ok(transaction_id(&theirs).is_some_and(|id| Some(id) == transaction_id(ours)))
    }
}

/// What a test has a storage answer.
fn forbidden(path: &Path) -> object_store::Error {
    object_store::Error::PermissionDenied {
        path: path.to_string(),
        source: "the token has expired".into(),
    }
}

/// Whether a storage has answered that it does not write.
fn is_refusal(error: &object_store::Error) -> bool {
    matches!(
        error,
        object_store::Error::PermissionDenied { .. }
            | object_store::Error::Unauthenticated { .. }
            | object_store::Error::NotImplemented { .. }
            | object_store::Error::NotSupported { .. }
            | object_store::Error::UnknownConfigurationKey { .. }
            | object_store::Error::InvalidPath { .. }
    )
}

/// What became of a commit file written with [`LogCommitter::write`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    Landed,
    /// Another writer's commit has the version.
    Taken,
}

enum Put {
    Landed,
    Taken,
    Refused(object_store::Error),
    Unanswered(object_store::Error),
}

/// The error of a commit without an answer.
pub fn unknown(table: &str, cause: &dyn std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::CommitUnknown,
        format!(
            "Cannot tell whether the commit to table {table} landed: the storage did not answer \
             ({cause}); no file was deleted. Look at the table's history before writing again, or \
             use txnAppId and txnVersion to make the write repeatable"
        ),
    )
}

/// The kernel's `commitInfo.txnId`, unique to each transaction.
fn transaction_id(commit: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Line {
        #[serde(rename = "commitInfo")]
        commit_info: Option<CommitInfo>,
    }
    #[derive(Deserialize)]
    struct CommitInfo {
        #[serde(rename = "txnId")]
        txn_id: Option<String>,
    }
    commit
        .split(|byte| *byte == b'\n')
        .filter(|line| line.starts_with(b"{\"commitInfo\""))
        .find_map(|line| {
            serde_json::from_slice::<Line>(line)
                .ok()?
                .commit_info?
                .txn_id
        })
}

impl Committer for LogCommitter {
    fn commit(
        &self,
        _engine: &dyn Engine,
        actions: KernelResultIterator<'_, FilteredEngineData>,
        metadata: CommitMetadata,
    ) -> KernelResult<CommitResponse> {
        let wrap = |e: crate::error::Error| KernelError::generic(e.to_string());
        let mut bytes = to_json_bytes(actions)?;
        if let Some(edit) = &self.edit {
            bytes = edit(bytes).map_err(wrap)?;
        }
        let url = metadata.published_commit_path()?;
        let path = match self.version {
            Some(version) => commit_path(&self.storage, version),
            None => self.storage.path_of(&url),
        };
        let path = path.map_err(wrap)?;
        let bytes = Bytes::from(bytes);
        let unanswered = faults::take(Fault::NoAnswer);
        match self.put(&path, &bytes).map_err(wrap)? {
            Put::Landed if unanswered => Err(KernelError::generic("the storage did not answer")),
            Put::Landed => {
                self.outcome.set(Outcome::Committed);
                let timestamp = metadata.in_commit_timestamp();
                Ok(CommitResponse::Committed {
                    file_meta: FileMeta::new(url, timestamp, bytes.len() as u64),
                })
            }
            Put::Taken => {
                self.outcome.set(Outcome::Lost);
                Ok(CommitResponse::Conflict {
                    version: metadata.version(),
                })
            }
            Put::Refused(e) => {
                self.outcome.set(Outcome::NotAttempted);
                Err(KernelError::ObjectStore(e))
            }
            Put::Unanswered(e) => Err(KernelError::ObjectStore(e)),
        }
    }

    fn is_catalog_committer(&self) -> bool {
        false
    }

    fn publish(&self, _engine: &dyn Engine, _publish: PublishMetadata) -> KernelResult<()> {
        Err(KernelError::generic(
            "Cannot publish: the table is not managed by a catalog",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transaction_ids_are_read_from_the_commit_info_line() {
        let commit = b"{\"add\":{\"path\":\"x\"}}\n{\"commitInfo\":{\"txnId\":\"a-b\",\"n\":1}}\n";
        assert_eq!(transaction_id(commit).as_deref(), Some("a-b"));
        assert_eq!(transaction_id(b"{\"commitInfo\":{}}"), None);
        assert_eq!(transaction_id(b"garbage"), None);
    }
}
