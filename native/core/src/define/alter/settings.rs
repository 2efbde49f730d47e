//! SET and UNSET TBLPROPERTIES, with the protocol upgrade that a property needs.

use super::fields;
use super::state::TableState;
use crate::error::{Error, ErrorKind, Result};
use crate::table::properties::{self, Meaning, canonical, is_true};
use crate::table::protocol::Protocol;
use crate::table::row_tracking;

/// Boolean properties that stand for a feature.
const SWITCHES: &[(&str, &str)] = &[
    ("delta.appendOnly", "appendOnly"),
    ("delta.enableChangeDataFeed", "changeDataFeed"),
    ("delta.enableDeletionVectors", "deletionVectors"),
    ("delta.enableInCommitTimestamps", "inCommitTimestamp"),
    (row_tracking::ENABLED, row_tracking::FEATURE),
    ("delta.enableTypeWidening", "typeWidening"),
];

/// The table would need nested ids beside the property.
const NEED_MORE: &[&str] = &["delta.enableIcebergCompatV2", "delta.enableIcebergCompatV3"];

const MAPPING_MODE: &str = "delta.columnMapping.mode";

/// Columns of the change data feed.
const FEED_COLUMNS: [&str; 3] = ["_change_type", "_commit_version", "_commit_timestamp"];

impl TableState {
    /// Sets one table property. `comment` is the description; `delta.feature.*` and protocol versions
    /// change the protocol and are not stored.
    ///
    /// Errors: InvalidInput for an unknown `delta.*` key or a value it cannot have; UnsupportedTable
    /// for what would make the table one we do not write.
    pub(super) fn set_property(&mut self, key: &str, value: &str) -> Result<()> {
        let doing = format!("alter table {}", self.table);
        match properties::meaning(key) {
            Meaning::Free if key == "comment" => self.set_description(Some(value)),
            Meaning::Free => self.put_property(key, value),
            Meaning::Unsupported(property) if is_internal(property.key) => {
                return Err(self.unsupported(key, "Delta itself keeps it"));
            }
            Meaning::Unsupported(property) => {
                property.check(&doing, value)?;
                self.put_property(property.key, value);
            }
            Meaning::Unknown => return Err(properties::unknown(&doing, key)),
            Meaning::Constraint => {
                return Err(self
                    .unsupported(key, "use ALTER TABLE … ADD CONSTRAINT")
                    .class("DELTA_ADD_CONSTRAINTS"));
            }
            Meaning::ProtocolVersion => self.raise_protocol(key, value)?,
            Meaning::Feature(feature) => self.set_feature(key, &feature, value)?,
            Meaning::Known(property) => {
                property.check(&doing, value)?;
                self.set_known(property.key, &property.recorded(value))?;
            }
        }
        Ok(())
    }

    fn set_known(&mut self, key: &str, value: &str) -> Result<()> {
        if key == MAPPING_MODE {
            return self.set_mapping_mode(value);
        }
        if NEED_MORE.contains(&key) && is_true(value) && !self.property(key).is_some_and(is_true) {
            return Err(self.unsupported(key, "its files would have to be changed as well"));
        }
        if key == "delta.checkpointPolicy" && value == "v2" {
            self.protocol.support("v2Checkpoint");
        }
        if let Some((_, feature)) = SWITCHES.iter().find(|(switch, _)| *switch == key)
            && is_true(value)
        {
            self.protocol.support(feature);
        }
        self.put_property(key, value);
        Ok(())
    }

    /// Errors: InvalidInput if the change data feed is on and a column has the name of one of its own.
    pub(super) fn check_feed(&self) -> Result<()> {
        let top = fields::fields(&self.schema)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let taken = FEED_COLUMNS
            .iter()
            .find(|name| fields::position(top, name).is_some());
        match taken {
            Some(column) if self.property("delta.enableChangeDataFeed").is_some_and(is_true) => {
                Err(self.refuse(
                    "RESERVED_CDC_COLUMNS_ON_WRITE",
                    format!("the change data feed has a column '{column}' of its own; rename the table's"),
                ))
            }
            _ => Ok(()),
        }
    }

