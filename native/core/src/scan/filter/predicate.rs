//! Predicates that are bound to a table.

use delta_kernel::expressions::Scalar;
use delta_kernel::schema::PrimitiveType;
use serde::{Deserialize, Serialize};

use super::request::Comparison;

/// A predicate bound to a table: typed values, physical columns.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Compare {
        column: Column,
        op: Comparison,
        value: Scalar,
    },
    In {
        column: Column,
        values: Vec<Scalar>,
    },
    Null {
        column: Column,
        is_null: bool,
    },
    /// Nothing is known: every row may match.
    Unknown,
}

/// A column under both its names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub logical: Vec<String>,
    pub physical: Vec<String>,
    pub kind: PrimitiveType,
    /// Whether bounds of its values may be those of a narrower type, in which they were rounded.
    pub rounded: bool,
}

impl Filter {
    /// All of `filters`.
    pub fn all(filters: Vec<Self>) -> Option<Self> {
        (!filters.is_empty()).then_some(Self::And(filters))
    }

    /// With the parts that `is_left_out` as unknown ones.
    pub fn without(&self, is_left_out: &dyn Fn(&Self) -> bool) -> Self {
        let all = |parts: &[Self]| parts.iter().map(|part| part.without(is_left_out)).collect();
        match self {
            Self::And(parts) => Self::And(all(parts)),
            Self::Or(parts) => Self::Or(all(parts)),
            leaf if is_left_out(leaf) => Self::Unknown,
            leaf => leaf.clone(),
        }
    }

    /// Calls `leaf` with every part that is no junction.
    pub fn visit<'a>(&'a self, leaf: &mut dyn FnMut(&'a Self)) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.visit(leaf)),
            other => leaf(other),
        }
    }

    /// The column in data files of a part that is about one.
    pub fn physical_path(&self) -> Option<&[String]> {
        self.column().map(|column| column.physical.as_slice())
    }

    /// The column of a part that is about one.
    pub fn column(&self) -> Option<&Column> {
        match self {
            Self::Compare { column, .. } | Self::In { column, .. } | Self::Null { column, .. } => {
                Some(column)
            }
            Self::And(_) | Self::Or(_) | Self::Unknown => None,
        }
    }

    /// The values that a part compares its column with.
    pub fn values(&self) -> &[Scalar] {
        match self {
            Self::Compare { value, .. } => std::slice::from_ref(value),
            Self::In { values, .. } => values,
            _ => &[],
        }
    }
}

#[cfg(test)]
pub mod samples {
    use super::*;

    pub fn column(name: &str) -> Column {
        Column {
            logical: vec![name.to_owned()],
            physical: vec![name.to_owned()],
            kind: PrimitiveType::Long,
            rounded: false,
        }
    }

    pub fn compare(op: Comparison, value: i64) -> Filter {
        Filter::Compare {
            column: column("p"),
            op,
            value: Scalar::Long(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::samples::column;
    use super::*;

    #[test]
    fn floats_arrive_at_tasks_as_they_were_sent() {
        for value in [9.899999999999999, 9.204938554384977, 0.1 + 0.2, 5e-324] {
            let filter = Filter::Compare {
                column: column("d"),
                op: Comparison::Eq,
                value: Scalar::Double(value),
            };
            let sent = serde_json::to_vec(&filter).unwrap();
            let arrived: Filter = serde_json::from_slice(&sent).unwrap();
            assert_eq!(arrived.values(), filter.values());
        }
    }
}
