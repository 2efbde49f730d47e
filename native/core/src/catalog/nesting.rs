//! Tables and namespaces share one tree of directories, and dropping one deletes its directory: so neither
//! may lie inside a table, nor a table where a namespace or another table is below.

use object_store::path::Path;
use url::Url;

use super::markers;
use crate::error::{Error, Result};
use crate::storage::{ListedFile, Storage, files_below};
use crate::table;
use crate::table::file_name::is_data_file;

/// Errors: InvalidInput if the place that a table is to have is inside another one, or a namespace's, or holds
/// tables; `action` completes "Cannot …".
pub fn check_table(action: &str, storage: &Storage) -> Result<()> {
    let refuse = |why: String| {
        let message = format!("Cannot {action} at {}: {why}", storage.url);
        Err(Error::invalid(message).class("DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION"))
    };
    if let Some(outer) = table_around(storage)? {
        return refuse(format!(
            "it would lie inside the table at {outer}; choose another name or LOCATION"
        ));
    }
    if markers::is_marked_namespace(storage)? {
        return refuse(
            "there is a namespace of that name; drop it first, or choose another name".into(),
        );
    }
    let files = files_below(storage)?;
    let paths: Vec<Path> = files.iter().map(|file| file.path.clone()).collect();
    if let Some(inner) = other_below(storage, &paths)? {
        return refuse(format!(
            "other tables or namespaces lie below ({inner}); choose another name or LOCATION"
        ));
    }
    match foreign(storage, &files)? {
        Some(file) => refuse(format!(
            "the location is not empty and no Delta table ({file}); empty it, or choose another name or LOCATION"
        )),
        None => Ok(()),
    }
}

/// The first of a directory's files that no write of ours has left behind: it would be the table's, and dropped with it.
/// Names that begin with _ or a dot are of no data (Delta protocol, "Data Files").
fn foreign<'a>(storage: &Storage, files: &'a [ListedFile]) -> Result<Option<&'a Path>> {
    let root = storage.path_of(&storage.url)?;
    let is_hidden = |file: &Path| {
        let below = file.prefix_match(&root);
        below.is_some_and(|mut parts| parts.any(|part| part.as_ref().starts_with(['_', '.'])))
    };
    let is_foreign = |file: &&ListedFile| {
        let is_ours = file.path.filename().is_some_and(is_data_file);
        file.size > 0 && !is_ours && !is_hidden(&file.path)
    };
    Ok(files.iter().find(is_foreign).map(|file| &file.path))
}

/// Errors: InvalidInput if the place of a new namespace is a table's or inside one.
pub fn check_namespace(storage: &Storage) -> Result<()> {
    let outer = if table::is_table(storage)? || markers::table_pointer(storage)?.is_some() {
        Some(storage.url.clone())
    } else {
        table_around(storage)?
    };
    match outer {
        None => Ok(()),
        Some(outer) => Err(Error::invalid(format!(
            "Cannot create the namespace at {}: there is the table at {outer}; choose another name",
            storage.url
        ))
        .class("SCHEMA_ALREADY_EXISTS")),
    }
}

/// Errors: InvalidInput if something else than the table itself is among the files of its directory.
pub fn check_drop(storage: &Storage, files: &[Path]) -> Result<()> {
    match other_below(storage, files)? {
        None => Ok(()),
        Some(other) => Err(Error::invalid(format!(
            "Cannot drop the table at {}: its directory also holds another table or namespace ({other}); \
             drop or move that first",
            storage.url
        ))
        .class("SLUICE_NESTED_TABLES")),
    }
}

/// The first of a directory's files that is another table's or a namespace's.
fn other_below<'a>(storage: &Storage, files: &'a [Path]) -> Result<Option<&'a Path>> {
    let root = storage.path_of(&storage.url)?;
    let is_other = |file: &&Path| {
        file.prefix_match(&root).is_some_and(|mut parts| {
            let first = parts.next();
            first.is_some_and(|first| first.as_ref() != "_delta_log")
                && parts
                    .any(|part| part.as_ref() == "_delta_log" || markers::is_marker(part.as_ref()))
        })
    };
    Ok(files.iter().find(is_other))
}

/// The nearest directory above that is a table.
pub fn table_around(storage: &Storage) -> Result<Option<Url>> {
    let mut url = storage.url.clone();
    while url.path().trim_matches('/').contains('/') {
        let Ok(parent) = url.join(if url.path().ends_with('/') { ".." } else { "." }) else {
            break;
        };
        url = parent;
        if table::is_table(&storage.at(url.clone()))? {
            return Ok(Some(url));
        }
    }
    Ok(None)
}
