//! Deletion vectors of a commit: all in one file (Delta protocol, "Deletion Vector File Storage Format").

use std::collections::HashMap;

use delta_kernel::actions::deletion_vector::DeletionVectorDescriptor;
use delta_kernel::actions::deletion_vector_writer::{
    KernelDeletionVector, StreamingDeletionVectorWriter,
};
use object_store::ObjectStoreExt as _;
use object_store::path::Path;
use roaring::RoaringTreemap;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::storage::Storage;

/// The vectors of a commit, by the `path` of their data file in the log.
#[derive(Debug, Default)]
pub struct Vectors {
    pub descriptors: HashMap<String, DeletionVectorDescriptor>,
    /// Where they lie.
    pub file: Option<Path>,
}

impl Vectors {
    /// Writes the vectors of data files, the deleted rows of each by its `path` in the log.
    ///
    /// Errors: Storage.
    pub fn write<'a>(
        table: &str,
        storage: &Storage,
        files: impl Iterator<Item = (&'a str, &'a RoaringTreemap)>,
    ) -> Result<Self> {
        let action = format!("write the deletion vectors of table {table}");
        let failed = |e| Error::from_kernel(&action, e);
        let id = Uuid::new_v4();
        let mut bytes = Vec::new();
        let mut writer = StreamingDeletionVectorWriter::new(&mut bytes);
        let mut descriptors = HashMap::new();
        for (path, rows) in files {
            let mut vector = KernelDeletionVector::new();
            vector.add_deleted_row_indexes(rows.iter());
            let written = writer.write_deletion_vector(vector).map_err(failed)?;
            let descriptor = DeletionVectorDescriptor::try_new(
                "u".parse().map_err(failed)?,
                z85::encode(id.as_bytes()),
                Some(written.offset),
                written.size_in_bytes,
                written.cardinality,
            );
            descriptors.insert(path.to_owned(), descriptor.map_err(failed)?);
        }
        writer.finalize().map_err(failed)?;
        if descriptors.is_empty() {
            return Ok(Self::default());
        }
        let file = storage.path_of(&storage.join(&format!("deletion_vector_{id}.bin"))?)?;
        storage
            .block_on(storage.store.put(&file, bytes.into()))?
            .map_err(|e| Error::from_storage(&action, e))?;
        Ok(Self {
            descriptors,
            file: Some(file),
        })
    }
}
