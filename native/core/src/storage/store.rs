//! Where tables live: a location URL and storage options become an object store and a kernel engine,
//! shared by everything in the process that names the same place with the same options.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use delta_kernel::object_store::path::Path;
use delta_kernel::object_store::{DynObjectStore, ObjectStoreExt as _};
use delta_kernel_default_engine::executor::tokio::TokioMultiThreadExecutor;
use delta_kernel_default_engine::storage::store_from_url_opts;
use delta_kernel_default_engine::{DefaultEngine, DefaultEngineBuilder};
use futures::StreamExt as _;
use once_cell::sync::Lazy;
use tokio::runtime::Handle;
use url::Url;

use super::hadoop;
use super::listing::KernelView;
use super::options::StorageOptions;
use super::passed_over::PassedOver;
use crate::error::{Error, Result};
use crate::runtime;

/// The kernel engine used everywhere; multi-threaded, since checkpoints hang on a single thread.
pub type Engine = DefaultEngine<TokioMultiThreadExecutor>;

/// A table's root directory on its store.
#[derive(Debug, Clone)]
pub struct Storage {
    /// Root of the table, with a trailing slash.
    pub url: Url,
    /// Store of the whole bucket or file system.
    pub store: Arc<DynObjectStore>,
    /// Kernel engine over `store`.
    pub engine: Arc<Engine>,
    /// What the engine does not see of `store`.
    pub passed_over: Arc<PassedOver>,
    /// Where requests run.
    runtime: Handle,
    options: StorageOptions,
}

/// A job may leave thousands of files to delete; each is a request.
const DELETIONS_IN_FLIGHT: usize = 16;

/// What all tables on a store share.
#[derive(Debug, Clone)]
struct Backend {
    store: Arc<DynObjectStore>,
    engine: Arc<Engine>,
    passed_over: Arc<PassedOver>,
}

static BACKENDS: Lazy<Mutex<HashMap<String, Backend>>> = Lazy::new(Default::default);

impl Storage {
    /// Opens the store of `location` (`file:`, `s3:`, `s3a:`, `abfss:`, `gs:` or `memory:` URL). No
    /// I/O happens.
    ///
    /// Errors: InvalidInput for a malformed URL, a scheme or an option nobody serves.
    pub fn open(location: &str, options: &StorageOptions) -> Result<Self> {
        let url = parse_location(location)?;
        let options = hadoop::to_object_store(&url, options)?;
        let key = format!("{}://{}|{options:?}", url.scheme(), url.authority());
        let backend = backend(&key, &url, &options)?;
        Ok(Self {
            url,
            store: backend.store,
            engine: backend.engine,
            passed_over: backend.passed_over,
            runtime: runtime::handle()?,
            options,
        })
    }

    /// The same place for work that nobody waits for: its requests and the decoding of what they return run on the
    /// threads of upkeep.
    pub fn in_background(&self) -> Result<Self> {
        let runtime = runtime::upkeep_handle()?;
        Ok(Self {
            engine: Arc::new(engine(&self.store, &self.passed_over, runtime.clone())),
            runtime,
            ..self.clone()
        })
    }

    /// The same backend at another root.
    pub fn at(&self, url: Url) -> Self {
        Self {
            url,
            ..self.clone()
        }
    }

    /// Path of `url` on the store.
    pub fn path_of(&self, url: &Url) -> Result<Path> {
        Path::from_url_path(url.path()).map_err(|e| {
            Error::invalid(format!("Cannot use the location {url}: not a valid path")).caused_by(e)
        })
    }

    /// URL of `relative` (already URI-encoded) below the root.
    pub fn join(&self, relative: &str) -> Result<Url> {
        self.url.join(&aliased(relative)).map_err(|e| {
            Error::invalid(format!("Cannot use the path {relative} below {}", self.url))
                .caused_by(e)
        })
    }

    /// The storage of a file that may lie on another store, as the log of a clone names some.
    ///
    /// Errors: those of [`Self::open`].
    pub fn reaching(&self, url: &Url, options: &StorageOptions) -> Result<Self> {
        let same = url.scheme() == self.url.scheme() && url.authority() == self.url.authority();
        if same {
            return Ok(self.clone());
        }
        Self::open(url.as_str(), options)
    }

    /// Identity of the table for caches: the root and the options it is reached with.
    pub fn cache_key(&self) -> String {
        format!("{}|{:?}", self.url, self.options)
    }

    /// Whether the store is this machine's file system, where a failed write is known to be absent.
    pub fn is_local(&self) -> bool {
        self.url.scheme() == "file"
    }

    /// Waits for a request on the calling thread, which must not belong to the runtime. A local file
    /// system's are calls that this thread makes itself: handing them over takes longer than they do.
    pub fn block_on<F: Future>(&self, request: F) -> Result<F::Output> {
        if self.is_local() {
            Ok(futures::executor::block_on(request))
        } else {
            Ok(self.runtime.block_on(request))
        }
    }

