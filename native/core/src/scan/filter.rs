//! Predicates as Spark pushes them, and their three uses: data skipping in the log (by the kernel),
//! exact decisions on partition values, and skipping of row groups.
//!
//! A filter never decides alone which rows are returned: Spark evaluates its predicates again, except
//! for those that [`Filter::is_exact`] on partition columns.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};

use delta_kernel::expressions::Scalar;
use delta_kernel::schema::{DataType, PrimitiveType, StructType};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::table::column_mapping::physical_name;

mod kernel;

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
    logical: Vec<String>,
    physical: Vec<String>,
    kind: PrimitiveType,
    /// Whether bounds of its values may be those of a narrower type, in which they were rounded.
    rounded: bool,
}

/// What is known of the values of a column in some set of rows.
#[derive(Debug, Default)]
pub struct Bounds {
    pub min: Option<Scalar>,
    pub max: Option<Scalar>,
    pub nulls: Option<u64>,
    pub rows: u64,
}

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

    /// All of `filters`.
    pub fn all(filters: Vec<Self>) -> Option<Self> {
        (!filters.is_empty()).then_some(Self::And(filters))
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

    /// Whether a part is about a column whose bounds [`super::plan::stats`] looks at.
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
    fn is_decided_by_bounds(&self) -> bool {
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

    fn column(&self) -> Option<&Column> {
        match self {
            Self::Compare { column, .. } | Self::In { column, .. } | Self::Null { column, .. } => {
                Some(column)
            }
            Self::And(_) | Self::Or(_) | Self::Unknown => None,
        }
    }

    fn values(&self) -> &[Scalar] {
        match self {
            Self::Compare { value, .. } => std::slice::from_ref(value),
            Self::In { values, .. } => values,
            _ => &[],
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

/// Order of two values of one type; none for NULL and for values that have no order.
fn compare(a: &Scalar, b: &Scalar) -> Option<Ordering> {
    a.logical_partial_cmp(b)
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

impl Literal {
    /// The value as one of type `kind`, if it is one and can be compared.
    fn scalar(&self, kind: &PrimitiveType) -> Option<Scalar> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str) -> Column {
        Column {
            logical: vec![name.to_owned()],
            physical: vec![name.to_owned()],
            kind: PrimitiveType::Long,
            rounded: false,
        }
    }

    fn compare(op: Comparison, value: i64) -> Filter {
        Filter::Compare {
            column: column("p"),
            op,
            value: Scalar::Long(value),
        }
    }

    #[test]
    fn prefixes_end_where_the_next_one_begins() {
        assert_eq!(successor("ab").as_deref(), Some("ac"));
        assert_eq!(successor("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(successor("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(successor("\u{10ffff}"), None);
    }

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

    #[test]
    fn only_partition_columns_are_exact() {
        let names = HashSet::from(["p".to_owned()]);
        assert!(compare(Comparison::Eq, 1).is_exact(&names));
        assert!(!compare(Comparison::Eq, 1).is_exact(&HashSet::new()));
        assert!(!Filter::And(vec![compare(Comparison::Eq, 1), Filter::Unknown]).is_exact(&names));
    }
}
