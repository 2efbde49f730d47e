//! The `delta.*` table properties that Delta defines, and what values they take. Whoever creates or
//! alters a table asks here, so that a misspelt property is an error and not a silent wish.

use std::collections::{BTreeMap, HashMap};

use super::codec::Codec;
use crate::error::{Error, ErrorKind, Result};

/// A property Delta defines.
pub struct Property {
    /// With its `delta.` prefix, spelled as Delta spells it.
    pub key: &'static str,
    is_valid: fn(&str) -> bool,
    /// What a valid value is, for messages.
    pub values: &'static str,
    /// Whether the kernel takes it when a table is made; others are added to the metadata by us.
    pub known_to_kernel: bool,
}

const fn kernels(key: &'static str, is_valid: fn(&str) -> bool, values: &'static str) -> Property {
    Property {
        key,
        is_valid,
        values,
        known_to_kernel: true,
    }
}

const fn ours(key: &'static str, is_valid: fn(&str) -> bool, values: &'static str) -> Property {
    Property {
        key,
        is_valid,
        values,
        known_to_kernel: false,
    }
}

const BOOLEAN: &str = "true or false";
const POSITIVE: &str = "a positive number";
const INTERVAL: &str = "an interval such as 'interval 30 days'";
const NOT_EMPTY: &str = "not empty";

const KNOWN: &[Property] = &[
    kernels("delta.appendOnly", is_boolean, BOOLEAN),
    kernels("delta.checkpoint.writeStatsAsJson", is_boolean, BOOLEAN),
    kernels("delta.checkpoint.writeStatsAsStruct", is_boolean, BOOLEAN),
    kernels("delta.checkpointInterval", is_positive, POSITIVE),
    kernels("delta.checkpointPolicy", is_policy, "classic or v2"),
    kernels(
        "delta.columnMapping.mode",
        is_mapping_mode,
        "none, name or id",
    ),
    kernels(
        "delta.dataSkippingNumIndexedCols",
        is_count,
        "-1 or a number of columns",
    ),
    kernels(
        "delta.dataSkippingStatsColumns",
        is_anything,
        "names of columns",
    ),
    kernels("delta.deletedFileRetentionDuration", is_interval, INTERVAL),
    kernels("delta.enableChangeDataFeed", is_boolean, BOOLEAN),
    kernels("delta.enableDeletionVectors", is_boolean, BOOLEAN),
    kernels("delta.enableExpiredLogCleanup", is_boolean, BOOLEAN),
    kernels("delta.enableIcebergCompatV2", is_boolean, BOOLEAN),
    kernels("delta.enableIcebergCompatV3", is_boolean, BOOLEAN),
    kernels("delta.enableInCommitTimestamps", is_boolean, BOOLEAN),
    kernels("delta.enableRowTracking", is_boolean, BOOLEAN),
    kernels("delta.enableTypeWidening", is_boolean, BOOLEAN),
    kernels("delta.logRetentionDuration", is_interval, INTERVAL),
    kernels("delta.parquet.format.version", is_present, NOT_EMPTY),
    kernels(
        "delta.setTransactionRetentionDuration",
        is_interval,
        INTERVAL,
    ),
    ours("delta.autoOptimize", is_boolean, BOOLEAN),
    ours("delta.autoOptimize.autoCompact", is_present, NOT_EMPTY),
    ours("delta.autoOptimize.optimizeWrite", is_boolean, BOOLEAN),
    ours("delta.checkpointRetentionDuration", is_interval, INTERVAL),
    ours(
        "delta.compatibility.symlinkFormatManifest.enabled",
        is_boolean,
        BOOLEAN,
    ),
    ours(
        "delta.dropFeatureTruncateHistory.retentionDuration",
        is_interval,
        INTERVAL,
    ),
    ours("delta.enableFullRetentionRollback", is_boolean, BOOLEAN),
    ours(
        "delta.isolationLevel",
        is_isolation_level,
        "Serializable or WriteSerializable",
    ),
    ours(
        "delta.parquet.compression.codec",
        is_codec,
        "a compression codec",
    ),
    ours("delta.randomPrefixLength", is_positive, POSITIVE),
    ours("delta.randomizeFilePrefixes", is_boolean, BOOLEAN),
    ours("delta.sampleRetentionDuration", is_interval, INTERVAL),
    ours("delta.targetFileSize", is_present, "a size such as 128m"),
    ours("delta.tuneFileSizesForRewrites", is_boolean, BOOLEAN),
];

