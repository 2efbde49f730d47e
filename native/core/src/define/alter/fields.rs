//! Finding fields in a schema kept as Delta schema JSON, so that whatever metadata a field carries
//! survives a change to its neighbour.

use serde_json::{Map, Value};

/// The fields of a struct type; none for another type.
pub(super) fn fields(data_type: &Value) -> Option<&Vec<Value>> {
    data_type.get("fields")?.as_array()
}

pub(super) fn fields_mut(data_type: &mut Value) -> Option<&mut Vec<Value>> {
    data_type.get_mut("fields")?.as_array_mut()
}

/// Name of a field.
pub(super) fn name(field: &Value) -> &str {
    field
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// Index of the field called `wanted`: an exact match, else one without regard to case, in which
/// Delta's names are unique.
pub(super) fn position(fields: &[Value], wanted: &str) -> Option<usize> {
    let exact = fields.iter().position(|field| name(field) == wanted);
    let folded = wanted.to_lowercase();
    exact.or_else(|| {
        fields
            .iter()
            .position(|field| name(field).to_lowercase() == folded)
    })
}

/// The type one step below `data_type`: a field's, an array's element, a map's key or value.
fn step<'a>(data_type: &'a Value, part: &str) -> Option<&'a Value> {
    match kind(data_type) {
        "struct" => {
            let fields = fields(data_type)?;
            fields[position(fields, part)?].get("type")
        }
        _ => data_type.get(inner_key(data_type, part)?),
    }
}

fn step_mut<'a>(data_type: &'a mut Value, part: &str) -> Option<&'a mut Value> {
    if kind(data_type) == "struct" {
        let fields = fields_mut(data_type)?;
        let index = position(fields, part)?;
        return fields[index].get_mut("type");
    }
    let key = inner_key(data_type, part)?;
    data_type.get_mut(key)
}

fn inner_key(data_type: &Value, part: &str) -> Option<&'static str> {
    match (kind(data_type), part) {
        ("array", "element") => Some("elementType"),
        ("map", "key") => Some("keyType"),
        ("map", "value") => Some("valueType"),
        _ => None,
    }
}

/// `struct`, `array`, `map`, or the name of a primitive type.
pub(super) fn kind(data_type: &Value) -> &str {
    let nested = data_type.get("type").and_then(Value::as_str);
    nested.or_else(|| data_type.as_str()).unwrap_or_default()
}

/// The type at `path`; the schema itself for an empty one.
pub(super) fn type_at<'a>(schema: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(schema, |at, part| step(at, part))
}

pub(super) fn type_at_mut<'a>(schema: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    path.iter().try_fold(schema, |at, part| step_mut(at, part))
}

/// The field at `path`; none for an array's element or a map's key or value.
pub(super) fn field_at<'a>(schema: &'a Value, path: &[String]) -> Option<&'a Value> {
    let (last, parent) = path.split_last()?;
    let siblings = fields(type_at(schema, parent)?)?;
    siblings.get(position(siblings, last)?)
}

pub(super) fn field_at_mut<'a>(schema: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    let (last, parent) = path.split_last()?;
    let siblings = fields_mut(type_at_mut(schema, parent)?)?;
    let index = position(siblings, last)?;
    siblings.get_mut(index)
}

/// The field's metadata, made if there is none.
pub(super) fn metadata_mut(field: &mut Value) -> Option<&mut Map<String, Value>> {
    field
        .as_object_mut()?
        .entry("metadata")
        .or_insert_with(|| Value::Object(Map::new()))
        .as_object_mut()
}

/// Calls `visit` with every field below a type, at any depth, parents first.
pub(super) fn visit<'a>(data_type: &'a Value, visit_field: &mut dyn FnMut(&'a Value)) {
    for field in fields(data_type).into_iter().flatten() {
        visit_field(field);
        if let Some(inner) = field.get("type") {
            visit(inner, visit_field);
        }
    }
    for key in ["elementType", "keyType", "valueType"] {
        if let Some(inner) = data_type.get(key) {
            visit(inner, visit_field);
        }
    }
}

/// Calls `change` with every field below a type, at any depth, parents first.
pub(super) fn visit_mut(data_type: &mut Value, change: &mut dyn FnMut(&mut Value)) {
    for field in fields_mut(data_type).into_iter().flatten() {
        change(field);
        if let Some(inner) = field.get_mut("type") {
            visit_mut(inner, change);
        }
    }
    for key in ["elementType", "keyType", "valueType"] {
        if let Some(inner) = data_type.get_mut(key) {
            visit_mut(inner, change);
        }
    }
}

/// Whether a primitive type of that name lies anywhere in the type.
pub(super) fn contains_type(data_type: &Value, wanted: &str) -> bool {
    if data_type.as_str() == Some(wanted) {
        return true;
    }
    let inner = ["elementType", "keyType", "valueType"]
        .iter()
        .filter_map(|key| data_type.get(*key))
        .chain(
            fields(data_type)
                .into_iter()
                .flatten()
                .filter_map(|field| field.get("type")),
        );
    inner.into_iter().any(|inner| contains_type(inner, wanted))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({"type": "struct", "fields": [
            {"name": "id", "type": "long", "nullable": true, "metadata": {}},
            {"name": "Points", "nullable": true, "metadata": {}, "type": {
                "type": "array", "containsNull": true, "elementType": {
                    "type": "struct", "fields": [
                        {"name": "x", "type": "timestamp_ntz", "nullable": true, "metadata": {}}]}}}]})
    }

    fn path(dotted: &str) -> Vec<String> {
        dotted.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn fields_are_found_through_collections_and_without_case() {
        let schema = schema();
        assert_eq!(
            name(field_at(&schema, &path("points.element.X")).unwrap()),
            "x"
        );
        assert_eq!(
            kind(type_at(&schema, &path("Points.element")).unwrap()),
            "struct"
        );
        assert!(field_at(&schema, &path("Points.element")).is_none());
        assert!(field_at(&schema, &path("points.x")).is_none());
        assert!(contains_type(&schema, "timestamp_ntz") && !contains_type(&schema, "variant"));
    }

    #[test]
    fn every_field_is_visited() {
        let mut seen = Vec::new();
        let schema = schema();
        visit(&schema, &mut |field| seen.push(name(field)));
        assert_eq!(seen, ["id", "Points", "x"]);
    }
}
