//! Filters as the kernel takes them, to skip files by the statistics in the log.

use delta_kernel::expressions::{ColumnName, Expression, Predicate, Scalar};
use delta_kernel::schema::PrimitiveType;

use super::order::compare;
use super::predicate::{Column, Filter};
use super::request::Comparison;

/// Values of an IN list up to which each is compared; longer lists become their bounds.
const LONGEST_IN: usize = 100;

impl Filter {
    /// The kernel's twin, on logical names; none if nothing of it can be said to the kernel.
    pub fn to_kernel(&self) -> Option<Predicate> {
        let column = self.column();
        if column.is_some_and(|column| !column.is_known_to_kernel()) || !self.is_decided_by_bounds()
        {
            return None;
        }
        match self {
            Self::And(all) => {
                let known: Vec<_> = all.iter().filter_map(Self::to_kernel).collect();
                (!known.is_empty()).then(|| Predicate::and_from(known))
            }
            Self::Or(any) => {
                let known: Option<Vec<_>> = any.iter().map(Self::to_kernel).collect();
                known.map(Predicate::or_from)
            }
            Self::Compare { column, op, value } => Some(column.compared(*op, value)),
            Self::In { column, values } if values.len() <= LONGEST_IN => Some(Predicate::or_from(
                values.iter().map(|v| column.compared(Comparison::Eq, v)),
            )),
            Self::In { column, values } => {
                let (least, greatest) = extremes(values)?;
                Some(Predicate::and(
                    column.compared(Comparison::Ge, least),
                    column.compared(Comparison::Le, greatest),
                ))
            }
            Self::Null { column, is_null } => {
                let test = Predicate::is_null(column.expression());
                Some(if *is_null { test } else { Predicate::not(test) })
            }
            Self::Unknown => None,
        }
    }
}

impl Column {
    fn expression(&self) -> Expression {
        Expression::Column(ColumnName::new(self.logical.iter()))
    }

    /// The kernel reads the old timestamps of checkpoints as nanoseconds, in which years before 1677 and
    /// after 2262 are others. It compares bounds as they are.
    fn is_known_to_kernel(&self) -> bool {
        self.kind != PrimitiveType::Timestamp && !self.rounded
    }

    fn compared(&self, op: Comparison, value: &Scalar) -> Predicate {
        if op == Comparison::Eq
            && let Some((least, greatest)) = zeros(value)
        {
            return Predicate::and(
                self.compared(Comparison::Ge, &least),
                self.compared(Comparison::Le, &greatest),
            );
        }
        let value = match (op, zeros(value)) {
            (Comparison::Ge, Some((least, _))) => least,
            (Comparison::Le, Some((_, greatest))) => greatest,
            _ => value.clone(),
        };
        let (column, value) = (self.expression(), Expression::Literal(value));
        match op {
            Comparison::Eq => Predicate::eq(column, value),
            Comparison::Ne => Predicate::ne(column, value),
            Comparison::Lt => Predicate::lt(column, value),
            Comparison::Le => Predicate::le(column, value),
            Comparison::Gt => Predicate::gt(column, value),
            Comparison::Ge => Predicate::ge(column, value),
        }
    }
}

/// The kernel takes -0.0 for less than 0.0, which are one value to Spark.
fn zeros(value: &Scalar) -> Option<(Scalar, Scalar)> {
    match value {
        Scalar::Float(v) if *v == 0.0 => Some((Scalar::Float(-0.0), Scalar::Float(0.0))),
        Scalar::Double(v) if *v == 0.0 => Some((Scalar::Double(-0.0), Scalar::Double(0.0))),
        _ => None,
    }
}

fn extremes(values: &[Scalar]) -> Option<(&Scalar, &Scalar)> {
    let mut ends = (values.first()?, values.first()?);
    for value in values {
        ends.0 = if compare(value, ends.0)?.is_lt() {
            value
        } else {
            ends.0
        };
        ends.1 = if compare(value, ends.1)?.is_gt() {
            value
        } else {
            ends.1
        };
    }
    Some(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(kind: PrimitiveType, rounded: bool) -> Column {
        Column {
            logical: vec!["c".to_owned()],
            physical: vec!["c".to_owned()],
            kind,
            rounded,
        }
    }

    fn twin(column: Column, op: Comparison, value: Scalar) -> Option<Predicate> {
        Filter::Compare { column, op, value }.to_kernel()
    }

    #[test]
    fn both_zeros_are_one() {
        let zero = |op, value| {
            twin(
                column(PrimitiveType::Double, false),
                op,
                Scalar::Double(value),
            )
        };
        let c = || Expression::Column(ColumnName::new(["c"]));
        let either = Predicate::and(
            Predicate::ge(c(), Expression::literal(-0.0)),
            Predicate::le(c(), Expression::literal(0.0)),
        );
        assert_eq!(
            format!("{:?}", zero(Comparison::Eq, -0.0)),
            format!("{:?}", Some(either))
        );
        let up_to = Predicate::le(c(), Expression::literal(0.0));
        assert_eq!(
            format!("{:?}", zero(Comparison::Le, -0.0)),
            format!("{:?}", Some(up_to))
        );
    }

    #[test]
    fn what_the_kernel_would_get_wrong_is_kept_from_it() {
        let timestamp = column(PrimitiveType::Timestamp, false);
        assert!(twin(timestamp.clone(), Comparison::Eq, Scalar::Timestamp(1)).is_none());
        let null = Filter::Null {
            column: timestamp,
            is_null: false,
        };
        assert!(null.to_kernel().is_none());
        let widened = column(PrimitiveType::Double, true);
        assert!(twin(widened, Comparison::Lt, Scalar::Double(1.5)).is_none());
        let exact = column(PrimitiveType::Double, false);
        assert!(twin(exact, Comparison::Lt, Scalar::Double(1.5)).is_some());
    }
}