/// A property of delta-spark's that Sluice does not keep to.
pub struct Unsupported {
    pub key: &'static str,
    /// The value that asks for nothing.
    harmless: &'static str,
}

const fn unsupported(key: &'static str, harmless: &'static str) -> Unsupported {
    Unsupported { key, harmless }
}

const UNSUPPORTED: &[Unsupported] = &[
    unsupported("delta.castIcebergTimeType", "false"),
    unsupported("delta.columnMapping.maxColumnId", ""),
    unsupported("delta.coordinatedCommits.commitCoordinator-preview", ""),
    unsupported("delta.coordinatedCommits.commitCoordinatorConf-preview", ""),
    unsupported("delta.coordinatedCommits.tableConf-preview", ""),
    unsupported("delta.dataSkippingStringPrefixLength", "32"),
    unsupported("delta.enableIcebergCompatV1", "false"),
    unsupported("delta.enableMaterializePartitionColumnsFeature", "false"),
    unsupported("delta.enableVariantShredding", "false"),
    unsupported("delta.ignoreIcebergBucketPartition", "false"),
    unsupported("delta.ignoreProtocolDefaults", "false"),
    unsupported("delta.inCommitTimestampEnablementTimestamp", ""),
    unsupported("delta.inCommitTimestampEnablementVersion", ""),
    unsupported("delta.redirectReaderWriter-preview", ""),
    unsupported("delta.redirectWriterOnly-preview", ""),
    unsupported("delta.requireCheckpointProtectionBeforeVersion", "0"),
    unsupported("delta.rowTrackingSuspended", "false"),
    unsupported("delta.universalFormat.enabledFormats", ""),
    unsupported(
        "delta.universalFormat.iceberg.atomicConversion.supported",
        "false",
    ),
    unsupported("delta.writePartitionColumnsToParquet", "false"),
];

impl Unsupported {
    /// Errors: UnsupportedTable (`SLUICE_UNSUPPORTED_PROPERTY`) for a value that asks for something;
    /// `doing` completes "Cannot …".
    pub fn check(&self, doing: &str, value: &str) -> Result<()> {
        if !self.harmless.is_empty() && value.eq_ignore_ascii_case(self.harmless) {
            return Ok(());
        }
        let advice = match self.harmless {
            "" => "leave it out".to_owned(),
            harmless => format!("leave it out, or make it '{harmless}'"),
        };
        Err(Error::new(
            ErrorKind::UnsupportedTable,
            format!(
                "Cannot {doing}: table property '{}' = '{value}' is delta-spark's and not supported by Sluice; \
                 {advice}",
                self.key
            ),
        )
        .class("SLUICE_UNSUPPORTED_PROPERTY"))
    }
}

