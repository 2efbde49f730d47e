//! ADD, RENAME, DROP and ALTER COLUMN, as far as they do not change a type.

use serde_json::{Value, json};

use super::change::Position;
use super::fields;
use super::state::TableState;
use crate::error::{Error, ErrorKind, Result};
use crate::table::column_mapping::{ID, PHYSICAL_NAME};
use crate::table::properties::is_true;
use crate::table::stats_columns;

const CURRENT_DEFAULT: &str = "CURRENT_DEFAULT";
/// The value of older rows, which Spark notes and Delta does not have.
const EXISTS_DEFAULT: &str = "EXISTS_DEFAULT";
const COMMENT: &str = "comment";
/// Names must do without these where files hold them as they are.
const SPECIAL: &[char] = &[' ', ',', ';', '{', '}', '(', ')', '\n', '\t', '='];

impl TableState {
    /// Adds a nullable field to the struct at `parent`.
    ///
    /// Errors: InvalidInput for NOT NULL, a default, a name that is taken or not allowed.
    pub(super) fn add_column(
        &mut self,
        parent: &[String],
        field: &Value,
        position: Option<&Position>,
    ) -> Result<()> {
        self.refuse_iceberg("add a column")?;
        let path = [parent, &[fields::name(field).to_owned()]].concat();
        self.check_new_field(&path, field)?;
        let siblings = self.siblings_mut(parent)?;
        if fields::position(siblings, fields::name(field)).is_some() {
            return Err(self.taken(&path));
        }
        let index = match position {
            None => Some(siblings.len()),
            Some(position) => index_of(position, siblings),
        };
        match index {
            Some(index) => siblings.insert(index, field.clone()),
            None => return Err(self.no_such_neighbour(&path, position)),
        }
        Ok(())
    }

    pub(super) fn check_new_field(&self, path: &[String], field: &Value) -> Result<()> {
        let mut problem = None;
        let mut check = |field: &Value| {
            let name = fields::name(field);
            if field["nullable"] == json!(false) {
                problem.get_or_insert(("DELTA_OPERATION_NOT_ALLOWED", format!(
                    "column '{}' cannot be added NOT NULL, as rows there are have no value for it; \
                     add it nullable", path.join("."))));
            }
            if field["metadata"].get(CURRENT_DEFAULT).is_some() {
                problem.get_or_insert(("WRONG_COLUMN_DEFAULTS_FOR_DELTA_ALTER_TABLE_ADD_COLUMN_NOT_SUPPORTED", format!(
                    "column '{}' cannot be added with a DEFAULT; add it without one, then run ALTER \
                     TABLE {} ALTER COLUMN {} SET DEFAULT", path.join("."), self.table, path.join("."))));
            }
            if !self.is_mapped() && name.contains(SPECIAL) {
                problem.get_or_insert(("DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", format!(
                    "the name '{name}' holds characters among ' ,;{{}}()\\n\\t='; rename the column, or \
                     set the table property delta.columnMapping.mode to name first")));
            }
        };
        check(field);
        fields::visit(&field["type"], &mut check);
        match problem {
            Some((class, why)) => Err(self.refuse(class, why)),
            None => Ok(()),
        }
    }

    /// Renames the field at `path`; with column mapping, files need not know.
    ///
    /// Errors: InvalidInput (`DELTA_UNSUPPORTED_RENAME_COLUMN`) without column mapping.
    pub(super) fn rename_column(&mut self, path: &[String], to: &str) -> Result<()> {
        self.require_mapping("DELTA_UNSUPPORTED_RENAME_COLUMN", "renamed", path)?;
        self.refuse_iceberg("rename a column")?;
        let (last, parent) = split(path);
        let siblings = self.siblings_mut(parent)?;
        let Some(index) = fields::position(siblings, last) else {
            return Err(self.no_such_column(path));
        };
        if fields::position(siblings, to).is_some_and(|other| other != index) {
            return Err(self.taken(&[parent, &[to.to_owned()]].concat()));
        }
        let old = fields::name(&siblings[index]).to_owned();
        siblings[index]["name"] = to.into();
        if parent.is_empty() {
            for column in self.partition_columns_mut().into_iter().flatten() {
                if column.as_str() == Some(&old) {
                    *column = to.into();
                }
            }
        }
        let renamed = [parent, &[to.to_owned()]].concat();
        self.rewrite_stats_columns(&[parent, &[old]].concat(), Some(&renamed));
        Ok(())
    }

