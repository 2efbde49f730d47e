//! What the session that reads has to say about files of others.

use arrow::array::timezone::Tz;
use chrono::{LocalResult, NaiveDateTime, Offset as _, TimeDelta, TimeZone as _};
use delta_kernel::schema::PrimitiveType;
use serde::{Deserialize, Serialize};

use super::files::DataFile;
use super::keys::PartitionColumn;
use crate::error::{Error, Result};

/// Settings of a session of Spark's.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Session {
    /// A region, or an offset like `+08:00`; UTC if empty.
    pub time_zone: String,
    /// spark.sql.files.ignoreMissingFiles
    pub ignore_missing_files: bool,
    /// spark.sql.files.ignoreCorruptFiles
    pub ignore_corrupt_files: bool,
}

/// Gives the timestamps of partitions the zone they were written without: that of the session, as
/// delta-spark reads them.
pub struct LocalTimestamps<'a> {
    zone: Tz,
    /// Partition columns that are timestamps.
    columns: Vec<&'a PartitionColumn>,
}

impl<'a> LocalTimestamps<'a> {
    /// Errors: InvalidInput for a zone that is not known.
    pub fn of(session: &Session, partitions: &'a [PartitionColumn]) -> Result<Self> {
        let columns = partitions.iter();
        let columns: Vec<_> = columns
            .filter(|column| column.kind == PrimitiveType::Timestamp)
            .collect();
        let name = match session.time_zone.as_str() {
            _ if columns.is_empty() => "+00:00",
            "" => "+00:00",
            name => name,
        };
        let zone = name.parse().map_err(|e| {
            Error::invalid(format!(
                "Cannot read partition column '{}': the session's time zone '{name}' is not known; set \
                 spark.sql.session.timeZone to a region or an offset",
                columns.first().map_or("", |column| column.name.as_str())
            ))
            .caused_by(e)
        })?;
        Ok(Self { zone, columns })
    }

    /// The file with zones in all its timestamps.
    pub fn complete(&self, mut file: DataFile) -> DataFile {
        for (name, value) in &mut file.partition_values {
            if self.columns.iter().any(|column| &column.physical == name)
                && let Some(utc) = in_utc(value, &self.zone)
            {
                *value = utc;
            }
        }
        file
    }
}

/// A local time as the protocol writes those of UTC; none if the text has a zone or is no timestamp.
fn in_utc(text: &str, zone: &Tz) -> Option<String> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok()?;
    let offset = match zone.offset_from_local_datetime(&local) {
        LocalResult::Single(offset) | LocalResult::Ambiguous(offset, _) => offset,
        // A time that clocks skipped counts by the offset before, as in Java.
        LocalResult::None => {
            let before = local.checked_sub_signed(TimeDelta::days(1))?;
            zone.offset_from_local_datetime(&before).earliest()?
        }
    };
    let utc = local.checked_sub_offset(offset.fix())?;
    Some(utc.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_times_are_those_of_the_zone() {
        let in_zone = |text: &str, zone: &str| in_utc(text, &zone.parse().unwrap());
        let los_angeles = |text: &str| in_zone(text, "America/Los_Angeles").unwrap();
        assert_eq!(
            los_angeles("2024-01-01 00:00:00"),
            "2024-01-01T08:00:00.000000Z"
        );
        assert_eq!(
            los_angeles("2024-03-10 02:30:00.5"),
            "2024-03-10T10:30:00.500000Z"
        );
        assert_eq!(
            los_angeles("2024-11-03 01:30:00"),
            "2024-11-03T08:30:00.000000Z"
        );
        let fixed = in_zone("2024-01-01 00:00:00", "+05:30");
        assert_eq!(fixed.as_deref(), Some("2023-12-31T18:30:00.000000Z"));
        assert_eq!(in_zone("2024-01-01T00:00:00Z", "+05:30"), None);
    }
}
