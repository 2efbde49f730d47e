//! An engine that does not see the log there is, so that the kernel plans a new table.

use std::sync::Arc;

use delta_kernel::{
    Engine as KernelEngine, EvaluationHandler, FileMeta, FileSlice, JsonHandler, KernelResult,
    KernelResultIteratorStatic, ParquetHandler, StorageHandler,
};
use url::Url;

use crate::storage::Engine;

/// The engine of a storage, with nothing to be listed in it.
pub struct BlindEngine {
    pub engine: Arc<Engine>,
}

impl KernelEngine for BlindEngine {
    fn evaluation_handler(&self) -> Arc<dyn EvaluationHandler> {
        self.engine.evaluation_handler()
    }

    fn storage_handler(&self) -> Arc<dyn StorageHandler> {
        Arc::new(NothingListed(self.engine.storage_handler()))
    }

    fn json_handler(&self) -> Arc<dyn JsonHandler> {
        self.engine.json_handler()
    }

    fn parquet_handler(&self) -> Arc<dyn ParquetHandler> {
        self.engine.parquet_handler()
    }
}

struct NothingListed(Arc<dyn StorageHandler>);

impl StorageHandler for NothingListed {
    fn list_from(&self, _path: &Url) -> KernelResult<KernelResultIteratorStatic<FileMeta>> {
        Ok(Box::new(std::iter::empty()))
    }

    fn read_files(
        &self,
        files: Vec<FileSlice>,
    ) -> KernelResult<KernelResultIteratorStatic<bytes::Bytes>> {
        self.0.read_files(files)
    }

    fn copy_atomic(&self, src: &Url, dest: &Url) -> KernelResult<()> {
        self.0.copy_atomic(src, dest)
    }

    fn put(&self, path: &Url, data: bytes::Bytes, overwrite: bool) -> KernelResult<()> {
        self.0.put(path, data, overwrite)
    }

    fn head(&self, path: &Url) -> KernelResult<FileMeta> {
        self.0.head(path)
    }

    fn delete(&self, path: &Url) -> KernelResult<()> {
        self.0.delete(path)
    }
}
