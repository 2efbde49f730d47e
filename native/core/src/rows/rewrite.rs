//! Files written anew without some of their rows: what the tasks that copy the others are told. They read as any scan
//! does, of files whose deletion vectors hold the rows that are left out.

use delta_kernel::snapshot::SnapshotRef;

use super::fate::Fate;
use super::touched::TouchedFile;
use super::vectors::inline;
use crate::error::Result;
use crate::scan::files::DataFile;
use crate::scan::message::{FileList, ReadPlan, encode};
use crate::scan::plan::pack::{Packing, pack};
use crate::scan::plan::planner::{ScanRequest, resolve};
use crate::scan::session::Session;
use crate::version::build_id;

/// Messages for [`crate::scan::task::read::TaskReader`].
#[derive(Debug)]
pub struct Rewrite {
    /// How to read: all columns, in the table's order.
    pub plan: Vec<u8>,
    /// The slices of each task.
    pub partitions: Vec<Vec<u8>>,
}

/// What is to be copied of the files that are written anew. `scan` reads all columns of `snapshot`.
///
/// Errors: Internal; UnsupportedTable for a column that cannot be read.
pub fn rewrite(
    scan: &ScanRequest,
    snapshot: &SnapshotRef,
    touched: &[TouchedFile],
    packing: &Packing,
) -> Result<Rewrite> {
    let rewritten = touched.iter().filter(|file| file.fate == Fate::Rewritten);
    let files = rewritten.map(remainder).collect::<Result<_>>()?;
    let list = FileList {
        partitions: Vec::new(),
        files,
    };
    Ok(Rewrite {
        plan: encode(&read_plan(scan, snapshot)?)?,
        partitions: pack(&encode(&list)?, packing)?.partitions,
    })
}

fn remainder(touched: &TouchedFile) -> Result<DataFile> {
    Ok(DataFile {
        deletion_vector: Some(inline(&touched.gone)?),
        ..touched.file.clone()
    })
}

fn read_plan(scan: &ScanRequest, snapshot: &SnapshotRef) -> Result<ReadPlan> {
    Ok(ReadPlan {
        build: build_id().to_owned(),
        table: scan.table.clone(),
        version: Some(snapshot.version()),
        plain: None,
        location: scan.location.clone(),
        storage: scan.storage.clone(),
        fields: resolve(scan, snapshot)?,
        filter: None,
        // A file that is passed over would be a file of rows lost.
        session: Session {
            ignore_missing_files: false,
            ignore_corrupt_files: false,
            ..scan.session.clone()
        },
    })
}