    /// Drops the field at `path`; its values stay in the files, unseen.
    ///
    /// Errors: InvalidInput (`DELTA_UNSUPPORTED_DROP_COLUMN`) without column mapping, or for a
    /// partition or clustering column, or the last of a struct.
    pub(super) fn drop_column(&mut self, path: &[String], if_exists: bool) -> Result<()> {
        let Some(field) = fields::field_at(&self.schema, path) else {
            let found = fields::type_at(&self.schema, path).is_some();
            return match (if_exists, found) {
                (_, true) => Err(self.refuse(
                    "DELTA_UNSUPPORTED_DROP_NESTED_COLUMN_FROM_NON_STRUCT_TYPE",
                    format!(
                        "'{}' is part of an array or map, not a column",
                        path.join(".")
                    ),
                )),
                (true, false) => Ok(()),
                (false, false) => Err(self.no_such_column(path)),
            };
        };
        let name = fields::name(field).to_owned();
        self.require_mapping("DELTA_UNSUPPORTED_DROP_COLUMN", "dropped", path)?;
        self.refuse_iceberg("drop a column")?;
        if path.len() == 1 && self.partition_columns().contains(&name.as_str()) {
            return Err(self.refuse(
                "DELTA_UNSUPPORTED_DROP_PARTITION_COLUMN",
                format!("the table is partitioned by '{name}', which cannot be dropped"),
            ));
        }
        if self.clusters_within(path) {
            return Err(self.refuse(
                "DELTA_UNSUPPORTED_DROP_CLUSTERING_COLUMN",
                format!("the table is clustered by '{name}'; cluster it by other columns first"),
            ));
        }
        let (last, parent) = split(path);
        let siblings = self.siblings_mut(parent)?;
        let index = fields::position(siblings, last);
        // The last top-level column may go while others are added by the same statement.
        if siblings.len() == 1 && !parent.is_empty() {
            return Err(self.refuse(
                "DELTA_DROP_COLUMN_ON_SINGLE_FIELD_SCHEMA",
                format!("'{}' is the only field of its struct", path.join(".")),
            ));
        }
        index.map(|index| siblings.remove(index));
        self.rewrite_stats_columns(path, None);
        Ok(())
    }

    /// Errors: InvalidInput for NOT NULL on a column that was nullable: no one has looked at its rows.
    pub(super) fn set_nullable(&mut self, path: &[String], nullable: bool) -> Result<()> {
        let was = self.field(path)?["nullable"] != json!(false);
        if was && !nullable {
            return Err(self.refuse(
                "DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP",
                format!(
                    "column '{}' is nullable and cannot become NOT NULL: rows there are may be null; \
                     create a new table with the constraint",
                    path.join(".")
                ),
            ));
        }
        self.field_mut(path)?["nullable"] = nullable.into();
        Ok(())
    }

    /// Errors: InvalidInput for an array's element or a map's key or value, which have no comments.
    pub(super) fn set_comment(&mut self, path: &[String], comment: Option<&str>) -> Result<()> {
        let is_column = fields::field_at(&self.schema, path).is_some();
        if !is_column && fields::type_at(&self.schema, path).is_some() {
            return Err(self.refuse(
                "DELTA_UNSUPPORTED_COMMENT_MAP_ARRAY",
                format!(
                    "'{}' is part of an array or map and cannot have a comment; comment on the column",
                    path.join(".")
                ),
            ));
        }
        self.set_metadata(path, COMMENT, comment)
    }

    /// Errors: InvalidInput if the table does not have the feature of column defaults, or the column
    /// is not at the top level.
    pub(super) fn set_default(&mut self, path: &[String], default: Option<&str>) -> Result<()> {
        if default.is_some() && !self.protocol.supports("allowColumnDefaults") {
            return Err(self.refuse(
                "WRONG_COLUMN_DEFAULTS_FOR_DELTA_FEATURE_NOT_ENABLED",
                format!(
                    "column '{}' cannot have a DEFAULT before the table has the feature; run ALTER \
                     TABLE {} SET TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported') \
                     first",
                    path.join("."),
                    self.table
                ),
            ));
        }
        if path.len() > 1 {
            return Err(self.refuse(
                "DELTA_OPERATION_NOT_ALLOWED",
                format!(
                    "'{}' is nested, and only columns have defaults",
                    path.join(".")
                ),
            ));
        }
        self.set_metadata(path, EXISTS_DEFAULT, None)?;
        self.set_metadata(path, CURRENT_DEFAULT, default)
    }

