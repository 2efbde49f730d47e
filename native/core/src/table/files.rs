//! The data files of a version: how many there are, and their bytes.

use arrow::array::AsArray as _;
use arrow::compute::sum;
use arrow::datatypes::Int64Type;
use delta_kernel::KernelResult;
use delta_kernel::engine::arrow_data::EngineDataArrowExt as _;
use delta_kernel::snapshot::SnapshotRef;

use super::time_travel::with_fresh_log;
use crate::error::{Error, Result};
use crate::storage::Storage;

/// Of all data files of a version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileTotals {
    pub files: i64,
    pub bytes: i64,
}

impl FileTotals {
    /// What the checksum of the version says, or else what its log does.
    ///
    /// Errors: CorruptTable if the log cannot be read.
    pub fn of(name: &str, storage: &Storage, snapshot: &SnapshotRef) -> Result<Self> {
        match snapshot.get_file_stats_if_present() {
            Some(known) => Ok(Self {
                files: known.num_files(),
                bytes: known.table_size_bytes(),
            }),
            None => Self::counted(name, storage, snapshot),
        }
    }

    /// What the log says.
    ///
    /// Errors: CorruptTable if it cannot be read.
    pub fn counted(name: &str, storage: &Storage, snapshot: &SnapshotRef) -> Result<Self> {
        with_fresh_log(name, storage, snapshot, |snapshot| {
            count(storage, snapshot)
                .map_err(|e| Error::from_kernel(&format!("count the files of table {name}"), e))
        })
    }
}

fn count(storage: &Storage, snapshot: &SnapshotRef) -> KernelResult<FileTotals> {
    let scan = snapshot.clone().scan_builder().build()?;
    let mut totals = FileTotals::default();
    for metadata in scan.scan_metadata(storage.engine.as_ref())? {
        let rows = metadata?.scan_files.apply_selection_vector()?;
        let rows = rows.try_into_record_batch()?;
        let sizes = rows.column_by_name("size");
        let sizes = sizes.and_then(|sizes| sizes.as_primitive_opt::<Int64Type>());
        totals.files += rows.num_rows() as i64;
        totals.bytes += sizes.and_then(sum).unwrap_or(0);
    }
    Ok(totals)
}
