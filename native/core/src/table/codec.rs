//! Compression codecs of data files, by Spark's names.

use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A codec every reader of Delta tables on Spark can decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    Uncompressed,
    Snappy,
    Gzip,
    Lz4Raw,
    Zstd,
}

impl Codec {
    /// The codec named by, in this order: the write option `compression`, the table property
    /// `delta.parquet.compression.codec`, the session's `spark.sql.parquet.compression.codec`; else
    /// zstd at level 1.
    ///
    /// Errors: InvalidInput for a name that is none of Spark's, or one Spark cannot read back.
    pub fn resolve(
        option: Option<&str>,
        property: Option<&str>,
        session: Option<&str>,
    ) -> Result<Self> {
        let sources = [
            ("option 'compression'", option),
            ("table property 'delta.parquet.compression.codec'", property),
            (
                "session setting 'spark.sql.parquet.compression.codec'",
                session,
            ),
        ];
        sources
            .into_iter()
            .find_map(|(source, name)| Some((source, name?)))
            .map_or(Ok(Self::Zstd), |(source, name)| Self::parse(source, name))
    }

    fn parse(source: &str, name: &str) -> Result<Self> {
        match name.to_ascii_lowercase().as_str() {
            "none" | "uncompressed" => Ok(Self::Uncompressed),
            "snappy" => Ok(Self::Snappy),
            "gzip" => Ok(Self::Gzip),
            // The format's LZ4 is deprecated, as its readers take blocks of different sizes in it.
            "lz4" | "lz4_raw" => Ok(Self::Lz4Raw),
            "zstd" => Ok(Self::Zstd),
            _ => Err(Error::invalid(format!(
                "Cannot compress data files with '{name}' ({source}); use one of none, \
                 uncompressed, snappy, gzip, lz4, lz4_raw, zstd"
            ))
            .class("CODEC_NOT_AVAILABLE")),
        }
    }

    /// Part of a file's name, as Spark spells it.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Uncompressed => "",
            Self::Snappy => ".snappy",
            Self::Gzip => ".gz",
            Self::Lz4Raw => ".lz4raw",
            Self::Zstd => ".zstd",
        }
    }

    /// The codec for the Parquet writer.
    pub fn parquet(self) -> Compression {
        match self {
            Self::Uncompressed => Compression::UNCOMPRESSED,
            Self::Snappy => Compression::SNAPPY,
            Self::Gzip => Compression::GZIP(GzipLevel::default()),
            Self::Lz4Raw => Compression::LZ4_RAW,
            Self::Zstd => Compression::ZSTD(ZstdLevel::default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn option_beats_property_beats_session() {
        let resolve = |o, p, s| Codec::resolve(o, p, s).unwrap();
        assert_eq!(
            resolve(Some("gzip"), Some("lz4"), Some("snappy")),
            Codec::Gzip
        );
        assert_eq!(resolve(None, Some("LZ4"), Some("snappy")), Codec::Lz4Raw);
        assert_eq!(resolve(None, None, Some("snappy")), Codec::Snappy);
        assert_eq!(resolve(None, None, None), Codec::Zstd);
    }

    #[test]
    fn unknown_codecs_are_refused_with_their_source() {
        let error = Codec::resolve(None, Some("lzo"), None).unwrap_err();
        assert!(error.message.contains("'lzo'") && error.message.contains("table property"));
    }
}
