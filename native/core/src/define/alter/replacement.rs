//! REPLACE COLUMNS, which Spark sends as dropping all columns and adding the new ones. As in Delta, a
//! column whose name is among the new ones is kept, with its values.

use serde_json::{Value, json};

use super::change::Change;
use super::fields;
use super::state::TableState;
use super::types::CHAR_VARCHAR;
use crate::error::{Error, Result};

const UNSUPPORTED: &str = "DELTA_UNSUPPORTED_ALTER_TABLE_REPLACE_COL_OP";

/// A kept column whose type may have to change: its path, and a field of the new type.
type Retyped = Vec<(Vec<String>, Value)>;

impl TableState {
    /// The new columns, if the changes replace all there are.
    pub(super) fn replacement(&self, changes: &[Change]) -> Option<Vec<Value>> {
        let (mut dropped, mut added) = (Vec::new(), Vec::new());
        for change in changes {
            match change {
                Change::DropColumn { path, .. } => dropped.push(path.as_slice()),
                Change::AddColumn {
                    parent,
                    field,
                    position: None,
                } if parent.is_empty() => added.push(field.clone()),
                _ => return None,
            }
        }
        let is_dropped = |field| dropped.contains(&[fields::name(field).to_owned()].as_slice());
        let all = fields::fields(&self.schema)?.iter().all(is_dropped);
        (all && !added.is_empty()).then_some(added)
    }

    /// Gives the table these columns in this order.
    ///
    /// Errors: InvalidInput (`DELTA_UNSUPPORTED_ALTER_TABLE_REPLACE_COL_OP`) if a column would be dropped
    /// without column mapping, or cannot get the type or nullability.
    pub(super) fn replace_columns(&mut self, new: &[Value]) -> Result<()> {
        let unsupported = |e: Error| match e.class.as_ref() {
            "DELTA_UNSUPPORTED_DROP_COLUMN" | "DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP" => {
                e.class(UNSUPPORTED)
            }
            _ => e,
        };
        self.refuse_iceberg("replace columns")?;
        self.check_names_differ(new)?;
        let wanted = json!({"type": "struct", "fields": new});
        for path in &self.gone(&self.schema, &wanted, &[])? {
            self.drop_column(path, false).map_err(unsupported)?;
        }
        let mut retyped = Retyped::new();
        self.schema = self.merged(&self.schema, &wanted, &mut Vec::new(), &mut retyped)?;
        for (path, field) in &retyped {
            self.set_type(path, field).map_err(unsupported)?;
        }
        Ok(())
    }

    fn check_names_differ(&self, new: &[Value]) -> Result<()> {
        for (index, field) in new.iter().enumerate() {
            if fields::position(&new[..index], fields::name(field)).is_some() {
                return Err(self.taken(&[fields::name(field).to_owned()]));
            }
        }
        Ok(())
    }

    /// The new type, with what there is of it kept as it is: names, metadata, and the types of primitive
    /// columns, which `retyped` gets where they differ.
    fn merged(
        &self,
        old: &Value,
        new: &Value,
        path: &mut Vec<String>,
        retyped: &mut Retyped,
    ) -> Result<Value> {
        if fields::kind(old) != fields::kind(new) || old.is_string() {
            if old != new {
                retyped.push((path.clone(), json!({"type": new, "metadata": {}})));
            }
            return Ok(old.clone());
        }
        let mut merged = old.clone();
        if let (Some(before), Some(after)) = (fields::fields(old), fields::fields(new)) {
            let fields = after
                .iter()
                .map(|field| self.merged_field(before, field, path, retyped))
                .collect::<Result<Vec<_>>>()?;
            merged["fields"] = fields.into();
        }
        for (part, key, may_be_null) in [
            ("element", "elementType", "containsNull"),
            ("key", "keyType", ""),
            ("value", "valueType", "valueContainsNull"),
        ] {
            if let (Some(before), Some(after)) = (old.get(key), new.get(key)) {
                path.push(part.to_owned());
                merged[key] = self.merged(before, after, path, retyped)?;
                if !may_be_null.is_empty() {
                    merged[may_be_null] =
                        self.loosened(&old[may_be_null], &new[may_be_null], path)?;
                }
                path.pop();
            }
        }
        Ok(merged)
    }

    fn merged_field(
        &self,
        siblings: &[Value],
        new: &Value,
        path: &mut Vec<String>,
        retyped: &mut Retyped,
    ) -> Result<Value> {
        let Some(index) = fields::position(siblings, fields::name(new)) else {
            let added = [path.as_slice(), &[fields::name(new).to_owned()]].concat();
            self.check_new_field(&added, new)?;
            return Ok(new.clone());
        };
        let old = &siblings[index];
        path.push(fields::name(old).to_owned());
        let mut merged = old.clone();
        merged["nullable"] = self.loosened(&old["nullable"], &new["nullable"], path)?;
        if let Some(comment) = new["metadata"].get("comment")
            && let Some(metadata) = fields::metadata_mut(&mut merged)
        {
            metadata.insert("comment".into(), comment.clone());
        }
        if old["metadata"].get(CHAR_VARCHAR) == new["metadata"].get(CHAR_VARCHAR) {
            merged["type"] = self.merged(&old["type"], &new["type"], path, retyped)?;
        } else {
            retyped.push((path.clone(), new.clone()));
        }
        path.pop();
        Ok(merged)
    }

    /// Whether a value may be null from now on.
    fn loosened(&self, old: &Value, new: &Value, path: &[String]) -> Result<Value> {
        if old != &json!(false) && new == &json!(false) {
            return Err(self.refuse(
                UNSUPPORTED,
                format!(
                    "column '{}' is nullable and cannot become NOT NULL: rows there are may be null; \
                     leave NOT NULL out",
                    path.join(".")
                ),
            ));
        }
        Ok(new.clone())
    }

    /// Paths of the fields that the new type has no more.
    ///
    /// Errors: InvalidInput if fields come and go in one struct: whether one is another's new name, nobody can tell.
    fn gone(&self, old: &Value, new: &Value, path: &[String]) -> Result<Vec<Vec<String>>> {
        let mut gone = Vec::new();
        let below = |name: &str| [path, &[name.to_owned()]].concat();
        if let (Some(before), Some(after)) = (fields::fields(old), fields::fields(new)) {
            for field in before {
                let name = fields::name(field);
                match fields::position(after, name) {
                    None => gone.push(below(name)),
                    Some(index) => {
                        let inner =
                            self.gone(&field["type"], &after[index]["type"], &below(name))?;
                        gone.extend(inner);
                    }
                }
            }
            let is_new = |field: &&Value| fields::position(before, fields::name(field)).is_none();
            let lost = gone.iter().find(|lost| lost.len() == path.len() + 1);
            if let (Some(lost), Some(new)) = (lost, after.iter().find(is_new)) {
                return Err(self.ambiguous(lost, fields::name(new)));
            }
        }
        for (part, key) in [
            ("element", "elementType"),
            ("key", "keyType"),
            ("value", "valueType"),
        ] {
            if let (Some(before), Some(after)) = (old.get(key), new.get(key)) {
                gone.extend(self.gone(before, after, &below(part))?);
            }
        }
        Ok(gone)
    }

    fn ambiguous(&self, lost: &[String], new: &str) -> Error {
        let lost = lost.join(".");
        self.refuse(
            UNSUPPORTED,
            format!(
                "column '{lost}' is to go and '{new}' to come, which may mean a new name for it; use ALTER \
                 TABLE {} RENAME COLUMN, or DROP COLUMN and ADD COLUMN",
                self.table
            ),
        )
    }
}
