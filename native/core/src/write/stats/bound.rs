//! Bounds of a column.

/// A bound as the footer holds it, before it takes the column's Delta type.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    Int(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    Wide(i128),
    Text(String),
}

/// Which bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Min,
    Max,
}

/// The lowest (or highest) bound; none if any row group with values lacks it.
pub fn extreme(bounds: Vec<Option<Bound>>, side: Side) -> Option<Bound> {
    let bounds: Vec<Bound> = bounds.into_iter().collect::<Option<_>>()?;
    bounds.into_iter().reduce(|known, next| {
        if known.is_nan() || next.is_nan() {
            return if known.is_nan() { known } else { next };
        }
        let next_is_lower = known.is_above(&next);
        if next_is_lower == (side == Side::Min) {
            next
        } else {
            known
        }
    })
}

impl Bound {
    /// Marks a column with a NaN in it, which bounds nothing (and is written as null).
    pub fn is_nan(&self) -> bool {
        match self {
            Self::Float(value) => value.is_nan(),
            Self::Double(value) => value.is_nan(),
            _ => false,
        }
    }

    fn is_above(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a > b,
            (Self::Long(a), Self::Long(b)) => a > b,
            (Self::Float(a), Self::Float(b)) => a > b,
            (Self::Double(a), Self::Double(b)) => a > b,
            (Self::Wide(a), Self::Wide(b)) => a > b,
            (Self::Text(a), Self::Text(b)) => a > b,
            _ => false,
        }
    }

    /// The bound of a column of INT32 lanes; as below, none of another.
    pub fn int(self) -> Option<i32> {
        match self {
            Self::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The bound of a column of INT64 lanes.
    pub fn long(self) -> Option<i64> {
        match self {
            Self::Long(value) => Some(value),
            _ => None,
        }
    }

    /// The bound of a column of FLOAT lanes.
    pub fn float(self) -> Option<f32> {
        match self {
            Self::Float(value) => Some(value),
            _ => None,
        }
    }

    /// The bound of a column of DOUBLE lanes.
    pub fn double(self) -> Option<f64> {
        match self {
            Self::Double(value) => Some(value),
            _ => None,
        }
    }

    /// The unscaled bound of a decimal column.
    pub fn wide(self) -> Option<i128> {
        match self {
            Self::Int(value) => Some(value.into()),
            Self::Long(value) => Some(value.into()),
            Self::Wide(value) => Some(value),
            _ => None,
        }
    }

    /// The bound of a column of texts.
    pub fn text(self) -> Option<String> {
        match self {
            Self::Text(value) => Some(value),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nan_in_any_row_group_leaves_the_file_unbounded() {
        for order in [[f64::NAN, 5.0], [5.0, f64::NAN]] {
            let bounds = order.map(|value| Some(Bound::Double(value))).to_vec();
            for side in [Side::Min, Side::Max] {
                assert!(extreme(bounds.clone(), side).is_some_and(|bound| bound.is_nan()));
            }
        }
        let numbers = vec![Some(Bound::Int(2)), Some(Bound::Int(1))];
        assert_eq!(extreme(numbers.clone(), Side::Min), Some(Bound::Int(1)));
        assert_eq!(extreme(numbers, Side::Max), Some(Bound::Int(2)));
        assert_eq!(extreme(vec![None, Some(Bound::Int(1))], Side::Min), None);
    }
}
