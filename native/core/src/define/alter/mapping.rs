//! Column mapping (Delta protocol, "Column Mapping"): ids and physical names of fields.

use serde_json::Value;
use uuid::Uuid;

use super::fields;
use super::state::TableState;
use crate::error::Result;
use crate::table::column_mapping::{ID, PHYSICAL_NAME};

const MODE: &str = "delta.columnMapping.mode";
const MAX_ID: &str = "delta.columnMapping.maxColumnId";

/// How a field that has no physical name yet gets one.
#[derive(Clone, Copy)]
enum Naming {
    /// Files hold the field under its logical name already.
    AsIs,
    /// No file holds the field.
    Fresh,
}

impl TableState {
    pub(super) fn is_mapped(&self) -> bool {
        matches!(self.property(MODE), Some("name" | "id"))
    }

    /// Changes the mapping mode, which is possible once: from none to name.
    ///
    /// Errors: InvalidInput (`DELTA_UNSUPPORTED_COLUMN_MAPPING_MODE_CHANGE`) for another change.
    pub(super) fn set_mapping_mode(&mut self, mode: &str) -> Result<()> {
        let current = self.property(MODE).unwrap_or("none").to_owned();
        match (current.as_str(), mode) {
            (now, wanted) if now == wanted => {}
            ("none", "name") => {
                self.protocol.support("columnMapping");
                self.map_new_fields(Naming::AsIs);
            }
            (now, wanted) => {
                return Err(self.refuse(
                    "DELTA_UNSUPPORTED_COLUMN_MAPPING_MODE_CHANGE",
                    format!(
                        "column mapping cannot change from '{now}' to '{wanted}'; only a table \
                         without column mapping can be changed, to 'name'"
                    ),
                ));
            }
        }
        self.put_property(MODE, mode);
        Ok(())
    }

    /// Gives fields that were added to a mapped table their ids and physical names.
    pub(super) fn map_added_fields(&mut self) {
        if self.is_mapped() {
            self.map_new_fields(Naming::Fresh);
        }
    }

    fn map_new_fields(&mut self, naming: Naming) {
        let mut last = self.last_id();
        fields::visit_mut(&mut self.schema, &mut |field| {
            let logical = fields::name(field).to_owned();
            let Some(metadata) = fields::metadata_mut(field) else {
                return;
            };
            if !metadata.contains_key(ID) {
                last += 1;
                metadata.insert(ID.into(), last.into());
            }
            metadata
                .entry(PHYSICAL_NAME)
                .or_insert_with(|| match naming {
                    Naming::AsIs => logical.into(),
                    Naming::Fresh => format!("col-{}", Uuid::new_v4()).into(),
                });
        });
        self.put_property(MAX_ID, &last.to_string());
    }

    /// Ids are never used twice, those of dropped columns neither.
    fn last_id(&self) -> i64 {
        let recorded = self.property(MAX_ID).and_then(|id| id.parse().ok());
        let mut last = recorded.unwrap_or(0);
        fields::visit(&self.schema, &mut |field| {
            let id = field.pointer("/metadata").and_then(|m| m.get(ID));
            last = last.max(id.and_then(Value::as_i64).unwrap_or(0));
        });
        last
    }

    /// The path by which files and the log know a column.
    pub(super) fn physical_path(&self, path: &[String]) -> Option<Vec<String>> {
        (1..=path.len())
            .map(|end| {
                let field = fields::field_at(&self.schema, &path[..end])?;
                let physical = field.get("metadata").and_then(|m| m.get(PHYSICAL_NAME));
                let physical = physical
                    .and_then(Value::as_str)
                    .filter(|_| self.is_mapped());
                Some(physical.unwrap_or(fields::name(field)).to_owned())
            })
            .collect()
    }

    /// The path by which users know the column of a physical path.
    pub(super) fn logical_path(&self, physical: &[String]) -> Vec<String> {
        let mut logical: Vec<String> = Vec::new();
        for part in physical {
            let siblings = fields::type_at(&self.schema, &logical).and_then(fields::fields);
            let named = siblings.into_iter().flatten().find(|field| {
                let own = field.get("metadata").and_then(|m| m.get(PHYSICAL_NAME));
                own.and_then(Value::as_str) == Some(part)
            });
            logical.push(named.map_or(part.as_str(), fields::name).to_owned());
        }
        logical
    }
}
