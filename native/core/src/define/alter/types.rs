//! Which column types may become which (Delta protocol, "Type Widening"; without it, what Delta lets
//! ALTER TABLE change because files need not differ).

use serde_json::{Value, json};

use super::fields;
use super::state::TableState;
use crate::error::Result;
use crate::table::properties::is_true;

/// Metadata that remembers the length limit of a string column.
pub(super) const CHAR_VARCHAR: &str = "__CHAR_VARCHAR_TYPE_STRING";
const TYPE_CHANGES: &str = "delta.typeChanges";

impl TableState {
    /// Gives the column at `path` the type of `wanted` (a field of Delta schema JSON).
    ///
    /// Errors: InvalidInput if the column is missing, or its type cannot become that one.
    pub(super) fn set_type(&mut self, path: &[String], wanted: &Value) -> Result<()> {
        self.refuse_iceberg("change the type of a column")?;
        let old = fields::type_at(&self.schema, path)
            .ok_or_else(|| self.no_such_column(path))?
            .clone();
        let new = &wanted["type"];
        let chars = wanted["metadata"].get(CHAR_VARCHAR).cloned();
        // An element, key or value keeps its history with the field it lies in.
        let holder = (1..=path.len())
            .rev()
            .find(|end| fields::field_at(&self.schema, &path[..*end]).is_some())
            .ok_or_else(|| self.no_such_column(path))?;
        let old_chars = fields::field_at(&self.schema, &path[..holder])
            .and_then(|field| field["metadata"].get(CHAR_VARCHAR).cloned());
        if old == *new {
            if !may_hold(old_chars.as_ref(), chars.as_ref()) {
                return Err(self.wrong_type(
                    path,
                    describe(&old, &old_chars),
                    describe(new, &chars),
                ));
            }
        } else if old.as_str() != Some("void") {
            self.check_widening(path, &old, new)?;
            let change = match path[holder..].join(".").as_str() {
                "" => json!({"fromType": old, "toType": new}),
                inner => json!({"fromType": old, "toType": new, "fieldPath": inner}),
            };
            self.record(&path[..holder], change);
        }
        if let Some(at) = fields::type_at_mut(&mut self.schema, path) {
            *at = new.clone();
        }
        let field = fields::field_at_mut(&mut self.schema, &path[..holder]);
        if let Some(metadata) = field.and_then(fields::metadata_mut) {
            match chars {
                Some(chars) => metadata.insert(CHAR_VARCHAR.into(), chars),
                None => metadata.remove(CHAR_VARCHAR),
            };
        }
        Ok(())
    }

    fn record(&mut self, holder: &[String], change: Value) {
        let field = fields::field_at_mut(&mut self.schema, holder);
        let changes = field
            .and_then(fields::metadata_mut)
            .map(|metadata| metadata.entry(TYPE_CHANGES).or_insert_with(|| json!([])));
        if let Some(changes) = changes.and_then(Value::as_array_mut) {
            changes.push(change);
        }
    }

    fn check_widening(&self, path: &[String], old: &Value, new: &Value) -> Result<()> {
        let (Some(from), Some(to)) = (old.as_str(), new.as_str()) else {
            return Err(self.wrong_type(path, fields::kind(old).into(), fields::kind(new).into()));
        };
        if !widens(from, to) {
            return Err(self.wrong_type(path, from.into(), to.into()));
        }
        if !self
            .property("delta.enableTypeWidening")
            .is_some_and(is_true)
        {
            return Err(self.refuse(
                "DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP",
                format!(
                    "column '{}' can change from {from} to {to} only with type widening; run ALTER \
                     TABLE {} SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true') first",
                    path.join("."),
                    self.table
                ),
            ));
        }
        Ok(())
    }

    fn wrong_type(&self, path: &[String], from: String, to: String) -> crate::error::Error {
        self.refuse(
            "DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP",
            format!(
                "column '{}' cannot change from {from} to {to}: Delta has no such change; add a new \
                 column, or replace the table",
                path.join(".")
            ),
        )
    }
}

fn describe(data_type: &Value, chars: &Option<Value>) -> String {
    let chars = chars.as_ref().and_then(Value::as_str);
    chars.unwrap_or(fields::kind(data_type)).to_owned()
}

/// Whether every string that fits the one limit fits the other; no limit is plain string.
fn may_hold(old: Option<&Value>, new: Option<&Value>) -> bool {
    let parsed = |limit: Option<&Value>| {
        let text = limit.and_then(Value::as_str)?.to_owned();
        let (kind, rest) = text.split_once('(')?;
        let length: u64 = rest.strip_suffix(')')?.parse().ok()?;
        Some((kind.to_owned(), length))
    };
    match (old, new) {
        (_, None) => true,
        (old, new) if old == new => true,
        _ => match (parsed(old), parsed(new)) {
            (Some((_, from)), Some((kind, to))) => kind == "varchar" && to >= from,
            _ => false,
        },
    }
}

/// Whether type widening allows a change from the one primitive type to the other.
fn widens(from: &str, to: &str) -> bool {
    if let (Some(from), Some((precision, scale))) = (decimal(from), decimal(to)) {
        let (from_precision, from_scale) = from;
        return scale >= from_scale && precision - scale >= from_precision - from_scale;
    }
    let whole_digits = match from {
        "byte" | "short" | "integer" => 10,
        "long" => 20,
        _ => 0,
    };
    if let Some((precision, scale)) = decimal(to) {
        return whole_digits > 0 && precision - scale >= whole_digits;
    }
    matches!(
        (from, to),
        ("byte", "short" | "integer" | "long" | "double")
            | ("short", "integer" | "long" | "double")
            | ("integer", "long" | "double")
            | ("float", "double")
            | ("date", "timestamp_ntz")
    )
}

fn decimal(name: &str) -> Option<(i32, i32)> {
    let (precision, scale) = name
        .strip_prefix("decimal(")?
        .strip_suffix(')')?
        .split_once(',')?;
    Some((precision.trim().parse().ok()?, scale.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widening_follows_the_protocol() {
        for (from, to) in [
            ("byte", "long"),
            ("integer", "double"),
            ("float", "double"),
            ("date", "timestamp_ntz"),
            ("integer", "decimal(10,0)"),
            ("long", "decimal(22,2)"),
            ("decimal(10,2)", "decimal(12,4)"),
        ] {
            assert!(widens(from, to), "{from} to {to}");
        }
        for (from, to) in [
            ("long", "integer"),
            ("long", "double"),
            ("double", "float"),
            ("integer", "decimal(10,1)"),
            ("long", "decimal(20,1)"),
            ("decimal(10,2)", "decimal(11,4)"),
            ("string", "integer"),
            ("date", "timestamp"),
        ] {
            assert!(!widens(from, to), "{from} to {to}");
        }
    }

    #[test]
    fn limits_on_text_only_grow() {
        let (small, big, fixed) = (json!("varchar(5)"), json!("varchar(9)"), json!("char(5)"));
        assert!(may_hold(Some(&small), Some(&big)) && may_hold(Some(&small), None));
        assert!(may_hold(Some(&fixed), Some(&small)));
        assert!(!may_hold(Some(&big), Some(&small)) && !may_hold(None, Some(&small)));
    }
}
