//! Which line was used last for a number.

use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::{atomic, profile};
use crate::account::AccountId;

/// Numbers that are remembered.
const MOST: usize = 500;

/// The line used last for each of the latest numbers, the latest first.
#[derive(Debug)]
pub struct Recent {
    path: PathBuf,
    lines: Vec<(String, AccountId)>,
}

impl Recent {
    /// Reads them from the profile's folder. What can't be read is forgotten: it only orders a
    /// list.
    pub fn open(dir: &Path) -> Self {
        let path = dir.join("recent.json");
        let text = profile::read_whole(&path).ok();
        let lines = text.and_then(|text| serde_json::from_str(&text).ok());
        Self {
            path,
            lines: lines.unwrap_or_default(),
        }
    }

    /// The line used last for this number.
    pub fn line_for(&self, number: &str) -> Option<&AccountId> {
        let found = self.lines.iter().find(|(known, _)| known == number);
        found.map(|(_, line)| line)
    }

    /// The number that was remembered last, and its line.
    pub fn last(&self) -> Option<(&str, &AccountId)> {
        let (number, line) = self.lines.first()?;
        Some((number, line))
    }

    /// Remembers the line for this number.
    ///
    /// # Errors
    /// What the system said; then it is remembered until the program ends.
    pub fn remember(&mut self, number: &str, line: &AccountId) -> Result<(), StoreError> {
        if self.last() == Some((number, line)) {
            return Ok(());
        }
        self.lines.retain(|(known, _)| known != number);
        self.lines.insert(0, (number.to_owned(), line.clone()));
        self.lines.truncate(MOST);
        let text = serde_json::to_vec(&self.lines).unwrap_or_default();
        atomic::replace(&self.path, &text).map_err(|error| StoreError::io(&self.path, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_number_outlives_the_program() {
        let dir = tempfile::tempdir().unwrap();
        let mut recent = Recent::open(dir.path());
        assert_eq!(recent.line_for("101"), None);
        recent.remember("101", &"office".into()).unwrap();
        recent.remember("101", &"home".into()).unwrap();
        let recent = Recent::open(dir.path());
        assert_eq!(recent.line_for("101"), Some(&"home".into()));
    }

    #[test]
    fn a_number_that_is_dialled_again_is_the_last() {
        let dir = tempfile::tempdir().unwrap();
        let mut recent = Recent::open(dir.path());
        assert_eq!(recent.last(), None);
        for number in ["101", "102", "101"] {
            recent.remember(number, &"office".into()).unwrap();
        }
        let recent = Recent::open(dir.path());
        assert_eq!(recent.last(), Some(("101", &"office".into())));
    }

    #[test]
    fn only_the_latest_numbers_are_remembered() {
        let dir = tempfile::tempdir().unwrap();
        let mut recent = Recent::open(dir.path());
        recent.lines = (0..MOST)
            .map(|number| (number.to_string(), "office".into()))
            .collect();
        recent.remember("new", &"office".into()).unwrap();
        assert_eq!(recent.lines.len(), MOST);
        assert!(recent.line_for("new").is_some());
        assert!(recent.line_for(&(MOST - 1).to_string()).is_none());
    }

    #[test]
    fn a_damaged_memory_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("recent.json"), "{").unwrap();
        assert_eq!(Recent::open(dir.path()).line_for("101"), None);
    }
}