    fn set_metadata(&mut self, path: &[String], key: &str, value: Option<&str>) -> Result<()> {
        if let Some(metadata) = fields::metadata_mut(self.field_mut(path)?) {
            match value {
                Some(value) => metadata.insert(key.into(), value.into()),
                None => metadata.remove(key),
            };
        }
        Ok(())
    }

    /// Moves a column among its siblings. Files are read by name, so they need not know.
    pub(super) fn move_column(&mut self, path: &[String], position: &Position) -> Result<()> {
        let (last, parent) = split(path);
        let siblings = self.siblings_mut(parent)?;
        let Some(index) = fields::position(siblings, last) else {
            return Err(self.no_such_column(path));
        };
        let field = siblings.remove(index);
        match index_of(position, siblings) {
            Some(to) => siblings.insert(to, field),
            None => {
                siblings.insert(index, field);
                return Err(self.no_such_neighbour(path, Some(position)));
            }
        }
        Ok(())
    }

    fn field(&self, path: &[String]) -> Result<&Value> {
        fields::field_at(&self.schema, path).ok_or_else(|| self.no_such_column(path))
    }

    fn field_mut(&mut self, path: &[String]) -> Result<&mut Value> {
        let missing = self.no_such_column(path);
        fields::field_at_mut(&mut self.schema, path).ok_or(missing)
    }

    fn siblings_mut(&mut self, parent: &[String]) -> Result<&mut Vec<Value>> {
        let missing = self.refuse(
            "DELTA_COLUMN_NOT_FOUND_IN_SCHEMA",
            format!("there is no struct '{}'", parent.join(".")),
        );
        fields::type_at_mut(&mut self.schema, parent)
            .and_then(fields::fields_mut)
            .ok_or(missing)
    }

    pub(super) fn taken(&self, path: &[String]) -> Error {
        self.refuse(
            "DELTA_DUPLICATE_COLUMNS_FOUND",
            format!("there is a column '{}' already", path.join(".")),
        )
    }

    fn no_such_neighbour(&self, path: &[String], position: Option<&Position>) -> Error {
        let position = position.map(ToString::to_string).unwrap_or_default();
        self.refuse(
            "DELTA_COLUMN_NOT_FOUND_IN_SCHEMA",
            format!(
                "'{}' cannot be put {position}: there is no such column",
                path.join(".")
            ),
        )
    }

    fn require_mapping(&self, class: &'static str, verb: &str, path: &[String]) -> Result<()> {
        if self.is_mapped() {
            return Ok(());
        }
        Err(self.refuse(
            class,
            format!(
                "column '{}' can be {verb} only with column mapping; run ALTER TABLE {} SET \
                 TBLPROPERTIES ('delta.columnMapping.mode' = 'name') first",
                path.join("."),
                self.table
            ),
        ))
    }

    /// Iceberg's metadata would have to follow, which nobody here writes.
    pub(super) fn refuse_iceberg(&self, what: &str) -> Result<()> {
        let versions = ["V1", "V2", "V3"].map(|v| format!("delta.enableIcebergCompat{v}"));
        let on = versions
            .iter()
            .find(|key| self.property(key).is_some_and(is_true));
        match on {
            None => Ok(()),
            Some(key) => Err(Error::new(
                ErrorKind::UnsupportedTable,
                format!(
                    "Cannot alter table {}: to {what} is not supported with {key}; use delta-spark",
                    self.table
                ),
            )),
        }
    }

    /// The columns that have statistics follow a rename and go with a drop.
    fn rewrite_stats_columns(&mut self, old: &[String], new: Option<&[String]>) {
        let listed = self.property(stats_columns::KEY);
        if let Some(rewritten) = listed.and_then(|list| stats_columns::rewritten(list, old, new)) {
            self.put_property(stats_columns::KEY, &rewritten);
        }
    }
}

/// A field without what only the log needs to know, for the table's history.
pub(super) fn shown(field: &Value) -> Value {
    let mut shown = field.clone();
    if let Some(metadata) = fields::metadata_mut(&mut shown) {
        metadata.remove(ID);
        metadata.remove(PHYSICAL_NAME);
    }
    shown
}

fn split(path: &[String]) -> (&str, &[String]) {
    path.split_last()
        .map_or(("", &[]), |(last, parent)| (last.as_str(), parent))
}

fn index_of(position: &Position, siblings: &[Value]) -> Option<usize> {
    match position {
        Position::First => Some(0),
        Position::After(column) => fields::position(siblings, column).map(|index| index + 1),
    }
}
