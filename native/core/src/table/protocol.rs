//! A table's protocol and how it grows (Delta protocol, "Protocol Evolution", "Table Features").

use std::collections::BTreeSet;

use delta_kernel::actions::Protocol as KernelProtocol;
use serde_json::{Value, json};

use crate::error::{Error, Result};

/// Features that readers must know too, with column mapping the only one that an old reader version
/// stands for.
const READERS: &[&str] = &[
    "catalogManaged",
    "columnMapping",
    "deletionVectors",
    "timestampNtz",
    "typeWidening",
    "typeWidening-preview",
    "v2Checkpoint",
    "vacuumProtocolCheck",
    "variantShredding",
    "variantShredding-preview",
    "variantType",
    "variantType-preview",
];

/// Features a table may be given by name (`delta.feature.<name>`), and the features they need.
const SUPPORTABLE: &[(&str, Option<&str>)] = &[
    ("allowColumnDefaults", None),
    ("appendOnly", None),
    ("changeDataFeed", None),
    ("checkConstraints", None),
    ("clustering", Some("domainMetadata")),
    ("columnMapping", None),
    ("deletionVectors", None),
    ("domainMetadata", None),
    ("generatedColumns", None),
    ("identityColumns", None),
    ("inCommitTimestamp", None),
    ("invariants", None),
    ("materializePartitionColumns", None),
    ("rowTracking", Some("domainMetadata")),
    ("timestampNtz", None),
    ("typeWidening", None),
    ("v2Checkpoint", None),
    ("vacuumProtocolCheck", None),
    ("variantType", None),
];

const FEATURES_READER: i32 = 3;
const FEATURES_WRITER: i32 = 7;

/// Versions and features.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protocol {
    reader: i32,
    writer: i32,
    /// Listed, or what the writer version stands for.
    features: BTreeSet<String>,
    /// Those of `features` that readers list; empty for reader versions 1 and 2.
    reader_features: BTreeSet<String>,
}

impl Protocol {
    pub fn of(protocol: &KernelProtocol) -> Self {
        let names = |features: Option<&[delta_kernel::table_features::TableFeature]>| {
            let features = features.unwrap_or_default().iter();
            features
                .map(|f| f.as_ref().to_owned())
                .collect::<BTreeSet<_>>()
        };
        let mut features = names(protocol.writer_features());
        if protocol.writer_features().is_none() {
            features.extend(implied_set(protocol.min_writer_version()));
            // Readers of version 1 read no mapped columns, whatever the writer version stands for.
            if protocol.min_reader_version() == 1 {
                features.remove("columnMapping");
            }
        }
        Self {
            reader: protocol.min_reader_version(),
            writer: protocol.min_writer_version(),
            features,
            reader_features: names(protocol.reader_features()),
        }
    }

    /// Of a protocol action.
    pub fn read(action: &Value) -> Result<Self> {
        let protocol: KernelProtocol = serde_json::from_value(action.clone())
            .map_err(|e| Error::internal("Cannot read a protocol action").caused_by(e))?;
        Ok(Self::of(&protocol))
    }

