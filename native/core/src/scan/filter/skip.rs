//! Rows that are left out because the bounds of their columns let none match.

use std::cmp::Ordering;

use delta_kernel::expressions::Scalar;
use delta_kernel::schema::{DataType, PrimitiveType};

use super::order::compare;
use super::predicate::Filter;
use super::request::Comparison;

/// What is known of the values of a column in some set of rows.
#[derive(Debug, Default)]
pub struct Bounds {
    pub min: Option<Scalar>,
    pub max: Option<Scalar>,
    pub nulls: Option<u64>,
    pub rows: u64,
}

impl Filter {
    /// Whether any row of a set can match, given the bounds of its columns (by physical path).
    pub fn may_match(&self, bounds: &dyn Fn(&[String], &Scalar) -> Option<Bounds>) -> bool {
        match self {
            undecided if !undecided.is_decided_by_bounds() => true,
            Self::And(all) => all.iter().all(|filter| filter.may_match(bounds)),
            Self::Or(any) => any.iter().any(|filter| filter.may_match(bounds)),
            Self::Compare { column, op, value } => {
                bounds(&column.physical, value).is_none_or(|known| known.may_hold(*op, value))
            }
            Self::In { column, values } => values.iter().any(|value| {
                bounds(&column.physical, value)
                    .is_none_or(|known| known.may_hold(Comparison::Eq, value))
            }),
            Self::Null { column, is_null } => {
                let any = Scalar::Null(DataType::BOOLEAN);
                bounds(&column.physical, &any).is_none_or(|known| match known.nulls {
                    Some(nulls) if *is_null => nulls > 0,
                    Some(nulls) => nulls < known.rows,
                    None => true,
                })
            }
            Self::Unknown => true,
        }
    }

    /// Whether a part is about a column whose bounds [`crate::scan::plan::stats`] looks at.
    pub fn needs_stats(&self) -> bool {
        let mut needed = false;
        self.visit(&mut |leaf| {
            needed |= leaf
                .column()
                .is_some_and(|column| column.kind == PrimitiveType::Timestamp);
        });
        needed
    }

    /// False for parts that statistics say nothing of: they pass NaN over, which Spark takes for the greatest value of
    /// all, and not all writers agree on the order of bytes.
    pub fn is_decided_by_bounds(&self) -> bool {
        let bytes = |value: &Scalar| matches!(value, Scalar::Binary(_));
        let float = |value: &Scalar| matches!(value, Scalar::Float(_) | Scalar::Double(_));
        let values = self.values();
        !match self {
            Self::Compare { op, .. } => {
                let takes_greatest = matches!(op, Comparison::Gt | Comparison::Ge | Comparison::Ne);
                values.iter().any(bytes) || takes_greatest && values.iter().any(float)
            }
            _ => values.iter().any(bytes),
        }
    }
}

impl Bounds {
    fn may_hold(&self, op: Comparison, value: &Scalar) -> bool {
        if self.nulls == Some(self.rows) {
            return false;
        }
        let to_min = self.min.as_ref().and_then(|min| compare(min, value));
        let to_max = self.max.as_ref().and_then(|max| compare(max, value));
        let min_is = |ordering: &[Ordering]| to_min.is_none_or(|o| ordering.contains(&o));
        let max_is = |ordering: &[Ordering]| to_max.is_none_or(|o| ordering.contains(&o));
        use Ordering::{Equal, Greater, Less};
        match op {
            Comparison::Eq => min_is(&[Less, Equal]) && max_is(&[Greater, Equal]),
            // Bounds may be cut short, so that equal ones do not mean one value.
            Comparison::Ne => true,
            Comparison::Lt => min_is(&[Less]),
            Comparison::Le => min_is(&[Less, Equal]),
            Comparison::Gt => max_is(&[Greater]),
            Comparison::Ge => max_is(&[Greater, Equal]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::filter::predicate::samples::{column, compare};

    #[test]
    fn bounds_exclude_what_lies_outside() {
        let known = |_: &[String], _: &Scalar| {
            Some(Bounds {
                min: Some(Scalar::Long(10)),
                max: Some(Scalar::Long(20)),
                nulls: Some(0),
                rows: 5,
            })
        };
        assert!(!compare(Comparison::Eq, 9).may_match(&known));
        assert!(compare(Comparison::Eq, 20).may_match(&known));
        assert!(!compare(Comparison::Lt, 10).may_match(&known));
        assert!(compare(Comparison::Le, 10).may_match(&known));
        assert!(!compare(Comparison::Gt, 20).may_match(&known));
        assert!(compare(Comparison::Ne, 15).may_match(&known));
        assert!(Filter::Unknown.may_match(&known));
    }

    #[test]
    fn bounds_do_not_decide_what_may_be_greatest_and_bytes() {
        let known = |_: &[String], like: &Scalar| {
            Some(Bounds {
                min: Some(like.clone()),
                max: Some(like.clone()),
                nulls: Some(0),
                rows: 5,
            })
        };
        let above = |op, value: Scalar| Filter::Compare {
            column: column("p"),
            op,
            value,
        };
        assert!(above(Comparison::Gt, Scalar::Double(1.0)).may_match(&known));
        assert!(!above(Comparison::Lt, Scalar::Double(1.0)).may_match(&known));
        assert!(above(Comparison::Lt, Scalar::Binary(vec![1])).may_match(&known));
        assert!(!above(Comparison::Gt, Scalar::Long(1)).may_match(&known));
    }
}
