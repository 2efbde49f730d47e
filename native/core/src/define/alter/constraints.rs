//! ADD and DROP CONSTRAINT (Delta protocol, "CHECK Constraints"). SQL expressions mean nothing here:
//! whoever asks for a change has looked at rows and expressions before, and says at which version.

use std::collections::BTreeMap;

use delta_kernel::snapshot::SnapshotRef;
use serde::Deserialize;

use super::change::Change;
use super::state::TableState;
use crate::define::constraints::{check_name, is_taken, property};
use crate::error::{Error, ErrorKind, Result};
use crate::log::conflict;
use crate::storage::Storage;
use crate::table::seen;

/// What was looked at to find that a change is allowed: that all rows satisfy a new constraint, that
/// no constraint is about a column to be changed.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    pub version: u64,
    /// Id of the table's metadata.
    pub table_id: String,
    /// SQL expressions by name.
    pub constraints: BTreeMap<String, String>,
}

/// Checks that what was looked at is still so.
///
/// Errors: Conflict if it is not; Internal if nobody has looked.
pub(super) fn check(
    table: &str,
    storage: &Storage,
    snapshot: &SnapshotRef,
    changes: &[Change],
    checked: Option<&Checked>,
) -> Result<()> {
    let adds = |change: &Change| matches!(change, Change::AddConstraint { .. });
    let adds = changes.iter().any(adds);
    if !adds && !changes.iter().any(may_break_constraints) {
        return Ok(());
    }
    let checked = checked.ok_or_else(|| {
        Error::internal(format!(
            "Cannot alter table {table}: nobody has looked at its rows and constraints"
        ))
    })?;
    if snapshot.table_configuration().metadata().id() != checked.table_id {
        return Err(Error::new(
            ErrorKind::Conflict,
            format!(
                "Cannot alter table {table}: it was made anew meanwhile; run the statement again"
            ),
        )
        .class("DELTA_METADATA_CHANGED"));
    }
    seen::check_constraints(table, snapshot, &checked.constraints)?;
    if adds {
        for version in checked.version + 1..=snapshot.version() {
            conflict::check_no_rows_added(table, storage, version)?;
        }
    }
    Ok(())
}

fn may_break_constraints(change: &Change) -> bool {
    matches!(
        change,
        Change::RenameColumn { .. } | Change::DropColumn { .. } | Change::SetType { .. }
    )
}

impl TableState {
    /// Adds a CHECK constraint that all rows satisfy, and the table feature for it.
    ///
    /// Errors: InvalidInput (`DELTA_CONSTRAINT_ALREADY_EXISTS`, `DELTA_INVALID_CONSTRAINT_NAME`).
    pub(super) fn add_constraint(&mut self, name: &str, expression: &str) -> Result<()> {
        let doing = format!("alter table {}", self.table);
        check_name(&doing, name)?;
        if let Some(there) = self.constraint(name) {
            return Err(is_taken(&doing, name, there));
        }
        self.put_property(&property(name), expression);
        self.protocol.support("checkConstraints");
        Ok(())
    }

    /// Errors: InvalidInput (`DELTA_CONSTRAINT_DOES_NOT_EXIST`) unless the constraint may be missing.
    pub(super) fn drop_constraint(&mut self, name: &str, if_exists: bool) -> Result<()> {
        if self.constraint(name).is_none() && !if_exists {
            return Err(self.refuse(
                "DELTA_CONSTRAINT_DOES_NOT_EXIST",
                format!("it has no constraint '{name}'; say IF EXISTS if that is all right"),
            ));
        }
        let dropped = property(name);
        self.configuration
            .retain(|key, _| !key.eq_ignore_ascii_case(&dropped));
        Ok(())
    }

    /// The expression of the constraint called that, in any case.
    pub(super) fn constraint(&self, name: &str) -> Option<&str> {
        let wanted = property(name);
        let found = self
            .configuration
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(&wanted));
        found.and_then(|(_, expression)| expression.as_str())
    }
}