    /// Removes what an aborted creation leaves on a local file system: directories without a file,
    /// which a catalog would show. Directories that hold files stay.
    pub fn remove_empty_directories(&self) {
        fn remove(directory: &std::path::Path) {
            for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    remove(&entry.path());
                }
            }
            // Fails where there is a file, as it should.
            let _ = std::fs::remove_dir(directory);
        }
        if let Ok(directory) = self.url.to_file_path() {
            remove(&directory);
        }
    }

    /// Deletes the files at `paths`, of which some may be gone already. The first failure is
    /// returned after all have been tried.
    pub fn delete_all(&self, paths: &[Path]) -> Result<()> {
        let deletions = paths.iter().map(|path| async move {
            let deleted = self.store.delete(path).await;
            (path, deleted)
        });
        // On the I/O threads, also of a local file system: several at a time.
        let outcomes = self.runtime.block_on(
            futures::stream::iter(deletions)
                .buffer_unordered(DELETIONS_IN_FLIGHT)
                .collect::<Vec<_>>(),
        );
        for (path, deleted) in outcomes {
            match deleted {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(e) => return Err(Error::from_storage(&format!("delete {path}"), e)),
            }
        }
        Ok(())
    }
}

fn backend(key: &str, url: &Url, options: &StorageOptions) -> Result<Backend> {
    let mut backends = BACKENDS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = backends.get(key) {
        return Ok(known.clone());
    }
    let store = store_from_url_opts(url, options).map_err(|e| {
        Error::invalid(format!("Cannot open the storage of {url}: {e}")).caused_by(e)
    })?;
    let passed_over = Arc::new(PassedOver::default());
    let engine = engine(&store, &passed_over, runtime::handle()?);
    let backend = Backend {
        store,
        engine: Arc::new(engine),
        passed_over,
    };
    backends.insert(key.to_owned(), backend.clone());
    Ok(backend)
}

fn engine(store: &Arc<DynObjectStore>, passed_over: &Arc<PassedOver>, runtime: Handle) -> Engine {
    let view = KernelView {
        store: store.clone(),
        passed_over: passed_over.clone(),
    };
    DefaultEngineBuilder::new(Arc::new(view))
        .with_task_executor(Arc::new(TokioMultiThreadExecutor::new(runtime)))
        .build()
}

/// A location under the scheme object_store knows.
fn aliased(location: &str) -> Cow<'_, str> {
    let aliases = ["s3a://", "s3n://"];
    match aliases
        .iter()
        .find_map(|alias| location.strip_prefix(alias))
    {
        Some(rest) => format!("s3://{rest}").into(),
        None => location.into(),
    }
}

/// Parses a location and gives it a trailing slash.
fn parse_location(location: &str) -> Result<Url> {
    let mut url = Url::parse(&aliased(location)).map_err(|e| {
        Error::invalid(format!(
            "Cannot use the location '{location}': not a URL ({e}); give an absolute path or a URL"
        ))
        .caused_by(e)
    })?;
    if !["file", "s3", "abfs", "abfss", "az", "azure", "gs", "memory"].contains(&url.scheme()) {
        return Err(Error::invalid(format!(
            "Cannot use the location '{location}': scheme '{}' is not supported; use file, s3, \
             s3a, abfss or gs",
            url.scheme()
        )));
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Path::from_url_path(url.path()).map_err(|e| {
        Error::invalid(format!(
            "Cannot use the location '{location}': stores do not take such a path ({e}); use one without control \
             characters"
        ))
        .class("SLUICE_INVALID_PATH")
        .caused_by(e)
    })?;
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_get_a_slash_and_a_known_scheme() {
        assert_eq!(
            parse_location("file:///a/b").unwrap().as_str(),
            "file:///a/b/"
        );
        assert_eq!(parse_location("s3a://b/t/").unwrap().as_str(), "s3://b/t/");
        assert_eq!(
            parse_location("file:///a%20b").unwrap().as_str(),
            "file:///a%20b/"
        );
    }

    #[test]
    fn files_of_clones_lie_on_their_own_store() {
        let options = StorageOptions::from([("aws_region".to_owned(), "eu-central-1".to_owned())]);
        let storage = Storage::open("s3a://table/t", &options).unwrap();
        let reached = |path: &str| {
            let url = storage.join(path).unwrap();
            storage
                .reaching(&url, &options)
                .unwrap()
                .url
                .host_str()
                .map(str::to_owned)
        };
        assert_eq!(reached("f.parquet").as_deref(), Some("table"));
        assert_eq!(reached("s3a://table/u/f.parquet").as_deref(), Some("table"));
        assert_eq!(reached("s3a://other/f.parquet").as_deref(), Some("other"));
    }

    #[test]
    fn unknown_schemes_and_relative_paths_are_refused() {
        for bad in ["hdfs://nn/t", "relative/path", "", "file:///a%09b"] {
            let error = parse_location(bad).unwrap_err();
            assert!(
                error.message.starts_with("Cannot use the location"),
                "{error}"
            );
        }
    }
}
