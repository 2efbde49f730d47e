//! A warehouse as a catalog: directories with a Delta log are tables, other directories namespaces.
//! Object stores know no empty directories, so a namespace made here is held by a small file with
//! its properties.

use std::collections::BTreeMap;

use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutMode, PutOptions};
use serde::Serialize;
use url::Url;

use super::markers::{self, namespace_file, table_pointer};
use super::nesting;
use crate::error::{Error, ErrorKind, Result};
use crate::log::maintenance;
use crate::storage::{Storage, paths_below};
use crate::table;

/// What is below a directory.
#[derive(Debug, Default, Serialize, PartialEq, Eq)]
pub struct Listing {
    pub exists: bool,
    pub tables: Vec<String>,
    pub namespaces: Vec<String>,
    /// Files that are neither a table's nor ours.
    pub files: usize,
    /// Directories whose names begin with _ or a dot, which are nobody's.
    #[serde(skip)]
    hidden: usize,
}

/// A namespace's properties.
#[derive(Debug, Default, Serialize, PartialEq, Eq)]
pub struct Namespace {
    pub exists: bool,
    pub properties: BTreeMap<String, String>,
}

/// The same, of a directory that is a namespace's: one that is a table's or within a table does not exist as such.
pub fn list_namespace(storage: &Storage) -> Result<Listing> {
    let mut listing = list(storage)?;
    listing.exists = listing.exists && is_namespaces(storage)?;
    Ok(listing)
}

/// Whether a directory that is there may be a namespace's.
fn is_namespaces(storage: &Storage) -> Result<bool> {
    Ok(!table::is_table(storage)?
        && table_pointer(storage)?.is_none()
        && nesting::table_around(storage)?.is_none())
}

/// Tables and namespaces directly below the directory of `storage`, sorted by name.
pub fn list(storage: &Storage) -> Result<Listing> {
    let root = storage.path_of(&storage.url)?;
    let listed = storage.block_on(storage.store.list_with_delimiter(Some(&root)))?;
    let listed = match listed {
        Ok(listed) => listed,
        Err(object_store::Error::NotFound { .. }) => return Ok(Listing::default()),
        Err(e) => return Err(Error::from_storage(&format!("list {}", storage.url), e)),
    };
    let mut listing = Listing {
        exists: !listed.objects.is_empty()
            || !listed.common_prefixes.is_empty()
            || is_directory(storage),
        files: listed
            .objects
            .iter()
            .filter(|file| !is_namespace_file(&file.location))
            .count(),
        ..Listing::default()
    };
    for prefix in listed.common_prefixes {
        let Some(name) = prefix.filename().filter(|name| !is_hidden(name)) else {
            listing.hidden += 1;
            continue;
        };
        let child = storage.at(directory(&storage.url, name)?);
        let names = if table::is_table(&child)? || table_pointer(&child)?.is_some() {
            &mut listing.tables
        } else {
            &mut listing.namespaces
        };
        names.push(name.to_owned());
    }
    listing.tables.sort();
    listing.namespaces.sort();
    Ok(listing)
}

fn is_namespace_file(path: &Path) -> bool {
    path.filename() == Some(markers::NAMESPACE_FILE)
}

fn is_hidden(name: &str) -> bool {
    name.starts_with(['_', '.'])
}

/// Local directories may be empty.
fn is_directory(storage: &Storage) -> bool {
    storage.is_local() && storage.url.to_file_path().is_ok_and(|path| path.is_dir())
}

/// URL of the directory `name` below `base`.
fn directory(base: &Url, name: &str) -> Result<Url> {
    let mut url = base.clone();
    url.path_segments_mut()
        .map_err(|()| Error::internal(format!("Cannot list {base}")))?
        .pop_if_empty()
        .push(&decoded(name))
        .push("");
    Ok(url)
}

/// The last part of a listed path has some characters percent-encoded, which URLs encode anew.
fn decoded(part: &str) -> String {
    percent_encoding::percent_decode_str(part)
        .decode_utf8_lossy()
        .into_owned()
}

/// Makes a namespace.
///
/// Errors: TableExists (`SCHEMA_ALREADY_EXISTS`) if there is one.
pub fn create_namespace(storage: &Storage, properties: &BTreeMap<String, String>) -> Result<()> {
    let exists = || {
        Error::new(
            ErrorKind::TableExists,
            format!(
                "Cannot create the namespace at {}: it exists already",
                storage.url
            ),
        )
        .class("SCHEMA_ALREADY_EXISTS")
    };
    if load_namespace(storage)?.exists {
        return Err(exists());
    }
    nesting::check_namespace(storage)?;
    let options = PutOptions::from(PutMode::Create);
    match put_properties(storage, properties, options)? {
        Ok(()) => Ok(()),
        Err(object_store::Error::AlreadyExists { .. }) => Err(exists()),
        Err(e) => Err(Error::from_storage(
            &format!("create the namespace {}", storage.url),
            e,
        )),
    }
}

/// The namespace at `storage`; one that other tools made (a plain directory) has no properties.
pub fn load_namespace(storage: &Storage) -> Result<Namespace> {
    let file = namespace_file(storage)?;
    let read = async { storage.store.get(&file).await?.bytes().await };
    match storage.block_on(read)? {
        Ok(bytes) => Ok(Namespace {
            exists: true,
            properties: serde_json::from_slice(&bytes).map_err(|e| {
                Error::new(
                    ErrorKind::CorruptTable,
                    format!("Cannot read the namespace properties {file}: not valid JSON"),
                )
                .caused_by(e)
            })?,
        }),
        Err(object_store::Error::NotFound { .. }) => Ok(Namespace {
            exists: is_namespaces(storage)? && list(storage)?.exists,
            properties: BTreeMap::new(),
        }),
        Err(e) => Err(Error::from_storage(
            &format!("read the namespace {}", storage.url),
            e,
        )),
    }
}

