//! A write between its opening and its commit.

use delta_kernel::transaction::{CreateTable, Transaction};

use super::conflict::reads::Reads;
use super::overwrite::{Operation, Overwrite};
use super::request::WriteRequest;
use super::row_change::RowChange;
use crate::define::replace::Replaced;
use crate::log::committer::OutcomeCell;
use crate::storage::Storage;
use crate::table::ReadVersion;
use crate::table::view::Change;

/// The state of the table a write starts from.
pub enum Base {
    Existing(ReadVersion),
    /// The kernel transaction that makes the table, until it is committed. There is only one: it has
    /// drawn the physical column names that the files are written with.
    New {
        transaction: Option<Box<Transaction<CreateTable>>>,
        /// The table whose place it takes.
        replaced: Option<Replaced>,
    },
}

/// What a commit is made of, beside the files that tasks have written.
pub struct Write {
    pub request: WriteRequest,
    pub storage: Storage,
    pub base: Base,
    pub overwrite: Option<Overwrite>,
    pub change: Option<RowChange>,
    pub reads: Option<Reads>,
    /// Partition columns and kernel write state the files are made for.
    pub partition_columns: Vec<String>,
    pub write_state: Vec<u8>,
    pub outcome: OutcomeCell,
}

impl Write {
    /// What it does to the files of the table.
    pub fn file_change(&self) -> Change {
        file_change(self.overwrite.is_some() || self.change.is_some())
    }

    /// What the table's history calls it.
    pub fn operation(&self) -> Operation {
        let overwrite = self.overwrite.as_ref().map(|it| it.request.operation);
        let change = self.change.as_ref().map(|it| it.request.operation);
        change.or(overwrite).unwrap_or(Operation::Write)
    }
}

/// What a write does to the files of a table, by whether it takes rows away.
pub fn file_change(overwrites: bool) -> Change {
    match overwrites {
        true => Change::Overwrite,
        false => Change::Append,
    }
}
