//! Files of table logs that are read as if they were not there: checkpoints and checksums that are broken or wrong, and
//! hints that lead to no checkpoint. All of them only save time (Delta protocol, "Checkpoints", "Last Checkpoint File",
//! "Version Checksum File"), so what they stood for is read from the commits, or not at all.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use delta_kernel::FileMeta;
use delta_kernel::object_store::ObjectMeta;
use delta_kernel::object_store::path::Path;

/// Name of the file that names the newest checkpoint.
pub const HINT: &str = "_last_checkpoint";

/// What is passed over on a store, each file as it was when it was found wanting: one that takes its place is read.
#[derive(Debug, Default)]
pub struct PassedOver {
    files: Mutex<HashMap<Path, Entry>>,
    /// Whether there are any, which stores of sound tables are asked for every file they list.
    some: AtomicBool,
}

#[derive(Debug)]
struct Entry {
    seen: Seen,
    why: String,
}

#[derive(Debug, PartialEq)]
enum Seen {
    /// Size and time of last modification, in milliseconds since the epoch, as listings tell them.
    Listed(u64, i64),
    /// Hints are read by name, and are small.
    Read(Bytes),
}

impl PassedOver {
    /// Passes over a file that was listed, at `path`; false if it was passed over before.
    pub fn add(&self, path: Path, file: &FileMeta, why: String) -> bool {
        self.insert(path, Seen::Listed(file.size, file.last_modified), why)
    }

    /// Passes over a hint of this content; false if it was passed over before.
    pub fn add_hint(&self, path: Path, content: Bytes, why: String) -> bool {
        self.insert(path, Seen::Read(content), why)
    }

    fn insert(&self, path: Path, seen: Seen, why: String) -> bool {
        let mut files = self.lock();
        if files.get(&path).is_some_and(|known| known.seen == seen) {
            return false;
        }
        files.insert(path, Entry { seen, why });
        self.some.store(true, Ordering::Release);
        true
    }

    /// Whether this very file, as it was listed, is passed over.
    pub fn has(&self, file: &ObjectMeta) -> bool {
        self.is(&file.location, || {
            Seen::Listed(file.size, file.last_modified.timestamp_millis())
        })
    }

    /// Whether a hint of this content is passed over.
    pub fn has_hint(&self, path: &Path, content: &Bytes) -> bool {
        self.is(path, || Seen::Read(content.clone()))
    }

    fn is(&self, path: &Path, seen: impl FnOnce() -> Seen) -> bool {
        self.some.load(Ordering::Acquire)
            && self
                .lock()
                .get(path)
                .is_some_and(|known| known.seen == seen())
    }

    /// What is passed over in the directory `log`, by path, and why.
    pub fn within(&self, log: &Path) -> Vec<(Path, String)> {
        let files = self.lock();
        let within = files.iter().filter(|(path, _)| path.prefix_matches(log));
        let mut within: Vec<_> = within
            .map(|(path, entry)| (path.clone(), entry.why.clone()))
            .collect();
        within.sort();
        within
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Path, Entry>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_the_place_of_a_broken_file_is_read() {
        let passed_over = PassedOver::default();
        let path = Path::from("t/_delta_log/00000000000000000003.checkpoint.parquet");
        let url = url::Url::parse("file:///t/_delta_log/00000000000000000003.checkpoint.parquet");
        let file = FileMeta::new(url.unwrap(), 1_000, 7);
        let listed = |size, millis| ObjectMeta {
            location: path.clone(),
            last_modified: chrono::DateTime::from_timestamp_millis(millis).unwrap(),
            size,
            e_tag: None,
            version: None,
        };
        assert!(!passed_over.has(&listed(7, 1_000)));
        assert!(passed_over.add(path.clone(), &file, "it is cut off".into()));
        assert!(!passed_over.add(path.clone(), &file, "it is cut off".into()));
        assert!(passed_over.has(&listed(7, 1_000)));
        assert!(!passed_over.has(&listed(7, 1_001)));
        assert!(!passed_over.has(&listed(8, 1_000)));

        let hint = Path::from("t/_delta_log/_last_checkpoint");
        let content = Bytes::from_static(b"{\"version\":9}");
        assert!(passed_over.add_hint(hint.clone(), content.clone(), "leads nowhere".into()));
        assert!(passed_over.has_hint(&hint, &content));
        assert!(!passed_over.has_hint(&hint, &Bytes::from_static(b"{\"version\":3}")));

        let names = |log: &str| passed_over.within(&Path::from(log)).len();
        assert_eq!((names("t/_delta_log"), names("u/_delta_log")), (2, 0));
    }
}