/// Sets and removes properties of a namespace.
pub fn alter_namespace(
    storage: &Storage,
    set: &BTreeMap<String, String>,
    remove: &[String],
) -> Result<()> {
    let mut properties = load_namespace(storage)?.properties;
    properties.retain(|key, _| !remove.contains(key));
    properties.extend(set.clone());
    put_properties(storage, &properties, PutOptions::default())?
        .map_err(|e| Error::from_storage(&format!("alter the namespace {}", storage.url), e))
}

/// Drops a namespace; returns whether there was one. With `cascade` everything below goes with it.
///
/// Errors: InvalidInput (`SCHEMA_NOT_EMPTY`) if it is not empty and `cascade` is not given.
pub fn drop_namespace(storage: &Storage, cascade: bool) -> Result<bool> {
    if !load_namespace(storage)?.exists {
        return Ok(false);
    }
    let listing = list(storage)?;
    let others = listing.files + listing.hidden;
    let is_empty = listing.tables.is_empty() && listing.namespaces.is_empty() && others == 0;
    if !is_empty && !cascade {
        return Err(Error::invalid(format!(
            "Cannot drop the namespace at {}: it holds {} tables, {} namespaces and {others} other \
             files or directories; remove them first or use CASCADE",
            storage.url,
            listing.tables.len(),
            listing.namespaces.len(),
        ))
        .class("SCHEMA_NOT_EMPTY"));
    }
    if cascade {
        maintenance::settle(storage);
        delete_directory(storage, paths_below(storage)?)?;
    } else {
        // No more than was looked at: what has come since stays.
        storage.delete_all(&[namespace_file(storage)?])?;
        storage.remove_empty_directories();
    }
    Ok(true)
}

/// Deletes a table with all its files; returns whether there was one.
///
/// Errors: InvalidInput if another table lies in its directory.
pub fn drop_table(storage: &Storage) -> Result<bool> {
    if !table::is_table(storage)? {
        return Ok(false);
    }
    maintenance::settle(storage);
    let files = paths_below(storage)?;
    nesting::check_drop(storage, &files)?;
    table::forget(storage);
    delete_directory(storage, files)?;
    Ok(true)
}

/// Moves a table's directory to another place of the same local file system, in one step. As with a new table, the
/// directories above are created.
///
/// Errors: TableMissing, TableExists if anything is at the new place, InvalidInput if that is inside a table,
/// UnsupportedTable on an object store, where a directory cannot be moved in one step.
pub fn rename_table(name: &str, from: &Storage, to: &Storage) -> Result<()> {
    let (Ok(old), Ok(new)) = (from.url.to_file_path(), to.url.to_file_path()) else {
        return Err(Error::new(
            ErrorKind::UnsupportedTable,
            format!(
                "Cannot rename table {name}: object stores cannot move a directory in one step; \
                 create the new table from the old one (CREATE TABLE … AS SELECT), then drop it"
            ),
        )
        .class("SLUICE_UNSUPPORTED_RENAME"));
    };
    if !table::is_table(from)? && table_pointer(from)?.is_none() {
        return Err(table::missing(name, from));
    }
    let taken = || {
        Error::new(
            ErrorKind::TableExists,
            format!(
                "Cannot rename table {name}: there is something at {} already",
                new.display()
            ),
        )
    };
    if new.exists() {
        return Err(taken());
    }
    nesting::check_table(&format!("move table {name}"), to)?;
    maintenance::settle(from);
    table::forget(from);
    table::forget(to);
    let parent = new.parent().unwrap_or(&new);
    let moved = std::fs::create_dir_all(parent).and_then(|()| std::fs::rename(&old, &new));
    moved.map_err(|e| {
        if new.exists() {
            return taken();
        }
        let message = format!("Cannot rename table {name} to {}: {e}", new.display());
        Error::new(ErrorKind::Storage, message).caused_by(e)
    })
}

fn delete_directory(storage: &Storage, mut paths: Vec<Path>) -> Result<()> {
    // The log goes last, newest entries first: a table half deleted is still found and dropped again.
    paths.sort_by_key(|path| {
        (
            path.as_ref().contains("/_delta_log/"),
            std::cmp::Reverse(path.to_string()),
        )
    });
    storage.delete_all(&paths)?;
    match storage.url.to_file_path() {
        Ok(path) if storage.is_local() && path.is_dir() => {
            std::fs::remove_dir_all(&path).map_err(|e| {
                Error::new(
                    ErrorKind::Storage,
                    format!("Cannot delete {}: {e}", path.display()),
                )
                .caused_by(e)
            })
        }
        _ => Ok(()),
    }
}

fn put_properties(
    storage: &Storage,
    properties: &BTreeMap<String, String>,
    options: PutOptions,
) -> Result<Result<(), object_store::Error>> {
    let file = namespace_file(storage)?;
    let bytes = serde_json::to_vec(properties)
        .map_err(|e| Error::internal("Cannot encode namespace properties").caused_by(e))?;
    Ok(storage
        .block_on(storage.store.put_opts(&file, bytes.into(), options))?
        .map(drop))
}
