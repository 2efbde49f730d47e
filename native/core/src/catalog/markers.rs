//! Small files that stand for what a directory alone does not say: that it is a namespace, with its properties, or that
//! its name is that of a table that lies elsewhere.

use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutMode, PutOptions};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::storage::Storage;

/// Holds a namespace and its properties (JSON object of strings).
pub const NAMESPACE_FILE: &str = "_sluice_namespace.json";

/// Stands in the directory of a table's name for a table that lies elsewhere.
const POINTER_FILE: &str = "_sluice_table.json";

/// Where a table is whose name alone is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    pub location: String,
    /// Whether the catalog chose the place, and the data goes with the name.
    #[serde(default)]
    pub managed: bool,
}

/// The file of the namespace at `storage`.
pub fn namespace_file(storage: &Storage) -> Result<Path> {
    storage.path_of(&storage.join(NAMESPACE_FILE)?)
}

/// Whether a namespace was made here by its file; any directory counts as one too while it is no table.
pub fn is_marked_namespace(storage: &Storage) -> Result<bool> {
    let file = namespace_file(storage)?;
    match storage.block_on(async { storage.store.head(&file).await })? {
        Ok(_) => Ok(true),
        Err(object_store::Error::NotFound { .. }) => Ok(false),
        Err(e) => Err(Error::from_storage(
            &format!("read the namespace {}", storage.url),
            e,
        )),
    }
}

/// Whether a file of this name stands for a namespace or a table.
pub fn is_marker(name: &str) -> bool {
    [NAMESPACE_FILE, POINTER_FILE].contains(&name)
}

/// Where the table of this name lies, if not here.
pub fn table_pointer(storage: &Storage) -> Result<Option<Pointer>> {
    let file = storage.path_of(&storage.join(POINTER_FILE)?)?;
    let read = async { storage.store.get(&file).await?.bytes().await };
    match storage.block_on(read)? {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|e| {
            Error::new(
                ErrorKind::CorruptTable,
                format!("Cannot read the table's location {file}: not valid JSON"),
            )
            .caused_by(e)
        }),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(e) => Err(Error::from_storage(&format!("read {file}"), e)),
    }
}

/// Makes this name stand for the table that `pointer` leads to.
///
/// Errors: TableExists if the name stands for a table already.
pub fn point_table(name: &str, storage: &Storage, pointer: &Pointer) -> Result<()> {
    let file = storage.path_of(&storage.join(POINTER_FILE)?)?;
    let bytes = serde_json::to_vec(pointer)
        .map_err(|e| Error::internal("Cannot encode a table's location").caused_by(e))?;
    let options = PutOptions::from(PutMode::Create);
    match storage.block_on(storage.store.put_opts(&file, bytes.into(), options))? {
        Ok(_) => Ok(()),
        Err(object_store::Error::AlreadyExists { .. }) => Err(Error::new(
            ErrorKind::TableExists,
            format!("Cannot create table {name}: there is one of that name already"),
        )),
        Err(e) => Err(Error::from_storage(&format!("create table {name}"), e)),
    }
}

/// Forgets where the table of this name lies; its data stays. Returns whether there was one.
pub fn remove_pointer(storage: &Storage) -> Result<bool> {
    let known = table_pointer(storage)?.is_some();
    if known {
        storage.delete_all(&[storage.path_of(&storage.join(POINTER_FILE)?)?])?;
        storage.remove_empty_directories();
    }
    Ok(known)
}
