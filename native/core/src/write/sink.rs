//! A data file on its way to storage: small files go out in one PUT, larger ones as a multipart
//! upload whose parts leave while the next rows are encoded.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use object_store::path::Path;
use object_store::{DynObjectStore, ObjectStoreExt as _, PutPayload, WriteMultipart};

use super::assembly::Output;
use crate::runtime;

/// Size of a part, in bytes. Files up to this size need one request.
const PART_BYTES: usize = 8 << 20;
/// Parts that may be under way while encoding goes on.
const PARTS_IN_FLIGHT: usize = 2;
/// Pieces shorter than this, in bytes, are put together, as each may be a call of its own.
const SHORT: usize = 16 << 10;

/// Write-once object. Nothing is visible under `path` before its [`LastUpload`] has succeeded.
#[derive(Debug)]
pub struct Sink {
    store: Arc<DynObjectStore>,
    path: Path,
    part: Part,
    upload: Option<WriteMultipart>,
    written: u64,
    waited: Duration,
}

/// Pieces of a part, in their order.
#[derive(Debug, Default)]
struct Part {
    pieces: Vec<Bytes>,
    /// Short ones that come after these.
    short: Vec<u8>,
    bytes: usize,
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
            part: Part::default(),
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
        self.part.bytes + in_flight
    }

    /// Ends the object. It is there when the upload that is returned has succeeded.
    pub fn close(&mut self) -> LastUpload {
        let bytes = self.buffered();
        let last = std::mem::take(&mut self.part).into_pieces();
        let (store, path) = (self.store.clone(), self.path.clone());
        let upload = self.upload.take();
        let work = async move {
            match upload {
                None => {
                    let whole = PutPayload::from_iter(last);
                    store.put(&path, whole).await.map(drop)
                }
                Some(mut upload) => {
                    last.into_iter().for_each(|piece| upload.put(piece));
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
        self.part = Part::default();
        let Some(upload) = self.upload.take() else {
            return;
        };
        if let Err(e) = runtime::block_on(discard(&self.path, upload)) {
            tracing::warn!("{e}");
        }
    }

    fn send_part(&mut self) -> io::Result<()> {
        let started = Instant::now();
        let part = std::mem::take(&mut self.part).into_pieces();
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
            if let Err(e) = upload.wait_for_capacity(PARTS_IN_FLIGHT).await {
                discard(&path, upload).await;
                return Err(e);
            }
            part.into_iter().for_each(|piece| upload.put(piece));
            Ok(upload)
        })
        .map_err(io::Error::other)?;
        self.waited += started.elapsed();
        self.upload = Some(sent.map_err(io::Error::other)?);
        Ok(())
    }
}

/// Has the store forget the parts it has.
async fn discard(path: &Path, upload: WriteMultipart) {
    if let Err(e) = upload.abort().await {
        tracing::warn!(%path, error = %e, "could not discard a multipart upload");
    }
}

impl Part {
    fn push(&mut self, piece: Bytes) {
        self.bytes += piece.len();
        if piece.len() < SHORT {
            self.short.extend_from_slice(&piece);
        } else {
            self.close_short();
            self.pieces.push(piece);
        }
    }

    fn close_short(&mut self) {
        if !self.short.is_empty() {
            self.pieces.push(std::mem::take(&mut self.short).into());
        }
    }

    fn into_pieces(mut self) -> Vec<Bytes> {
        self.close_short();
        self.pieces
    }
}

impl Output for Sink {
    fn put(&mut self, mut bytes: Bytes) -> io::Result<()> {
        self.written += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = PART_BYTES - self.part.bytes;
            self.part.push(bytes.split_to(bytes.len().min(room)));
            if self.part.bytes == PART_BYTES {
                self.send_part()?;
            }
        }
        Ok(())
    }
}
