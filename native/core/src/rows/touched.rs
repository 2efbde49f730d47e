//! The files that a statement touches, and what becomes of each.

use std::thread;

use roaring::RoaringTreemap;

use super::fate::{Fate, fate};
use super::positions::{Positions, Rows};
use crate::error::{Error, Result};
use crate::scan::deletion_vector::DeletionVector;
use crate::scan::files::DataFile;
use crate::scan::message::FileList;
use crate::storage::{Storage, StorageOptions};

/// Threads that read deletion vectors: they wait for storage most of the time.
const READERS: usize = 16;

/// A file of which rows are deleted or updated.
#[derive(Debug)]
pub struct TouchedFile {
    pub file: DataFile,
    pub rows: Rows,
    pub fate: Fate,
    /// All rows that are no more, those deleted before too. Not read of a file that goes.
    pub gone: RoaringTreemap,
}

/// The files of a table, and how to reach their deletion vectors.
pub struct Files<'a> {
    pub table: &'a str,
    pub storage: &'a Storage,
    pub options: &'a StorageOptions,
    pub writes_vectors: bool,
}

impl Files<'_> {
    /// The files of `list` that hold rows of `positions`.
    ///
    /// Errors: Internal for rows that are in no file of the list; those of storage.
    pub fn touched(&self, list: FileList, positions: Positions) -> Result<Vec<TouchedFile>> {
        let mut positions = positions.into_files();
        let files = list.files.into_iter();
        let mut touched: Vec<TouchedFile> = files
            .filter_map(|file| Some(self.decided(positions.remove(&file.number)?, file)))
            .collect();
        if let Some(number) = positions.keys().next() {
            return Err(Error::internal(format!(
                "Cannot change rows of table {}: there is no file {number} in what was read of it",
                self.table
            )));
        }
        self.read_vectors(&mut touched)?;
        Ok(touched)
    }

    fn decided(&self, rows: Rows, file: DataFile) -> TouchedFile {
        let all = rows.all();
        TouchedFile {
            fate: fate(self.writes_vectors, file.live_rows(), all.len()),
            gone: all,
            file,
            rows,
        }
    }

    /// Several at a time.
    fn read_vectors(&self, touched: &mut [TouchedFile]) -> Result<()> {
        let mut with_vector: Vec<_> = touched
            .iter_mut()
            .filter(|touched| touched.fate != Fate::Gone && touched.file.deletion_vector.is_some())
            .collect();
        let share = with_vector.len().div_ceil(READERS).max(1);
        thread::scope(|scope| {
            let readers: Vec<_> = with_vector
                .chunks_mut(share)
                .map(|files| scope.spawn(|| files.iter_mut().try_for_each(|file| self.join(file))))
                .collect();
            readers.into_iter().try_for_each(|reader| {
                let panicked = |_| Error::internal("Cannot read deletion vectors: a reader failed");
                reader.join().map_err(panicked)?
            })
        })
    }

    /// Adds the rows that were deleted before.
    fn join(&self, touched: &mut TouchedFile) -> Result<()> {
        let Some(vector) = &touched.file.deletion_vector else {
            return Ok(());
        };
        let path = &touched.file.path;
        let before = self.rows(path, vector)?;
        if !before.is_disjoint(&touched.gone) {
            return Err(Error::internal(format!(
                "Cannot change rows of file {path} of table {}: they were deleted before",
                self.table
            )));
        }
        touched.gone |= before;
        Ok(())
    }

    /// Joins the rows of a file with those that another writer has marked in it meanwhile, by the file's new `vector`.
    /// False if both have the same row, or rows are back that were deleted before.
    ///
    /// Errors: those of storage.
    pub fn rejoin(&self, touched: &mut TouchedFile, vector: &DeletionVector) -> Result<bool> {
        let theirs = self.rows(&touched.file.path, vector)?;
        let ours = touched.rows.all();
        let before = &touched.gone - &ours;
        if !theirs.is_disjoint(&ours) || !before.is_subset(&theirs) {
            return Ok(false);
        }
        touched.gone = theirs | &ours;
        touched.file.deletion_vector = Some(vector.clone());
        let live = touched.file.live_rows();
        touched.fate = fate(self.writes_vectors, live, ours.len());
        Ok(true)
    }

    fn rows(&self, path: &str, vector: &DeletionVector) -> Result<RoaringTreemap> {
        let file = format!("{path} of table {}", self.table);
        vector.read(self.storage, self.options, &file)
    }
}
