//! Predicates that partition values decide, as Spark would.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};

use delta_kernel::expressions::Scalar;

use super::order::compare;
use super::predicate::{Column, Filter};
use super::request::Comparison;

impl Filter {
    /// Whether [`Self::matches`] decides this predicate for files of a table partitioned by
    /// `columns` (physical names), as Spark would.
    pub fn is_exact(&self, columns: &HashSet<String>) -> bool {
        let mut exact = true;
        self.visit(&mut |leaf| {
            let Some(column) = leaf.column() else {
                exact &= !matches!(leaf, Self::Unknown);
                return;
            };
            exact &= matches!(column.physical.as_slice(), [name] if columns.contains(name));
            exact &= leaf.values().iter().all(is_exactly_compared);
        });
        exact
    }

    /// Whether rows with these partition values (by physical name) match; none means NULL or
    /// unknown.
    pub fn matches(&self, values: &BTreeMap<String, Scalar>) -> Option<bool> {
        match self {
            Self::And(all) => all.iter().map(|f| f.matches(values)).fold(Some(true), and),
            Self::Or(any) => any.iter().map(|f| f.matches(values)).fold(Some(false), or),
            Self::Compare { column, op, value } => {
                Some(op.holds(order(column.value_in(values)?, value)?))
            }
            Self::In {
                column,
                values: list,
            } => {
                let value = column.value_in(values)?;
                Some(
                    list.iter()
                        .any(|item| order(value, item) == Some(Ordering::Equal)),
                )
            }
            Self::Null { column, is_null } => Some(column.value_in(values)?.is_null() == *is_null),
            Self::Unknown => None,
        }
    }
}

/// Delta has no empty strings and bytes among partition values: those are left to Spark.
fn is_exactly_compared(value: &Scalar) -> bool {
    match value {
        Scalar::String(text) => !text.is_empty(),
        Scalar::Binary(bytes) => !bytes.is_empty(),
        _ => true,
    }
}

impl Column {
    fn value_in<'a>(&self, values: &'a BTreeMap<String, Scalar>) -> Option<&'a Scalar> {
        match self.physical.as_slice() {
            [name] => values.get(name),
            _ => None,
        }
    }
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Eq => ordering.is_eq(),
            Self::Ne => ordering.is_ne(),
            Self::Lt => ordering.is_lt(),
            Self::Le => ordering.is_le(),
            Self::Gt => ordering.is_gt(),
            Self::Ge => ordering.is_ge(),
        }
    }
}

/// Spark's order of two values of one type, in which -0.0 equals 0.0 and NaN is the greatest; none for NULL.
fn order(a: &Scalar, b: &Scalar) -> Option<Ordering> {
    let floats = |a: f64, b: f64| {
        a.partial_cmp(&b)
            .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
    };
    match (a, b) {
        (Scalar::Float(a), Scalar::Float(b)) => Some(floats((*a).into(), (*b).into())),
        (Scalar::Double(a), Scalar::Double(b)) => Some(floats(*a, *b)),
        _ => compare(a, b),
    }
}

fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    and(a.map(|a| !a), b.map(|b| !b)).map(|neither| !neither)
}

#[cfg(test)]
mod tests {
    use super::*;
    use delta_kernel::schema::DataType;

    use crate::scan::filter::predicate::samples::{column, compare};

    #[test]
    fn unknown_parts_leave_junctions_undecided() {
        let values = BTreeMap::from([("p".to_owned(), Scalar::Long(1))]);
        let known = compare(Comparison::Eq, 1);
        let both = |b| Filter::And(vec![known.clone(), b]).matches(&values);
        let either = |b| Filter::Or(vec![known.clone(), b]).matches(&values);
        assert_eq!(both(Filter::Unknown), None);
        assert_eq!(both(compare(Comparison::Gt, 1)), Some(false));
        assert_eq!(either(Filter::Unknown), Some(true));
    }

    #[test]
    fn null_partition_values_match_no_comparison() {
        let null = Scalar::Null(DataType::LONG);
        let values = BTreeMap::from([("p".to_owned(), null)]);
        assert_eq!(compare(Comparison::Ne, 1).matches(&values), None);
        let is_null = Filter::Null {
            column: column("p"),
            is_null: true,
        };
        assert_eq!(is_null.matches(&values), Some(true));
    }

    #[test]
    fn floats_are_in_sparks_order() {
        let order = |a: f64, b: f64| order(&Scalar::Double(a), &Scalar::Double(b));
        assert_eq!(order(-0.0, 0.0), Some(Ordering::Equal));
        assert_eq!(order(f64::NAN, f64::INFINITY), Some(Ordering::Greater));
        assert_eq!(order(f64::INFINITY, f64::NAN), Some(Ordering::Less));
        assert_eq!(order(f64::NAN, f64::NAN), Some(Ordering::Equal));
        assert_eq!(order(-1.0, f64::NEG_INFINITY), Some(Ordering::Greater));
    }

    #[test]
    fn only_partition_columns_are_exact() {
        let names = HashSet::from(["p".to_owned()]);
        assert!(compare(Comparison::Eq, 1).is_exact(&names));
        assert!(!compare(Comparison::Eq, 1).is_exact(&HashSet::new()));
        assert!(!Filter::And(vec![compare(Comparison::Eq, 1), Filter::Unknown]).is_exact(&names));
    }
}
