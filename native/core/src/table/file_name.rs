//! Names of data files.

use uuid::Uuid;

/// The name of a new file: the `number`th of task `task` in the write `write_id`.
pub fn data_file(task: u32, write_id: &str, number: u64, extension: &str) -> String {
    let unique = Uuid::new_v4();
    format!("part-{task:05}-{unique}-{write_id}.c{number:03}{extension}.parquet")
}

/// Whether a name is one that [`data_file`] makes; no other writer's are like it.
pub fn is_data_file(name: &str) -> bool {
    let Some(stem) = name.strip_prefix("part-") else {
        return false;
    };
    let Some((ids, rest)) = stem.split_once(".c") else {
        return false;
    };
    let write_id = ids.rsplit('-').next().unwrap_or_default();
    let is_hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
    write_id.len() == 32 && is_hex(write_id) && rest.ends_with(".parquet")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ours_are_known() {
        let write = Uuid::new_v4().simple().to_string();
        assert!(is_data_file(&data_file(7, &write, 1234, ".snappy")));
        assert!(is_data_file(&data_file(123_456, &write, 0, "")));
        let delta = "part-00000-7fa3a1d2-6f0c-4a05-9a43-3c2b1f0e9d8c-c000.snappy.parquet";
        for other in [delta, "part-00000.parquet", "_SUCCESS", "mine.csv"] {
            assert!(!is_data_file(other), "{other}");
        }
    }
}
