//! `delta.dataSkippingStatsColumns`: the columns that have statistics, as a list of SQL names. Delta's own connector
//! checks it at each change of a table's metadata, so nothing is recorded that it would stumble over.

use delta_kernel::expressions::ColumnName;
use delta_kernel::schema::{DataType, PrimitiveType, StructField, StructType};

use crate::error::{Error, Result};

pub const KEY: &str = "delta.dataSkippingStatsColumns";

/// Checks that each entry names a column that can have statistics.
///
/// `doing` completes "Cannot …".
///
/// Errors: InvalidInput, by Delta's error names.
pub fn check(
    doing: &str,
    list: &str,
    schema: &StructType,
    partition_columns: &[impl AsRef<str>],
) -> Result<()> {
    let refuse = |class: &'static str, why: String| {
        let message = format!("Cannot {doing} with table property '{KEY}' = '{list}': {why}");
        Err(Error::invalid(message).class(class))
    };
    let Some(columns) = parse(list) else {
        let why = "it is no list of columns; separate names by commas, and quote them where needed";
        return refuse("DELTA_INVALID_TABLE_PROPERTY", why.into());
    };
    for (i, column) in columns.iter().enumerate() {
        let name = quoted(column);
        let is_partition = |other: &&str| column.len() == 1 && same(&column[0], other);
        if partition_columns
            .iter()
            .map(AsRef::as_ref)
            .any(|other| is_partition(&other))
        {
            let why = format!("{name} is a partition column; leave it out");
            return refuse(
                "DELTA_COLUMN_DATA_SKIPPING_NOT_SUPPORTED_PARTITIONED_COLUMN",
                why,
            );
        }
        let Some(field) = field_at(schema, column) else {
            let why = format!("there is no column {name}; correct the name");
            return refuse("DELTA_COLUMN_NOT_FOUND_IN_SCHEMA", why);
        };
        if column.len() == 1 && !has_statistics(field.data_type()) {
            let why = format!(
                "{name} is of type {}, which has no statistics; leave it out",
                field.data_type()
            );
            return refuse("DELTA_COLUMN_DATA_SKIPPING_NOT_SUPPORTED_TYPE", why);
        }
        if columns[..i]
            .iter()
            .any(|other| is_within(other, column) || is_within(column, other))
        {
            let why = format!("{name} is named twice; name it once");
            return refuse("DELTA_DUPLICATE_DATA_SKIPPING_COLUMNS", why);
        }
    }
    Ok(())
}

/// The list where the column `old` has another path, or is gone; none if it does not change.
pub fn rewritten(list: &str, old: &[String], new: Option<&[String]>) -> Option<String> {
    let columns = parse(list)?;
    if !columns.iter().any(|column| is_within(old, column)) {
        return None;
    }
    let renamed = |column: Vec<String>| match new {
        _ if !is_within(old, &column) => Some(column),
        Some(new) => Some([new, &column[old.len()..]].concat()),
        None => None,
    };
    let columns: Vec<String> = columns
        .into_iter()
        .filter_map(renamed)
        .map(|column| quoted(&column))
        .collect();
    Some(columns.join(","))
}

/// Delta's own parser takes bare names that begin with a digit, too, which the kernel's does not.
fn parse(list: &str) -> Option<Vec<Vec<String>>> {
    match ColumnName::parse_column_name_list(list) {
        Ok(columns) => Some(columns.into_iter().map(ColumnName::into_inner).collect()),
        Err(_) if list.contains('`') => None,
        Err(_) => {
            let split = |column: &str| column.trim().split('.').map(str::to_owned).collect();
            let columns: Vec<Vec<String>> = list.split(',').map(split).collect();
            let is_named = |column: &Vec<String>| column.iter().all(|part| !part.is_empty());
            columns.iter().all(is_named).then_some(columns)
        }
    }
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Whether the column is the other, or lies in it.
fn is_within(outer: &[String], column: &[String]) -> bool {
    outer.len() <= column.len()
        && outer
            .iter()
            .zip(column)
            .all(|(one, other)| same(one, other))
}

fn field_at<'a>(schema: &'a StructType, path: &[String]) -> Option<&'a StructField> {
    let (first, rest) = path.split_first()?;
    let field = schema.fields().find(|field| same(field.name(), first))?;
    match field.data_type() {
        _ if rest.is_empty() => Some(field),
        DataType::Struct(inner) => field_at(inner, rest),
        _ => None,
    }
}

fn has_statistics(data_type: &DataType) -> bool {
    match data_type {
        DataType::Struct(_) => true,
        DataType::Primitive(kind) => !matches!(
            kind,
            PrimitiveType::Boolean | PrimitiveType::Binary | PrimitiveType::Void
        ),
        _ => false,
    }
}

/// A path as SQL writes it.
pub fn quoted(path: &[String]) -> String {
    let part = |name: &String| {
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && name.starts_with(|first: char| !first.is_ascii_digit());
        match is_plain {
            true => name.clone(),
            false => format!("`{}`", name.replace('`', "``")),
        }
    };
    path.iter().map(part).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> StructType {
        let inner = StructType::try_new([StructField::nullable("b", DataType::INTEGER)]).unwrap();
        StructType::try_new([
            StructField::nullable("a", inner),
            StructField::nullable("a.b", DataType::STRING),
            StructField::nullable("x, y", DataType::LONG),
            StructField::nullable("flag", DataType::BOOLEAN),
            StructField::nullable("p", DataType::INTEGER),
        ])
        .unwrap()
    }

    #[test]
    fn entries_name_columns() {
        let check = |list: &str| check("create table t", list, &schema(), &["p"]);
        for list in ["", "a", "A.b", "`a.b`, a.b", "`x, y`"] {
            assert!(check(list).is_ok(), "{list}");
        }
        for (list, class) in [
            ("idd", "DELTA_COLUMN_NOT_FOUND_IN_SCHEMA"),
            ("a.c", "DELTA_COLUMN_NOT_FOUND_IN_SCHEMA"),
            (
                "P",
                "DELTA_COLUMN_DATA_SKIPPING_NOT_SUPPORTED_PARTITIONED_COLUMN",
            ),
            ("flag", "DELTA_COLUMN_DATA_SKIPPING_NOT_SUPPORTED_TYPE"),
            ("a, a.b", "DELTA_DUPLICATE_DATA_SKIPPING_COLUMNS"),
            ("`a", "DELTA_INVALID_TABLE_PROPERTY"),
        ] {
            let error = check(list).unwrap_err();
            assert_eq!(error.class, class, "{list}: {error}");
        }
    }

    #[test]
    fn renames_change_what_lies_in_the_column() {
        let path = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let (a, c) = (path(&["a"]), path(&["c"]));
        assert_eq!(rewritten("`a.b`", &a, Some(&c)), None);
        assert_eq!(rewritten("`x, y`", &a, Some(&c)), None);
        assert_eq!(
            rewritten("`a.b`, a.b", &a, Some(&c)).as_deref(),
            Some("`a.b`,c.b")
        );
        assert_eq!(rewritten("`x, y`,a", &a, None).as_deref(), Some("`x, y`"));
        for list in ["`2024_total`,a", "2024_total, a"] {
            assert_eq!(
                rewritten(list, &a, Some(&c)).as_deref(),
                Some("`2024_total`,c")
            );
        }
        for name in ["2024_total", "1", "ü", "a`b", "a.b"] {
            assert_eq!(parse(&quoted(&path(&[name]))), Some(vec![path(&[name])]));
        }
    }
}
