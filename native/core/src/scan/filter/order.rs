//! The order of values.

use std::cmp::Ordering;

use delta_kernel::expressions::Scalar;

/// Order of two values of one type; none for NULL and for values that have no order.
pub fn compare(a: &Scalar, b: &Scalar) -> Option<Ordering> {
    a.logical_partial_cmp(b)
}