    fn set_feature(&mut self, key: &str, folded: &str, value: &str) -> Result<()> {
        if !["supported", "enabled"].contains(&value.to_lowercase().as_str()) {
            return Err(self.refuse(
                "DELTA_UNSUPPORTED_FEATURE_STATUS",
                format!("table property '{key}' must be 'supported', not '{value}'"),
            ));
        }
        if folded == "clustering" && !self.protocol.supports("clustering") {
            return Err(self.refuse(
                "DELTA_ALTER_TABLE_SET_CLUSTERING_TABLE_FEATURE_NOT_ALLOWED",
                format!(
                    "table property '{key}' cannot be set; run ALTER TABLE {} CLUSTER BY instead",
                    self.table
                ),
            ));
        }
        let Some(feature) = Protocol::supportable(folded) else {
            return Err(Error::new(
                ErrorKind::UnsupportedTable,
                format!(
                    "Cannot alter table {}: the feature of table property '{key}' is unknown to \
                     Sluice or not written by it; use delta-spark",
                    self.table
                ),
            )
            .class("DELTA_UNSUPPORTED_FEATURES_IN_CONFIG"));
        };
        self.protocol.support(feature);
        Ok(())
    }

    /// Versions only rise. One below 7 stands for features, which are what the table gets; reader
    /// version 2 stands for one that writer version 5 brings.
    fn raise_protocol(&mut self, key: &str, value: &str) -> Result<()> {
        let is_reader = key.to_lowercase().ends_with("readerversion");
        let wanted = value.parse::<i32>().unwrap_or(0);
        let (reader, writer) = self.protocol.versions();
        let (now, highest) = if is_reader { (reader, 3) } else { (writer, 7) };
        if !(1..=highest).contains(&wanted) {
            return Err(self.refuse(
                "DELTA_INVALID_PROTOCOL_VERSION",
                format!("table property '{key}' must be 1 to {highest}, not '{value}'"),
            ));
        }
        if wanted <= now {
            return Ok(());
        }
        if is_reader && wanted == highest && writer < 7 {
            return Err(self.refuse(
                properties::READER_NEEDS_WRITER,
                properties::reader_needs_writer(key),
            ));
        }
        match wanted {
            _ if wanted == highest => self.protocol.list_features(is_reader),
            _ if is_reader => {}
            _ => self.protocol.support_version(wanted),
        }
        Ok(())
    }

    /// Removes one table property, if it is there.
    ///
    /// Errors: InvalidInput for column mapping, which cannot be taken back.
    pub(super) fn unset_property(&mut self, key: &str) -> Result<()> {
        match properties::meaning(key) {
            Meaning::Free if key == "comment" => self.set_description(None),
            Meaning::Known(property) if property.key == MAPPING_MODE && self.is_mapped() => {
                return self.set_mapping_mode("none");
            }
            Meaning::Known(property) => {
                self.configuration.remove(property.key);
            }
            Meaning::Feature(_) => {
                return Err(
                    self.unsupported(key, "use ALTER TABLE … DROP FEATURE with delta-spark")
                );
            }
            Meaning::Unknown | Meaning::Unsupported(_)
                if self.property(&canonical(key)).is_some() && is_internal(&canonical(key)) =>
            {
                return Err(self.unsupported(key, "Delta itself keeps it"));
            }
            Meaning::Unsupported(property) => {
                self.configuration.remove(property.key);
            }
            _ => {
                self.configuration.remove(key);
            }
        }
        Ok(())
    }

    fn unsupported(&self, key: &str, why: &str) -> Error {
        Error::new(
            ErrorKind::UnsupportedTable,
            format!(
                "Cannot alter table {}: table property '{key}' cannot be changed by Sluice; {why}",
                self.table
            ),
        )
        .class("DELTA_CANNOT_MODIFY_TABLE_PROPERTY")
    }
}

/// Whether Delta itself keeps the property.
fn is_internal(key: &str) -> bool {
    const PREFIXES: [&str; 3] = [
        "delta.columnMapping.",
        "delta.inCommitTimestamp",
        "delta.rowTracking.",
    ];
    PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}
