//! Faults that tests ask for, to see what becomes of a write when the world fails. Nothing can be
//! set unless the process was started with `SLUICE_TEST_SWITCHES=1`.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::{Error, Result};

/// A place where a test can make something fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Fault {
    /// The next batch makes native code panic.
    PanicInWrite,
    /// The next commit lands, but its answer is an error.
    LoseAnswer,
    /// The next commit is not answered at all, though it lands.
    NoAnswer,
    /// The process dies before the commit file is written.
    DieBeforeCommit,
    /// The process dies right after the commit file was written.
    DieAfterCommit,
    /// Before the next commit, the one in the table's `_winner.json` lands in its place.
    LoseRace,
    /// The next commit that is tried again is forbidden.
    ForbidRetry,
}

const NAMES: [(&str, Fault); 7] = [
    ("panicInWrite", Fault::PanicInWrite),
    ("loseAnswer", Fault::LoseAnswer),
    ("noAnswer", Fault::NoAnswer),
    ("dieBeforeCommit", Fault::DieBeforeCommit),
    ("dieAfterCommit", Fault::DieAfterCommit),
    ("loseRace", Fault::LoseRace),
    ("forbidRetry", Fault::ForbidRetry),
];

static TIMES: [AtomicU32; NAMES.len()] = [const { AtomicU32::new(0) }; NAMES.len()];

/// Makes the fault called `name` happen `times` times.
///
/// Errors: InvalidInput for an unknown name, a count that is none, or a process that is no test.
pub fn set(name: &str, times: &str) -> Result<()> {
    if std::env::var("SLUICE_TEST_SWITCHES").as_deref() != Ok("1") {
        return Err(Error::invalid(format!(
            "Cannot switch on the fault '{name}': the process was not started with \
             SLUICE_TEST_SWITCHES=1"
        )));
    }
    let fault = NAMES.iter().find(|(known, _)| *known == name);
    match (fault, times.parse()) {
        (Some((_, fault)), Ok(times)) => {
            TIMES[*fault as usize].store(times, Ordering::SeqCst);
            Ok(())
        }
        _ => Err(Error::invalid(format!(
            "Cannot switch on the fault '{name}' with '{times}': no such fault or number"
        ))),
    }
}

/// Whether the fault is to happen here and now; counts it down.
pub fn take(fault: Fault) -> bool {
    let times = &TIMES[fault as usize];
    times.load(Ordering::Relaxed) > 0
        && times
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok()
}

/// Ends the process as `kill -9` would, if a test asked for it.
pub fn die_if(fault: Fault) {
    if take(fault) {
        std::process::abort();
    }
}
