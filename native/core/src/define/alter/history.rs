//! What a table's history says about an ALTER TABLE: Delta's names of operations and parameters.

use serde_json::{Map, Value, json};

use super::change::{Change, Position};
use super::columns;
use super::fields;
use super::state::TableState;
use super::types::CHAR_VARCHAR;
use crate::log::actions::Operation;
use crate::table::properties::canonical;

/// The operation that the changes together are.
pub(super) fn operation(changes: &[Change], before: &TableState, after: &TableState) -> Operation {
    let all = |is: fn(&Change) -> bool| changes.iter().all(is);
    let any = |is: fn(&Change) -> bool| changes.iter().any(is);
    let is_set = |c: &Change| matches!(c, Change::SetProperty { .. });
    let is_unset = |c: &Change| matches!(c, Change::UnsetProperty { .. });
    let is_add = |c: &Change| matches!(c, Change::AddColumn { .. });
    let is_drop = |c: &Change| matches!(c, Change::DropColumn { .. });
    match changes {
        [Change::RenameColumn { path, to }] => Operation::new("RENAME COLUMN")
            .with("oldColumnPath", path.join("."))
            .with("newColumnPath", renamed(path, to)),
        [Change::ClusterBy { columns }] => Operation::new("CLUSTER BY")
            .with("oldClusteringColumns", names(&before.clustering_names()))
            .with("newClusteringColumns", names(columns)),
        [Change::AddConstraint { name, expression }] => Operation::new("ADD CONSTRAINT")
            .with("name", name.as_str())
            .with("expr", expression.as_str()),
        [Change::DropConstraint { name, .. }] => match before.constraint(name) {
            Some(expression) => Operation::new("DROP CONSTRAINT")
                .with("name", name.as_str())
                .with("expr", expression)
                .with("existed", "true"),
            None => Operation::new("DROP CONSTRAINT")
                .with("name", name.as_str())
                .with("existed", "false"),
        },
        _ if all(is_set) => {
            Operation::new("SET TBLPROPERTIES").with_json("properties", &set(changes))
        }
        _ if all(is_unset) => Operation::new("UNSET TBLPROPERTIES")
            .with_json("properties", &unset(changes))
            .with("ifExists", true),
        _ if all(is_add) => Operation::new("ADD COLUMNS").with_json("columns", &added(changes)),
        _ if all(is_drop) => Operation::new("DROP COLUMNS").with_json("columns", &dropped(changes)),
        _ if any(is_drop) && any(is_add) => {
            Operation::new("REPLACE COLUMNS").with_json("columns", &replaced(changes))
        }
        _ => changed(changes, after),
    }
}

fn renamed(path: &[String], to: &str) -> String {
    let parent = &path[..path.len().saturating_sub(1)];
    [parent, &[to.to_owned()]].concat().join(".")
}

fn names(columns: &[Vec<String>]) -> String {
    let names: Vec<String> = columns.iter().map(|path| path.join(".")).collect();
    names.join(",")
}

fn set(changes: &[Change]) -> Value {
    let pairs = changes.iter().filter_map(|change| match change {
        Change::SetProperty { key, value } => Some((canonical(key), value.clone().into())),
        _ => None,
    });
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn unset(changes: &[Change]) -> Value {
    let keys = changes.iter().filter_map(|change| match change {
        Change::UnsetProperty { key } => Some(canonical(key)),
        _ => None,
    });
    keys.collect::<Vec<_>>().into()
}

fn dropped(changes: &[Change]) -> Value {
    let paths = changes.iter().filter_map(|change| match change {
        Change::DropColumn { path, .. } => Some(path.join(".")),
        _ => None,
    });
    paths.collect::<Vec<_>>().into()
}

/// As the statement names them.
fn replaced(changes: &[Change]) -> Value {
    let columns = changes.iter().filter_map(|change| match change {
        Change::AddColumn { field, .. } => {
            Some(as_typed(named(&[fields::name(field).to_owned()], field)))
        }
        _ => None,
    });
    columns.collect::<Vec<_>>().into()
}

fn added(changes: &[Change]) -> Value {
    let columns = changes.iter().filter_map(|change| match change {
        Change::AddColumn {
            parent,
            field,
            position,
        } => {
            let path = [parent.as_slice(), &[fields::name(field).to_owned()]].concat();
            let mut entry = json!({ "column": as_typed(named(&path, field)) });
            if let Some(position) = position {
                entry["position"] = position.to_string().into();
            }
            Some(entry)
        }
        _ => None,
    });
    columns.collect::<Vec<_>>().into()
}

/// A new char or varchar column is shown with the type that the user gave it.
fn as_typed(mut column: Value) -> Value {
    let chars = fields::metadata_mut(&mut column).and_then(|m| m.remove(CHAR_VARCHAR));
    if let Some(chars) = chars.filter(|_| column["type"] == "string") {
        column["type"] = chars;
    }
    column
}

/// A field under its full name and the name of its type.
fn named(path: &[String], field: &Value) -> Value {
    let mut named = columns::shown(field);
    named["name"] = path.join(".").into();
    named["type"] = fields::kind(&field["type"]).into();
    named
}

/// ALTER COLUMN, of one column or several; any other mixture is just an ALTER TABLE.
fn changed(changes: &[Change], after: &TableState) -> Operation {
    let paths: Option<Vec<&[String]>> = changes.iter().map(Change::altered_column).collect();
    let Some(mut paths) = paths else {
        return Operation::new("ALTER TABLE");
    };
    paths.dedup();
    let described = |path: &[String]| {
        let field = fields::field_at(&after.schema, path);
        // An array's element, a map's key or value: a type without a field of its own.
        let inner = fields::type_at(&after.schema, path)
            .map(|inner| json!({"type": inner, "nullable": true, "metadata": {}}));
        field
            .or(inner.as_ref())
            .map_or(Value::Null, |field| named(path, field))
    };
    if let [path] = paths.as_slice() {
        let position = changes.iter().find_map(|change| match change {
            Change::MoveColumn { position, .. } => Some(Position::to_string(position)),
            _ => None,
        });
        let operation = Operation::new("CHANGE COLUMN").with_json("column", &described(path));
        return match position {
            Some(position) => operation.with("position", position),
            None => operation,
        };
    }
    let columns: Vec<Value> = paths.into_iter().map(described).collect();
    Operation::new("CHANGE COLUMNS").with_json("columns", &json!(columns))
}

impl TableState {
    /// Logical paths of the clustering columns.
    fn clustering_names(&self) -> Vec<Vec<String>> {
        let physical = self.clustering.clone().unwrap_or_default();
        physical
            .iter()
            .map(|path| self.logical_path(path))
            .collect()
    }
}
