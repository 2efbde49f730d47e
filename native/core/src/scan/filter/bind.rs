//! Predicates find the columns and types of their table.

use delta_kernel::schema::{DataType, PrimitiveType, StructType};

use super::predicate::{Column, Filter};
use super::request::{Comparison, Literal, Request};
use crate::table::column_mapping::physical_name;

impl Filter {
    /// Binds `request` to columns and types of `schema`; what does not fit becomes unknown.
    pub fn bind(request: &Request, schema: &StructType) -> Self {
        match request {
            Request::And(all) => Self::And(all.iter().map(|r| Self::bind(r, schema)).collect()),
            Request::Or(any) => Self::Or(any.iter().map(|r| Self::bind(r, schema)).collect()),
            Request::Compare { column, op, value } => {
                Self::compare(column, *op, value, schema).unwrap_or(Self::Unknown)
            }
            Request::In { column, values } => {
                Self::any_of(column, values, schema).unwrap_or(Self::Unknown)
            }
            Request::StartsWith { column, prefix } => {
                Self::prefix(column, prefix, schema).unwrap_or(Self::Unknown)
            }
            Request::IsNull(column) => Self::null(column, true, schema),
            Request::IsNotNull(column) => Self::null(column, false, schema),
        }
    }

    fn compare(
        path: &[String],
        op: Comparison,
        value: &Literal,
        schema: &StructType,
    ) -> Option<Self> {
        let (column, kind) = find(path, schema)?;
        let value = value.scalar(kind)?;
        Some(Self::Compare { column, op, value })
    }

    fn any_of(path: &[String], values: &[Literal], schema: &StructType) -> Option<Self> {
        let (column, kind) = find(path, schema)?;
        let values: Option<Vec<_>> = values.iter().map(|value| value.scalar(kind)).collect();
        Some(Self::In {
            column,
            values: values?,
        })
    }

    fn prefix(path: &[String], prefix: &str, schema: &StructType) -> Option<Self> {
        let (column, kind) = find(path, schema)?;
        let text = |value: &str| (kind == &PrimitiveType::String).then(|| value.into());
        let from = Self::Compare {
            column: column.clone(),
            op: Comparison::Ge,
            value: text(prefix)?,
        };
        let Some(end) = successor(prefix) else {
            return Some(from);
        };
        let below = Self::Compare {
            column,
            op: Comparison::Lt,
            value: text(&end)?,
        };
        Some(Self::And(vec![from, below]))
    }

    fn null(path: &[String], is_null: bool, schema: &StructType) -> Self {
        // Of nested columns the statistics count nulls of parents or not, writer by writer.
        match find(path, schema) {
            Some((column, _)) if path.len() == 1 => Self::Null { column, is_null },
            _ => Self::Unknown,
        }
    }
}

/// The least text above all that begin with `prefix`, if there is one.
fn successor(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // Surrogates are no characters: the next one after U+D7FF is U+E000.
        let next = (last as u32 + 1..=char::MAX as u32).find_map(char::from_u32);
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

fn find<'a>(path: &[String], schema: &'a StructType) -> Option<(Column, &'a PrimitiveType)> {
    let mut physical = Vec::with_capacity(path.len());
    let mut fields = Some(schema);
    let mut found = None;
    let mut widened = false;
    for name in path {
        let field = fields?.field(name)?;
        physical.push(physical_name(field).to_owned());
        fields = match field.data_type() {
            DataType::Struct(inner) => Some(inner),
            _ => None,
        };
        found = Some(field.data_type());
        widened = field.metadata().contains_key("delta.typeChanges");
    }
    match found? {
        DataType::Primitive(kind) => Some((
            Column {
                logical: path.to_vec(),
                physical,
                kind: kind.clone(),
                rounded: widened && kind == &PrimitiveType::Double,
            },
            kind,
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_end_where_the_next_one_begins() {
        assert_eq!(successor("ab").as_deref(), Some("ac"));
        assert_eq!(successor("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(successor("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(successor("\u{10ffff}"), None);
    }
}
