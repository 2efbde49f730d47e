//! What the first commit of a table needs beside what the kernel writes: comment, further table properties, features,
//! column defaults.

use serde_json::{Map, Value, json};

use super::definition::TableDefinition;
use super::lines::{broken_action, joined};
use super::properties::{DEFAULTS_FEATURE, Properties, is_passed_over_by_kernel};
use super::replace::Replaced;
use crate::clock::now_millis;
use crate::error::Result;
use crate::log::committer::Edit;
use crate::table::properties::{self, Meaning};
use crate::table::protocol::Protocol;

/// Completes the actions of a first commit.
pub struct Completion {
    pub definition: TableDefinition,
    pub properties: Properties,
    /// Whether columns have defaults, which takes a writer feature.
    pub defaults: bool,
    pub operation: String,
    pub replaced: Option<Replaced>,
}

impl Completion {
    /// As the committer takes it.
    pub fn into_edit(self) -> Edit {
        Box::new(move |commit| self.complete_commit(&commit))
    }

    /// Data files are most of a commit and stay as they are.
    fn complete_commit(&self, commit: &[u8]) -> Result<Vec<u8>> {
        let is_file = |line: &&[u8]| line.starts_with(b"{\"add\"");
        let lines = commit
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        let (files, others): (Vec<&[u8]>, Vec<&[u8]>) = lines.partition(is_file);
        let mut actions = others
            .into_iter()
            .map(serde_json::from_slice)
            .collect::<Result<Vec<Value>, _>>()
            .map_err(broken_action)?;
        for action in &mut actions {
            self.complete(action)?;
        }
        let files = match &self.replaced {
            Some(replaced) => replaced.rebase(&mut actions, &files)?,
            None => joined(&files),
        };
        let mut out = Vec::with_capacity(files.len() + 4096);
        for action in &actions {
            serde_json::to_writer(&mut out, action).map_err(broken_action)?;
            out.push(b'\n');
        }
        out.extend_from_slice(&files);
        Ok(out)
    }

    fn complete(&self, action: &mut Value) -> Result<()> {
        if let Some(metadata) = action.get_mut("metaData").and_then(Value::as_object_mut) {
            self.complete_metadata(metadata);
        }
        if self.defaults {
            add_writer_feature(action, "allowColumnDefaults");
        }
        if let Some(protocol) = action.get_mut("protocol") {
            let mut wanted = Protocol::read(protocol)?;
            self.passed_over()
                .for_each(|feature| wanted.support(feature));
            if !self.definition.constraints.is_empty() {
                wanted.support("checkConstraints");
            }
            let is_listed = self.replaced.is_some() || self.asks_for_protocol();
            *protocol = if is_listed { wanted } else { wanted.unlisted() }.action();
        }
        if let Some(txn) = action.get_mut("txn").and_then(Value::as_object_mut) {
            txn.insert("lastUpdated".into(), now_millis().into());
        }
        if let Some(info) = action.get_mut("commitInfo").and_then(Value::as_object_mut) {
            if self.replaced.is_none() {
                set_time(info);
            }
            info.insert("operation".into(), self.operation.clone().into());
            info.insert("operationParameters".into(), self.parameters());
        }
        Ok(())
    }

    fn passed_over(&self) -> impl Iterator<Item = &'static str> {
        let keys = self.definition.properties.keys();
        keys.filter_map(|key| match properties::meaning(key) {
            Meaning::Feature(folded) if is_passed_over_by_kernel(&folded) => {
                Protocol::supportable(&folded)
            }
            _ => None,
        })
    }

    /// Whether the definition asks for features, or for versions above those it has anyway; the kernel's lists
    /// then stay.
    fn asks_for_protocol(&self) -> bool {
        let mut given = self.definition.properties.iter();
        given.any(|(key, value)| match properties::meaning(key) {
            Meaning::Feature(_) => true,
            Meaning::ProtocolVersion => {
                let reader = key.eq_ignore_ascii_case("delta.minReaderVersion");
                let oldest = match (reader, self.definition.constraints.is_empty()) {
                    (true, _) => 1,
                    (false, true) => 2,
                    (false, false) => 3,
                };
                value.parse::<u32>().is_ok_and(|version| version > oldest)
            }
            _ => false,
        })
    }

    /// As delta-spark records the definition of a table.
    fn parameters(&self) -> Value {
        let definition = &self.definition;
        let clusters = definition.clustering_columns.iter();
        let clusters: Vec<String> = clusters.map(|path| path.join(".")).collect();
        json!({
            "isManaged": definition.managed.to_string(),
            "description": definition.description,
            "partitionBy": json!(definition.partition_columns).to_string(),
            "clusterBy": json!(clusters).to_string(),
            "properties": json!(definition.properties).to_string(),
        })
    }

    fn complete_metadata(&self, metadata: &mut Map<String, Value>) {
        if let Some(description) = &self.definition.description {
            metadata.insert("description".into(), description.clone().into());
        }
        let configuration = metadata
            .entry("configuration")
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(configuration) = configuration.as_object_mut() {
            for (key, value) in self
                .properties
                .iter()
                .filter(|(key, _)| key != DEFAULTS_FEATURE)
            {
                configuration.insert(key.clone(), value.clone().into());
            }
        }
    }
}

/// The kernel's transaction of a new table has the time of its beginning, before the rows were written (Delta protocol,
/// "In-Commit Timestamps": that of the commit).
fn set_time(info: &mut Map<String, Value>) {
    let now = now_millis();
    for key in ["timestamp", "inCommitTimestamp"] {
        if let Some(time) = info.get_mut(key) {
            *time = now.into();
        }
    }
}

fn add_writer_feature(action: &mut Value, feature: &str) {
    let features = action
        .get_mut("protocol")
        .and_then(|protocol| protocol.get_mut("writerFeatures"))
        .and_then(Value::as_array_mut);
    if let Some(features) = features
        && !features.iter().any(|known| known == feature)
    {
        features.push(feature.into());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_first_commit_is_completed() {
        let completion = Completion {
            properties: vec![("delta.isolationLevel".into(), "Serializable".into())],
            definition: TableDefinition {
                schema: String::new(),
                partition_columns: vec!["p".into()],
                clustering_columns: Vec::new(),
                properties: BTreeMap::new(),
                constraints: BTreeMap::from([("c".into(), "p > 0".into())]),
                description: Some("a comment".into()),
                managed: true,
            },
            defaults: true,
            operation: "CREATE TABLE AS SELECT".into(),
            replaced: None,
        };
        let edit = completion.into_edit();
        let commit = b"{\"commitInfo\":{}}\n{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[],\"writerFeatures\":[]}}\n{\"metaData\":{\"configuration\":{\"a\":\"b\"}}}\n";
        let text = String::from_utf8(edit(commit.to_vec()).unwrap()).unwrap();
        assert!(
            text.contains("\"writerFeatures\":[\"allowColumnDefaults\",\"checkConstraints\"]"),
            "{text}"
        );
        assert!(text.contains("\"description\":\"a comment\""), "{text}");
        assert!(
            text.contains("\"delta.isolationLevel\":\"Serializable\""),
            "{text}"
        );
        assert!(
            text.contains("\"operation\":\"CREATE TABLE AS SELECT\"")
                && text.contains(r#""partitionBy":"[\"p\"]""#),
            "{text}"
        );
        assert!(
            text.contains("\"a\":\"b\"") && text.lines().count() == 3,
            "{text}"
        );
    }
}
