//! The store as the kernel's engine needs it. The engine makes URLs of the paths a listing gives without
//! encoding what URLs give another meaning, so that a directory named `a%20b` would be looked for as `a b`,
//! and one named `a\b` as `b` in `a`.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use delta_kernel::object_store::path::Path;
use delta_kernel::object_store::{
    CopyOptions, DynObjectStore, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use percent_encoding::{AsciiSet, utf8_percent_encode};

/// A store whose listings have such characters of names encoded. All else is the store's own.
#[derive(Debug)]
pub struct EncodedListings(pub Arc<DynObjectStore>);

impl fmt::Display for EncodedListings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
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
impl ObjectStore for EncodedListings {
    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.0.list(prefix).map(encoded).boxed()
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.0.list_with_offset(prefix, offset).map(encoded).boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.0.list_with_delimiter(prefix).await
    }

    async fn put_opts(
        &self,
        path: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.0.put_opts(path, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.0.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.0.get_opts(path, options).await
    }

    async fn get_ranges(&self, path: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.0.get_ranges(path, ranges).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.0.delete_stream(paths)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.0.copy_opts(from, to, options).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.0.rename_opts(from, to, options).await
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