    /// The name of the feature that a property in any case asks for; none if no table is given it.
    pub fn supportable(folded: &str) -> Option<&'static str> {
        SUPPORTABLE
            .iter()
            .map(|(name, _)| *name)
            .find(|name| name.to_lowercase() == folded)
    }

    pub fn supports(&self, feature: &str) -> bool {
        self.features.contains(feature)
    }

    /// All features, sorted.
    pub fn features(&self) -> impl Iterator<Item = &str> {
        self.features.iter().map(String::as_str)
    }

    /// Adds a feature and what it needs, and raises the versions as far as that takes.
    pub fn support(&mut self, feature: &str) {
        let needs = SUPPORTABLE.iter().find(|(name, _)| *name == feature);
        if let Some((_, Some(needed))) = needs {
            self.support(needed);
        }
        if self.features.insert(feature.to_owned()) {
            self.settle();
        }
    }

    /// Adds what a writer version below 7 stands for.
    pub fn support_version(&mut self, writer: i32) {
        self.features.extend(implied_set(writer));
        self.settle();
    }

    /// The lowest versions that hold all features.
    fn settle(&mut self) {
        let old = self.writer..FEATURES_WRITER;
        self.writer = FEATURES_WRITER;
        self.settle_readers();
        // What an old version stands for is not listed, unless the table has a list already.
        let is_mapped = self.reader > 1;
        let mut old = old.filter(|version| {
            let mut implied = implied_set(*version);
            if !is_mapped {
                implied.remove("columnMapping");
            }
            self.features == implied
        });
        if self.reader < FEATURES_READER
            && let Some(version) = old.next()
        {
            self.writer = version;
        }
    }

    /// An old version in place of lists, where it stands for all features there are and no more than is common: what knows no
    /// lists can use the table then.
    pub fn unlisted(self) -> Self {
        const READER: i32 = 1;
        // Those of writer version 2 are every table's, and 3 adds CHECK constraints alone.
        let writer = (2..=3).find(|writer| self.features.is_subset(&implied_set(*writer)));
        match writer {
            None => self,
            Some(writer) => Self {
                reader: READER,
                writer,
                features: implied_set(writer),
                reader_features: BTreeSet::new(),
            },
        }
    }

    /// The same with table features, and without these.
    pub fn without(mut self, features: &[&str]) -> Self {
        self.features
            .retain(|feature| !features.contains(&feature.as_str()));
        self.list_features(false);
        self
    }

    /// With the features of the other too, and no version higher than they need.
    pub fn union(mut self, other: &Self) -> Self {
        if !other.features.is_subset(&self.features) {
            self.features.extend(other.features.iter().cloned());
            self.settle();
        }
        self
    }

    /// Moves to table features without a new one.
    pub fn list_features(&mut self, readers_too: bool) {
        self.writer = FEATURES_WRITER;
        if readers_too {
            self.reader = FEATURES_READER;
        }
        self.settle_readers();
    }

    pub fn versions(&self) -> (i32, i32) {
        (self.reader, self.writer)
    }

    fn settle_readers(&mut self) {
        let read: BTreeSet<_> = self
            .features
            .iter()
            .filter(|feature| READERS.contains(&feature.as_str()))
            .cloned()
            .collect();
        if read.iter().any(|feature| feature != "columnMapping") {
            self.reader = FEATURES_READER;
        } else if !read.is_empty() {
            self.reader = self.reader.max(2);
        }
        if self.reader == FEATURES_READER {
            self.reader_features.extend(read);
        }
    }

    /// The action.
    pub fn action(&self) -> Value {
        let mut protocol = json!({
            "minReaderVersion": self.reader,
            "minWriterVersion": self.writer,
        });
        if self.reader == FEATURES_READER {
            protocol["readerFeatures"] = json!(self.reader_features);
        }
        if self.writer == FEATURES_WRITER {
            protocol["writerFeatures"] = json!(self.features);
        }
        protocol
    }
}

fn implied_set(writer: i32) -> BTreeSet<String> {
    implied(writer).map(str::to_owned).collect()
}

