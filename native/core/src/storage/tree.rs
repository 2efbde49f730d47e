//! All that lies below a directory.

use std::io::ErrorKind::{NotADirectory, NotFound};

use object_store::path::Path;

use super::store::Storage;
use crate::error::{Error, ErrorKind, Result};

/// A file of a directory, at any depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    pub path: Path,
    /// In bytes. Object stores have directories that are objects of none.
    pub size: u64,
}

/// The paths of all [`files_below`].
pub fn paths_below(storage: &Storage) -> Result<Vec<Path>> {
    Ok(files_below(storage)?
        .into_iter()
        .map(|file| file.path)
        .collect())
}

/// All files of a directory, at any depth. What links lead to is elsewhere: a local directory that is but a link, other
/// than that of `storage` itself, has no files.
pub fn files_below(storage: &Storage) -> Result<Vec<ListedFile>> {
    use futures::TryStreamExt as _;
    if let Ok(directory) = storage.url.to_file_path()
        && storage.is_local()
    {
        let mut files = Vec::new();
        return match walk(&directory, &mut files) {
            Ok(()) => Ok(files),
            Err(e) => Err(Error::new(
                ErrorKind::Storage,
                format!("Cannot list {}: {e}", storage.url),
            )
            .caused_by(e)),
        };
    }
    let root = storage.path_of(&storage.url)?;
    let files = storage.store.list(Some(&root)).map_ok(|meta| ListedFile {
        path: meta.location,
        size: meta.size,
    });
    storage
        .block_on(files.try_collect())?
        .map_err(|e| Error::from_storage(&format!("list {}", storage.url), e))
}

fn walk(directory: &std::path::Path, files: &mut Vec<ListedFile>) -> std::io::Result<()> {
    let entries = match std::fs::read_dir(directory) {
        Err(e) if matches!(e.kind(), NotFound | NotADirectory) => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let metadata = match std::fs::symlink_metadata(&path) {
            Err(e) if e.kind() == NotFound => continue,
            metadata => metadata?,
        };
        if metadata.is_dir() {
            walk(&path, files)?;
        } else if !(is_unfinished(&path) || metadata.is_symlink() && path.is_dir()) {
            files.push(ListedFile {
                path: Path::from_absolute_path(&path).map_err(std::io::Error::other)?,
                size: metadata.len(),
            });
        }
    }
    Ok(())
}

/// Whether the store has not finished a file of this name, `name#1`: to the store it is none, and cannot be named.
fn is_unfinished(path: &std::path::Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.rsplit_once('#')
        .is_some_and(|(_, number)| number.chars().all(|c| c.is_ascii_digit()))
}
