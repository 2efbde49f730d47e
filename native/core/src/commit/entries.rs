//! Keys of a commit's parameters and metrics, with their values.

pub type Entry = (String, Option<String>);

pub fn entry(key: &str, value: impl ToString) -> Entry {
    (key.to_owned(), Some(value.to_string()))
}