/// What a writer version below 7 stands for.
fn implied(writer: i32) -> impl Iterator<Item = &'static str> {
    const SINCE: [(i32, &str); 7] = [
        (2, "appendOnly"),
        (2, "invariants"),
        (3, "checkConstraints"),
        (4, "changeDataFeed"),
        (4, "generatedColumns"),
        (5, "columnMapping"),
        (6, "identityColumns"),
    ];
    SINCE
        .into_iter()
        .filter(move |(since, _)| writer < FEATURES_WRITER && writer >= *since)
        .map(|(_, feature)| feature)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn legacy(reader: i32, writer: i32) -> Protocol {
        let versions = json!({"minReaderVersion": reader, "minWriterVersion": writer});
        Protocol::read(&versions).unwrap()
    }

    #[test]
    fn column_mapping_raises_the_version_of_readers() {
        for writer in [5, 6] {
            let mut altered = legacy(1, writer);
            assert!(!altered.supports("columnMapping"));
            altered.support("columnMapping");
            assert_eq!(altered, legacy(2, writer));
            let mut mapped = legacy(1, 2);
            mapped.support("columnMapping");
            assert_eq!(legacy(1, writer).union(&mapped), legacy(2, writer));
        }
        let mut older = legacy(1, 5);
        older.support("identityColumns");
        assert_eq!(older, legacy(1, 6));
    }

    #[test]
    fn a_writer_feature_leaves_readers_alone() {
        let mut protocol = legacy(1, 2);
        protocol.support("appendOnly");
        assert_eq!(protocol, legacy(1, 2));
        protocol.support("clustering");
        assert_eq!(
            protocol.action(),
            json!({"minReaderVersion": 1, "minWriterVersion": 7,
                "writerFeatures": ["appendOnly", "clustering", "domainMetadata", "invariants"]})
        );
    }

    #[test]
    fn features_of_an_old_version_are_not_listed() {
        let mut protocol = legacy(1, 2);
        protocol.support("checkConstraints");
        assert_eq!(protocol, legacy(1, 3));
        protocol.support("deletionVectors");
        assert_eq!(protocol.versions(), (3, 7));
        let mut listed = legacy(1, 2);
        listed.list_features(false);
        listed.support("checkConstraints");
        assert_eq!(listed.versions(), (1, 7));
    }

    #[test]
    fn lists_of_what_old_versions_stand_for_are_left_out() {
        let mut listed = legacy(1, 1);
        listed.list_features(true);
        assert_eq!(listed.versions(), (3, 7));
        assert_eq!(listed.clone().unlisted(), legacy(1, 2));
        listed.support("invariants");
        assert_eq!(listed.clone().unlisted(), legacy(1, 2));
        listed.support("checkConstraints");
        assert_eq!(listed.clone().unlisted(), legacy(1, 3));
        listed.support("timestampNtz");
        assert_eq!(listed.clone().unlisted(), listed);
    }

    #[test]
    fn column_mapping_is_listed_for_readers_once_they_have_a_list() {
        let mut protocol = legacy(1, 2);
        protocol.support("columnMapping");
        assert_eq!(protocol.versions(), (2, 7));
        assert!(protocol.action().get("readerFeatures").is_none());
        protocol.support("deletionVectors");
        assert_eq!(
            protocol.action()["readerFeatures"],
            json!(["columnMapping", "deletionVectors"])
        );
    }

    #[test]
    fn features_are_left_out_of_legacy_versions() {
        let refused = ["checkConstraints", "generatedColumns", "identityColumns"];
        assert_eq!(
            legacy(1, 6).without(&refused).action(),
            json!({"minReaderVersion": 1, "minWriterVersion": 7,
                "writerFeatures": ["appendOnly", "changeDataFeed", "invariants"]})
        );
        assert_eq!(
            legacy(2, 5).without(&refused).action(),
            json!({"minReaderVersion": 2, "minWriterVersion": 7, "writerFeatures":
                ["appendOnly", "changeDataFeed", "columnMapping", "invariants"]})
        );
    }

    #[test]
    fn a_union_lists_only_what_it_must() {
        assert_eq!(legacy(1, 1).union(&legacy(1, 2)), legacy(1, 2));
        let mut modern = legacy(1, 2);
        modern.support("deletionVectors");
        let both = legacy(1, 2).union(&modern);
        assert_eq!(both, modern);
        let mut empty = legacy(1, 2);
        empty.list_features(true);
        assert_eq!(legacy(1, 2).union(&empty), legacy(1, 2));
    }
}
