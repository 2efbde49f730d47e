//! What the tasks are told that copy rows of touched files: those that stay, of files that are written anew, and those that
//! went, for the change data feed. They read as any scan does, of files whose deletion vectors hold what is left out.

use delta_kernel::snapshot::SnapshotRef;
use roaring::RoaringTreemap;
use serde_json::{Value, json};

use super::fate::Fate;
use super::touched::TouchedFile;
use crate::error::{Error, Result};
use crate::scan::deletion_vector::DeletionVector;
use crate::scan::files::DataFile;
use crate::scan::message::{FileList, ReadPlan, encode};
use crate::scan::plan::pack::{Packing, pack};
use crate::scan::plan::planner::{ScanRequest, resolve};
use crate::scan::session::Session;
use crate::version::build_id;

/// Messages for [`crate::scan::task::read::TaskReader`].
#[derive(Debug)]
pub struct Copies {
    /// How to read: all columns, in the table's order, and those that files have beside.
    pub plan: Vec<u8>,
    /// The slices of each task.
    pub partitions: Vec<Vec<u8>>,
}

/// Columns that are read beside those of the table.
#[derive(Debug, Clone, Copy)]
pub enum Beside {
    None,
    /// Ids and commit versions of rows.
    RowTracking,
    /// What happened to a row.
    ChangeType,
}

/// A version of a table whose files are read.
pub struct Source<'a> {
    /// Of all columns of the snapshot.
    pub scan: &'a ScanRequest,
    pub snapshot: &'a SnapshotRef,
    pub packing: &'a Packing,
}

impl Source<'_> {
    /// The rows that stay of files that are written anew.
    ///
    /// Errors: Internal; UnsupportedTable for a column that cannot be read.
    pub fn remainders(&self, touched: &[TouchedFile], beside: Beside) -> Result<Copies> {
        let rewritten = touched.iter().filter(|file| file.fate == Fate::Rewritten);
        let remainder = |touched: &TouchedFile| {
            Ok(DataFile {
                deletion_vector: Some(DeletionVector::inline(&touched.gone)?),
                ..touched.file.clone()
            })
        };
        self.copies(rewritten.map(remainder).collect::<Result<_>>()?, beside)
    }

    /// The rows that are deleted or updated, as they were.
    ///
    /// Errors: as [`Self::remainders`].
    pub fn changed(&self, touched: &[TouchedFile]) -> Result<Copies> {
        let mut files = Vec::new();
        for touched in touched {
            let rows = &touched.rows;
            files.extend(selection(&touched.file, &rows.deleted, "delete")?);
            files.extend(selection(&touched.file, &rows.updated, "update_preimage")?);
        }
        self.copies(files, Beside::ChangeType)
    }

    fn copies(&self, files: Vec<DataFile>, beside: Beside) -> Result<Copies> {
        let list = FileList {
            partitions: Vec::new(),
            files,
        };
        Ok(Copies {
            plan: encode(&self.read_plan(beside)?)?,
            partitions: pack(&encode(&list)?, self.packing)?.partitions,
        })
    }

    fn read_plan(&self, beside: Beside) -> Result<ReadPlan> {
        let scan = self.scan;
        let fields = ScanRequest {
            schema: with(&scan.schema, beside)?,
            ..scan.clone()
        };
        Ok(ReadPlan {
            build: build_id().to_owned(),
            table: scan.table.clone(),
            version: Some(self.snapshot.version()),
            plain: None,
            location: scan.location.clone(),
            storage: scan.storage.clone(),
            fields: resolve(&fields, self.snapshot)?,
            filter: None,
            // A file that is passed over would be a file of rows lost.
            session: Session {
                ignore_missing_files: false,
                ignore_corrupt_files: false,
                ..scan.session.clone()
            },
        })
    }
}

/// Some rows of a file; none if there are none.
fn selection(
    file: &DataFile,
    rows: &RoaringTreemap,
    change_type: &str,
) -> Result<Option<DataFile>> {
    if rows.is_empty() {
        return Ok(None);
    }
    Ok(Some(DataFile {
        selected: Some(DeletionVector::inline(rows)?),
        change_type: Some(change_type.to_owned()),
        ..file.clone()
    }))
}

fn with(schema: &Value, beside: Beside) -> Result<Value> {
    let columns: &[(&str, &str)] = match beside {
        Beside::None => &[],
        Beside::RowTracking => &[
            ("_sluice_row_id", "long"),
            ("_sluice_row_commit_version", "long"),
        ],
        Beside::ChangeType => &[("_change_type", "string")],
    };
    let mut schema = schema.clone();
    let fields = schema.get_mut("fields").and_then(Value::as_array_mut);
    let fields = fields.ok_or_else(|| Error::internal("Cannot read a schema without fields"))?;
    fields.extend(
        columns.iter().map(
            |(name, kind)| json!({"name": name, "type": kind, "nullable": true, "metadata": {}}),
        ),
    );
    Ok(schema)
}
