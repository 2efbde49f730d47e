//! Actions of a commit file, line by line.

use crate::error::Error;

/// Lines of a commit file.
pub fn joined(lines: &[&[u8]]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for line in lines {
        joined.extend_from_slice(line);
        joined.push(b'\n');
    }
    joined
}

/// The error of an action that cannot be read or written.
pub fn broken_action(error: serde_json::Error) -> Error {
    Error::internal("Cannot complete the first commit of a table").caused_by(error)
}