/// What a table property is to Delta.
pub enum Meaning {
    /// One of Delta's own.
    Known(&'static Property),
    /// One of Delta's own that is not kept to.
    Unsupported(&'static Unsupported),
    /// `delta.feature.<name>`: asks for a table feature.
    Feature(String),
    /// `delta.minReaderVersion` or `delta.minWriterVersion`.
    ProtocolVersion,
    /// `delta.constraints.<name>`: a CHECK constraint.
    Constraint,
    /// The user's own.
    Free,
    /// Begins with `delta.` and is none of Delta's.
    Unknown,
}

/// Prefix of the properties that hold CHECK constraints, in any case (Delta protocol, "CHECK
/// Constraints").
pub const CONSTRAINT_PREFIX: &str = "delta.constraints.";

/// The CHECK constraints among a table's properties: SQL expressions by name.
pub fn constraints(configuration: &HashMap<String, String>) -> BTreeMap<String, String> {
    let constraint = |(key, expression): (&String, &String)| {
        let prefix = key.get(..CONSTRAINT_PREFIX.len())?;
        let is_constraint = prefix.eq_ignore_ascii_case(CONSTRAINT_PREFIX);
        is_constraint.then(|| (key[prefix.len()..].to_owned(), expression.clone()))
    };
    configuration.iter().filter_map(constraint).collect()
}

/// Prefix of the properties that ask for a table feature.
pub const FEATURE_PREFIX: &str = "delta.feature.";

/// Delta compares its own keys without regard to case.
pub fn meaning(key: &str) -> Meaning {
    let folded = key.to_lowercase();
    if !folded.starts_with("delta.") {
        return Meaning::Free;
    }
    if let Some(feature) = folded.strip_prefix(FEATURE_PREFIX) {
        return Meaning::Feature(feature.to_owned());
    }
    if folded.starts_with(CONSTRAINT_PREFIX) {
        return Meaning::Constraint;
    }
    if ["delta.minreaderversion", "delta.minwriterversion"].contains(&folded.as_str()) {
        return Meaning::ProtocolVersion;
    }
    let known = KNOWN.iter().find(|p| p.key.to_lowercase() == folded);
    let unsupported = UNSUPPORTED.iter().find(|p| p.key.to_lowercase() == folded);
    let known = known.map(Meaning::Known);
    known
        .or(unsupported.map(Meaning::Unsupported))
        .unwrap_or(Meaning::Unknown)
}

/// A key as Delta records it.
pub fn canonical(key: &str) -> String {
    match meaning(key) {
        Meaning::Known(property) => property.key.to_owned(),
        Meaning::Unsupported(property) => property.key.to_owned(),
        Meaning::Feature(feature) => format!("{FEATURE_PREFIX}{feature}"),
        _ => key.to_owned(),
    }
}

impl Property {
    /// A value as it is recorded: Delta takes booleans in any case, the kernel in lower case only.
    pub fn recorded(&self, value: &str) -> String {
        if self.values == BOOLEAN {
            value.to_lowercase()
        } else {
            value.to_owned()
        }
    }

    /// A value as the kernel understands it, which takes intervals of one whole number and one unit only.
    pub fn for_kernel(&self, value: &str) -> String {
        match interval_micros(value).filter(|_| self.values == INTERVAL) {
            Some(micros) => format!("interval {micros} microseconds"),
            None => self.recorded(value),
        }
    }

    /// Errors: InvalidInput (`DELTA_INVALID_TABLE_PROPERTY_VALUE`) if the property cannot have the value;
    /// `doing` completes "Cannot …".
    pub fn check(&self, doing: &str, value: &str) -> Result<()> {
        if (self.is_valid)(value) {
            return Ok(());
        }
        Err(Error::invalid(format!(
            "Cannot {doing}: table property '{}' cannot be '{value}'; it must be {}",
            self.key, self.values
        ))
        .class("DELTA_INVALID_TABLE_PROPERTY_VALUE"))
    }
}

/// The refusal of a `delta.*` property nobody knows; `doing` completes "Cannot …".
pub fn unknown(doing: &str, key: &str) -> Error {
    Error::invalid(format!(
        "Cannot {doing}: table property '{key}' is none of Delta's; check its spelling, or choose a \
         name that does not begin with 'delta.'"
    ))
    .class("DELTA_UNKNOWN_CONFIGURATION")
}

pub const READER_NEEDS_WRITER: &str = "DELTA_READ_FEATURE_PROTOCOL_REQUIRES_WRITE";

/// Why a table is not given features for readers alone.
pub fn reader_needs_writer(key: &str) -> String {
    format!(
        "table property '{key}' = '3' asks for table features, which writers have to know too; set \
         'delta.minWriterVersion' = '7' as well"
    )
}

/// Whether a table is to have the protocol version of table features.
pub fn asks_for_version(key: &str, value: &str, version: &str) -> bool {
    value == version
        && match version {
            "3" => key.eq_ignore_ascii_case("delta.minReaderVersion"),
            _ => key.eq_ignore_ascii_case("delta.minWriterVersion"),
        }
}

/// Whether a boolean property is on.
pub fn is_true(value: &str) -> bool {
    value.eq_ignore_ascii_case("true")
}

fn is_boolean(value: &str) -> bool {
    ["true", "false"]
        .iter()
        .any(|known| value.eq_ignore_ascii_case(known))
}

fn is_positive(value: &str) -> bool {
    value.parse::<u32>().is_ok_and(|n| n > 0)
}

fn is_count(value: &str) -> bool {
    value.parse::<i32>().is_ok_and(|n| n >= -1)
}

fn is_present(value: &str) -> bool {
    !value.is_empty()
}

fn is_anything(_: &str) -> bool {
    true
}

fn is_policy(value: &str) -> bool {
    ["classic", "v2"].contains(&value)
}

fn is_mapping_mode(value: &str) -> bool {
    ["none", "name", "id"].contains(&value)
}

fn is_isolation_level(value: &str) -> bool {
    ["Serializable", "WriteSerializable"].contains(&value)
}

fn is_codec(value: &str) -> bool {
    Codec::resolve(None, Some(value), None).is_ok()
}

fn is_interval(value: &str) -> bool {
    interval_micros(value).is_some()
}

/// Numbers with units of fixed length, as in "interval 1 week 2 days", in microseconds; months and years are none.
fn interval_micros(value: &str) -> Option<u64> {
    const UNITS: [(&str, f64); 7] = [
        ("week", 604_800e6),
        ("day", 86_400e6),
        ("hour", 3_600e6),
        ("minute", 60e6),
        ("second", 1e6),
        ("millisecond", 1e3),
        ("microsecond", 1.0),
    ];
    let folded = value.trim().to_lowercase();
    let rest = folded.strip_prefix("interval ").unwrap_or(&folded);
    let words: Vec<&str> = rest.split_whitespace().collect();
    let micros = |pair: &[&str]| {
        let [number, unit] = pair else { return None };
        let number = number.parse::<f64>().ok().filter(|number| *number >= 0.0)?;
        let singular = unit.strip_suffix('s').unwrap_or(unit);
        let (_, size) = UNITS.iter().find(|(name, _)| *name == singular)?;
        Some(number * size)
    };
    let total: Option<f64> = words.chunks(2).map(micros).sum();
    total
        .filter(|_| !words.is_empty())
        .map(|micros| micros as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_in_any_case() {
        assert!(
            matches!(meaning("DELTA.APPENDONLY"), Meaning::Known(p) if p.key == "delta.appendOnly")
        );
        assert!(
            matches!(meaning("delta.feature.Clustering"), Meaning::Feature(f) if f == "clustering")
        );
        assert!(matches!(meaning("delta.nope"), Meaning::Unknown));
        assert!(matches!(meaning("mine"), Meaning::Free));
    }

    #[test]
    fn unsupported_properties_may_ask_for_nothing() {
        let check = |key: &str, value: &str| match meaning(key) {
            Meaning::Unsupported(property) => property.check("alter table t", value),
            _ => panic!("{key} is supported"),
        };
        assert!(check("delta.ENABLEVariantShredding", "False").is_ok());
        let refused = check("delta.enableVariantShredding", "true").unwrap_err();
        assert!(refused.message.ends_with("make it 'false'"), "{refused}");
        assert!(check("delta.universalFormat.enabledFormats", "").is_err());
    }

    #[test]
    fn constraints_are_told_from_other_properties() {
        let configuration = [
            ("delta.constraints.positive", "id > 0"),
            ("DELTA.Constraints.Odd", "id % 2 = 1"),
            ("delta.constraints", "none"),
            ("Größe.constraints.x", "none"),
        ];
        let configuration = configuration.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let found = constraints(&HashMap::from(configuration));
        let found: Vec<_> = found
            .iter()
            .map(|(n, e)| (n.as_str(), e.as_str()))
            .collect();
        assert_eq!(found, [("Odd", "id % 2 = 1"), ("positive", "id > 0")]);
    }

    #[test]
    fn intervals_have_units_of_fixed_length() {
        assert!(is_interval("interval 30 days") && is_interval("1 week 2 hours"));
        assert!(!is_interval("interval 1 month") && !is_interval("days") && !is_interval(""));
        let hours = 3_600_000_000;
        assert_eq!(interval_micros("INTERVAL 1 Day 2 hours"), Some(26 * hours));
        assert_eq!(interval_micros("0.5 hours"), Some(hours / 2));
    }
}
