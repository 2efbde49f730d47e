//! Predicates as Spark pushes them.

use delta_kernel::expressions::Scalar;
use delta_kernel::schema::PrimitiveType;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A predicate in a request: free of NOT, which Java has pushed down to the comparisons.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Request {
    And(Vec<Request>),
    Or(Vec<Request>),
    Compare {
        column: Vec<String>,
        op: Comparison,
        value: Literal,
    },
    In {
        column: Vec<String>,
        values: Vec<Literal>,
    },
    StartsWith {
        column: Vec<String>,
        prefix: String,
    },
    IsNull(Vec<String>),
    IsNotNull(Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    #[serde(rename = "=")]
    Eq,
    #[serde(rename = "<>")]
    Ne,
    #[serde(rename = "<")]
    Lt,
    #[serde(rename = "<=")]
    Le,
    #[serde(rename = ">")]
    Gt,
    #[serde(rename = ">=")]
    Ge,
}

/// A value of Spark's, with the name of its type in Delta schemas. Dates are days, timestamps are
/// microseconds, decimals are unscaled digits as text, floats are text, bytes are numbers.
#[derive(Debug, Clone, Deserialize)]
pub struct Literal {
    #[serde(rename = "type")]
    kind: String,
    value: Value,
}

impl Literal {
    /// The value as one of type `kind`, if it is one and can be compared.
    pub fn scalar(&self, kind: &PrimitiveType) -> Option<Scalar> {
        if self.kind != kind.to_string() {
            return None;
        }
        let number = || self.value.as_i64();
        let text = || self.value.as_str();
        Some(match kind {
            PrimitiveType::Boolean => Scalar::Boolean(self.value.as_bool()?),
            PrimitiveType::Byte => Scalar::Byte(number()?.try_into().ok()?),
            PrimitiveType::Short => Scalar::Short(number()?.try_into().ok()?),
            PrimitiveType::Integer => Scalar::Integer(number()?.try_into().ok()?),
            PrimitiveType::Long => Scalar::Long(number()?),
            PrimitiveType::Date => Scalar::Date(number()?.try_into().ok()?),
            PrimitiveType::Timestamp => Scalar::Timestamp(number()?),
            PrimitiveType::TimestampNtz => Scalar::TimestampNtz(number()?),
            PrimitiveType::Float => {
                Scalar::Float(text()?.parse().ok().filter(|v: &f32| v.is_finite())?)
            }
            PrimitiveType::Double => {
                Scalar::Double(text()?.parse().ok().filter(|v: &f64| v.is_finite())?)
            }
            PrimitiveType::String => Scalar::String(text()?.to_owned()),
            PrimitiveType::Binary => {
                let bytes = self.value.as_array()?.iter().map(Value::as_u64);
                let bytes = bytes.map(|byte| byte.and_then(|byte| u8::try_from(byte).ok()));
                Scalar::Binary(bytes.collect::<Option<_>>()?)
            }
            PrimitiveType::Decimal(d) => {
                let unscaled: i128 = text()?.parse().ok()?;
                Scalar::decimal(unscaled, d.precision(), d.scale()).ok()?
            }
            _ => return None,
        })
    }
}
