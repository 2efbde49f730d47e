//! The changes an ALTER TABLE can ask for, as the JVM side sends them (Spark's `TableChange`).

use serde::Deserialize;
use serde::de::Error as _;
use serde_json::Value;

use super::fields;
use super::state::TableState;
use crate::error::Result;
use crate::table::properties::asks_for_version;

/// One change. Paths are logical names; `element`, `key` and `value` step into arrays and maps.
#[derive(Debug, Clone, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Change {
    /// Sets a table property; `comment` is the table's description.
    SetProperty {
        key: String,
        value: String,
    },
    /// Removes a table property, if there is one.
    UnsetProperty {
        key: String,
    },
    /// Adds a field to the struct at `parent`, at its end without a position.
    AddColumn {
        parent: Vec<String>,
        #[serde(rename = "column", deserialize_with = "only_column")]
        field: Value,
        position: Option<Position>,
    },
    RenameColumn {
        path: Vec<String>,
        to: String,
    },
    DropColumn {
        path: Vec<String>,
        if_exists: bool,
    },
    /// Gives the column the type of `field`, whose name means nothing.
    SetType {
        path: Vec<String>,
        #[serde(rename = "column", deserialize_with = "only_column")]
        field: Value,
    },
    SetNullable {
        path: Vec<String>,
        nullable: bool,
    },
    SetComment {
        path: Vec<String>,
        comment: Option<String>,
    },
    MoveColumn {
        path: Vec<String>,
        position: Position,
    },
    /// An SQL expression, or none to drop the default.
    SetDefault {
        path: Vec<String>,
        default: Option<String>,
    },
    /// An SQL expression that is true for all rows of the table.
    AddConstraint {
        name: String,
        expression: String,
    },
    DropConstraint {
        name: String,
        if_exists: bool,
    },
    /// No columns: no clustering.
    ClusterBy {
        columns: Vec<Vec<String>>,
    },
}

/// Reads a column given as the Delta schema string of a table with that column alone.
fn only_column<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Value, D::Error> {
    let schema = String::deserialize(deserializer)?;
    let schema: Value = serde_json::from_str(&schema).map_err(D::Error::custom)?;
    let column = super::fields::fields(&schema).and_then(|fields| fields.first());
    column
        .cloned()
        .ok_or_else(|| D::Error::custom("a schema without a column"))
}

/// Where among its siblings a column goes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Position {
    First,
    After(String),
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::First => f.write_str("FIRST"),
            Self::After(column) => write!(f, "AFTER {column}"),
        }
    }
}

impl Change {
    /// The column that an ALTER COLUMN is about.
    pub(super) fn altered_column(&self) -> Option<&[String]> {
        match self {
            Self::SetType { path, .. }
            | Self::SetNullable { path, .. }
            | Self::SetComment { path, .. }
            | Self::MoveColumn { path, .. }
            | Self::SetDefault { path, .. } => Some(path),
            _ => None,
        }
    }
}

impl TableState {
    /// A column dropped and added again, by a request that does not replace all columns, would lose its
    /// values.
    ///
    /// Errors: InvalidInput naming the column.
    fn check_none_added_again(&self, changes: &[Change]) -> Result<()> {
        let dropped = |wanted: &[String]| {
            changes.iter().any(|change| {
                matches!(change, Change::DropColumn { path, .. }
                    if path.join(".").eq_ignore_ascii_case(&wanted.join(".")))
            })
        };
        for change in changes {
            if let Change::AddColumn { parent, field, .. } = change {
                let path = [parent.as_slice(), &[fields::name(field).to_owned()]].concat();
                if dropped(&path) {
                    return Err(self.refuse(
                        "DELTA_OPERATION_NOT_ALLOWED",
                        format!(
                            "column '{}' cannot be replaced, as its values would be lost; add, drop \
                             and alter columns one by one",
                            path.join(".")
                        ),
                    ));
                }
            }
        }
        Ok(())
    }

    /// Whether the change takes away what the table never had, for which Delta makes no commit.
    pub(super) fn has_nothing_of(&self, change: &Change) -> bool {
        let is_none = matches!(change, Change::ClusterBy { columns } if columns.is_empty());
        is_none && !self.protocol.supports("clustering")
    }

    /// Makes the changes of one statement.
    ///
    /// Errors: InvalidInput if Delta does not allow one.
    pub(super) fn apply_all(&mut self, changes: &[Change]) -> Result<()> {
        if let Some(columns) = self.replacement(changes) {
            return self.replace_columns(&columns);
        }
        self.check_none_added_again(changes)?;
        // Readers are given features once writers have them.
        let (last, first): (Vec<_>, Vec<_>) = changes.iter().partition(|change| {
            matches!(change, Change::SetProperty { key, value } if asks_for_version(key, value, "3"))
        });
        first
            .into_iter()
            .chain(last)
            .try_for_each(|change| self.apply(change))
    }

    /// Makes one change.
    ///
    /// Errors: InvalidInput if Delta does not allow it.
    fn apply(&mut self, change: &Change) -> Result<()> {
        match change {
            Change::SetProperty { key, value } => self.set_property(key, value),
            Change::UnsetProperty { key } => self.unset_property(key),
            Change::AddColumn {
                parent,
                field,
                position,
            } => self.add_column(parent, field, position.as_ref()),
            Change::RenameColumn { path, to } => self.rename_column(path, to),
            Change::DropColumn { path, if_exists } => self.drop_column(path, *if_exists),
            Change::SetType { path, field } => self.set_type(path, field),
            Change::SetNullable { path, nullable } => self.set_nullable(path, *nullable),
            Change::SetComment { path, comment } => self.set_comment(path, comment.as_deref()),
            Change::MoveColumn { path, position } => self.move_column(path, position),
            Change::SetDefault { path, default } => self.set_default(path, default.as_deref()),
            Change::AddConstraint { name, expression } => self.add_constraint(name, expression),
            Change::DropConstraint { name, if_exists } => self.drop_constraint(name, *if_exists),
            Change::ClusterBy { columns } => self.cluster_by(columns),
        }
    }
}
