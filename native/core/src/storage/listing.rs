//! The store as the kernel's engine needs it. The engine makes URLs of the paths a listing gives without
//! encoding what URLs give another meaning, so that a directory named `a%20b` would be looked for as `a b`,
//! and one named `a\b` as `b` in `a`. Files that are
//! [passed over](super::passed_over) are not there for it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use delta_kernel::last_checkpoint_hint::LastCheckpointHint;
use delta_kernel::object_store::path::Path;
use delta_kernel::object_store::{
    CopyOptions, DynObjectStore, Error, GetOptions, GetResult, GetResultPayload, ListResult,
    MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions, PutPayload,
    PutResult, RenameOptions, Result,
};
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _, future, stream};
use percent_encoding::{AsciiSet, utf8_percent_encode};

use super::passed_over::{HINT, PassedOver};

/// A store whose listings have such characters of names encoded, and lack what is passed over. All else is the store's
/// own.
#[derive(Debug)]
pub struct KernelView {
    pub store: Arc<DynObjectStore>,
    pub passed_over: Arc<PassedOver>,
}

impl fmt::Display for KernelView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.store.fmt(f)
    }
}

impl KernelView {
    fn shown(
        &self,
        listing: BoxStream<'static, Result<ObjectMeta>>,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let passed_over = self.passed_over.clone();
        listing
            .try_filter(move |file| future::ready(!passed_over.has(file)))
            .map(encoded)
            .boxed()
    }

    /// A hint that is none is passed over as soon as it is read; the kernel would ignore it, too, but tell nobody.
    async fn hint(&self, path: &Path, found: GetResult) -> Result<GetResult> {
        let (meta, range) = (found.meta.clone(), found.range.clone());
        let (attributes, extensions) = (found.attributes.clone(), found.extensions.clone());
        let content = found.bytes().await?;
        if let Err(e) = serde_json::from_slice::<LastCheckpointHint>(&content) {
            let why = format!("is no checkpoint hint ({e})");
            if self
                .passed_over
                .add_hint(path.clone(), content.clone(), why.clone())
            {
                tracing::warn!("the log is read without {path}, which {why}");
            }
        }
        if self.passed_over.has_hint(path, &content) {
            return Err(Error::NotFound {
                path: path.to_string(),
                source: "it is passed over".into(),
            });
        }
        Ok(GetResult {
            payload: GetResultPayload::Stream(stream::iter([Ok(content)]).boxed()),
            meta,
            range,
            attributes,
            extensions,
        })
    }
}

/// What a URL's path does not take as it is: `%` begins an encoded character, `\` is a slash in URLs of files, and
/// `c|` at their beginning is a drive. Others the engine's URLs encode themselves.
const MEANINGFUL: &AsciiSet = &AsciiSet::EMPTY.add(b'%').add(b'\\').add(b'|');

/// What a URL needs so that decoding it once gives the name.
fn encoded(meta: Result<ObjectMeta>) -> Result<ObjectMeta> {
    let mut meta = meta?;
    let name = meta.location.as_ref();
    if name.contains(['%', '\\', '|']) {
        meta.location = Path::parse(utf8_percent_encode(name, MEANINGFUL).to_string())?;
    }
    Ok(meta)
}

#[async_trait]
impl ObjectStore for KernelView {
    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.shown(self.store.list(prefix))
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.shown(self.store.list_with_offset(prefix, offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.store.list_with_delimiter(prefix).await
    }

    async fn put_opts(
        &self,
        path: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.store.put_opts(path, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.store.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        let whole = !options.head && options.range.is_none();
        let found = self.store.get_opts(path, options).await?;
        if whole && path.filename() == Some(HINT) {
            return self.hint(path, found).await;
        }
        Ok(found)
    }

    async fn get_ranges(&self, path: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.store.get_ranges(path, ranges).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.store.delete_stream(paths)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.store.copy_opts(from, to, options).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.store.rename_opts(from, to, options).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    #[test]
    fn urls_of_listed_paths_lead_back_to_them() {
        for name in ["a%20b/c", "a\\b/c\\", "c|/d", "C|/d|e", "%5C/#?~ü", "plain"] {
            let meta = ObjectMeta {
                location: Path::parse(name).unwrap(),
                last_modified: Default::default(),
                size: 0,
                e_tag: None,
                version: None,
            };
            // As the engine does it.
            let mut url = Url::parse("file:///").unwrap();
            url.set_path(&format!("/{}", encoded(Ok(meta)).unwrap().location));
            assert_eq!(Path::from_url_path(url.path()).unwrap().as_ref(), name);
        }
    }
}
