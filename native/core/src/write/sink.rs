//! A data file on its way to storage: small files go out in one PUT, larger ones as a multipart
//! upload whose parts leave while the next rows are encoded.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use object_store::path::Path;
use object_store::{DynObjectStore, ObjectStoreExt as _, WriteMultipart};

use crate::runtime;

/// Size of a part, in bytes. Files up to this size need one request.
const PART_BYTES: usize = 8 << 20;
/// Parts that may be under way while encoding goes on.
const PARTS_IN_FLIGHT: usize = 2;

/// Write-once object. Nothing is visible under `path` before its [`LastUpload`] has succeeded.
#[derive(Debug)]
pub struct Sink {
    store: Arc<DynObjectStore>,
    path: Path,
    part: Vec<u8>,
    upload: Option<WriteMultipart>,
    written: u64,
    waited: Duration,
}

/// What is left to send of an object whose bytes are complete.
pub struct LastUpload {
    pub path: Path,
    /// Memory it holds, in bytes.
    pub bytes: usize,
    pub work: BoxFuture<'static, object_store::Result<()>>,
}

impl Sink {
    /// A new object at `path`; no I/O happens yet.
    pub fn new(store: Arc<DynObjectStore>, path: Path) -> Self {
        Self {
            store,
            path,
            part: Vec::new(),
            upload: None,
            written: 0,
            waited: Duration::ZERO,
        }
    }

    /// Bytes written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Time the writing thread spent waiting for storage.
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// Bytes held in memory.
    pub fn buffered(&self) -> usize {
        let in_flight = if self.upload.is_some() {
            PARTS_IN_FLIGHT * PART_BYTES
        } else {
            0
        };
        self.part.capacity() + in_flight
    }

    /// Ends the object. It is there when the upload that is returned has succeeded.
    pub fn close(&mut self) -> LastUpload {
        let bytes = self.buffered();
        let last = Bytes::from(std::mem::take(&mut self.part));
        let (store, path) = (self.store.clone(), self.path.clone());
        let upload = self.upload.take();
        let work = async move {
            match upload {
                None => store.put(&path, last.into()).await.map(drop),
                Some(mut upload) => {
                    upload.put(last);
                    upload.finish().await.map(drop)
                }
            }
        };
        LastUpload {
            path: self.path.clone(),
            bytes,
            work: work.boxed(),
        }
    }

    /// Gives the object up; parts already sent are discarded by the store.
    pub fn abort(&mut self) {
        self.part = Vec::new();
        let Some(upload) = self.upload.take() else {
            return;
        };
        if let Ok(Err(e)) = runtime::block_on(upload.abort()) {
            tracing::warn!(path = %self.path, error = %e, "could not discard a multipart upload");
        }
    }

    fn send_part(&mut self) -> io::Result<()> {
        let started = Instant::now();
        let part = Bytes::from(std::mem::replace(
            &mut self.part,
            Vec::with_capacity(PART_BYTES),
        ));
        let (store, path) = (self.store.clone(), self.path.clone());
        let upload = self.upload.take();
        let sent = runtime::block_on(async move {
            let mut upload = match upload {
                Some(upload) => upload,
                None => WriteMultipart::new_with_chunk_size(
                    store.put_multipart(&path).await?,
                    PART_BYTES,
                ),
            };
            upload.wait_for_capacity(PARTS_IN_FLIGHT).await?;
            upload.put(part);
            Ok::<_, object_store::Error>(upload)
        })
        .map_err(io::Error::other)?;
        self.waited += started.elapsed();
        self.upload = Some(sent.map_err(io::Error::other)?);
        Ok(())
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = PART_BYTES - self.part.len();
        let taken = &bytes[..bytes.len().min(room)];
        self.part.extend_from_slice(taken);
        self.written += taken.len() as u64;
        if self.part.len() == PART_BYTES {
            self.send_part()?;
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
