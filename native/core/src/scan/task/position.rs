//! Which column of a file a wanted field is.

use arrow::datatypes::{FieldRef, Fields};
use parquet::arrow::PARQUET_FIELD_ID_META_KEY;
use parquet::schema::types::TypePtr;

use crate::scan::fields::{Kind, Origin, ReadField};

/// Adds the positions of wanted fields and of what stands for facts.
pub fn positions(wanted: &[ReadField], children: &Fields, found: &mut Vec<usize>) {
    for field in wanted {
        match (&field.origin, &field.kind) {
            (Origin::Facts, Kind::Struct(facts)) => positions(facts, children, found),
            _ => found.extend(position(field, children)),
        }
    }
}

/// The position of a wanted field among the columns of the file: by field id in tables mapped so,
/// else by name, in another case if need be.
pub fn position(wanted: &ReadField, children: &Fields) -> Option<usize> {
    let (name, id) = match &wanted.origin {
        Origin::File { name, id } => (name, id),
        Origin::Tracked { name, .. } => (name, &None),
        _ => return None,
    };
    if matches!(wanted.kind, Kind::Void) {
        return None;
    }
    if let Some(id) = id {
        let id = id.to_string();
        let has_id = |field: &FieldRef| field.metadata().contains_key(PARQUET_FIELD_ID_META_KEY);
        if children.iter().any(has_id) {
            return children
                .iter()
                .position(|field| field.metadata().get(PARQUET_FIELD_ID_META_KEY) == Some(&id));
        }
    }
    let exact = children.iter().position(|field| field.name() == name);
    exact.or_else(|| {
        children
            .iter()
            .position(|field| field.name().eq_ignore_ascii_case(name))
    })
}

/// Whether the columns that are found by field id, and the fields of their structs, also have the names that the table
/// maps them to (Delta protocol, "Column Mapping").
pub fn is_named_as_mapped(wanted: &[ReadField], children: &[TypePtr]) -> bool {
    let has_id = |child: &TypePtr, id: i32| {
        let info = child.get_basic_info();
        info.has_id() && info.id() == id
    };
    let any_has_id = children.iter().any(|child| child.get_basic_info().has_id());
    wanted.iter().all(|field| {
        let Origin::File { name, id: Some(id) } = &field.origin else {
            return true;
        };
        let by_id = children.iter().position(|child| has_id(child, *id));
        let by_name = children.iter().position(|child| child.name() == name);
        let is_same = !any_has_id || by_id == by_name;
        is_same
            && match (&field.kind, by_name.map(|at| &children[at])) {
                (Kind::Struct(inner), Some(group)) if group.is_group() => {
                    is_named_as_mapped(inner, group.get_fields())
                }
                _ => true,
            }
    })
}
