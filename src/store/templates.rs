//! The person's own templates, `templates.toml` in the profile.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::atomic;
use super::error::StoreError;
use super::profile::{Profile, read_whole};
use crate::account::{Catalogue, TemplateError};

impl Profile {
    fn templates_file(&self) -> PathBuf {
        self.dir().join("templates.toml")
    }

    /// The person's own templates; there are none without the file.
    ///
    /// # Errors
    /// As [`read_templates`]; the file is left as it is.
    pub fn templates(&self) -> Result<Catalogue, StoreError> {
        match read_templates(&self.templates_file()) {
            Err(StoreError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
                Ok(Catalogue::default())
            }
            read => read,
        }
    }

    /// Writes the person's own templates so that the file is whole at every moment.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if another Gudok owns the profile, [`StoreError::Unreadable`] if
    /// they are more than [`Catalogue::parse`] reads, or what the system said; the old file
    /// stands.
    pub fn save_templates(&self, own: &Catalogue) -> Result<(), StoreError> {
        if !self.is_owned() {
            let dir = self.dir().into();
            return Err(StoreError::InUse { dir });
        }
        let path = self.templates_file();
        let text = own.to_toml();
        Catalogue::parse(&text).map_err(|error| unreadable(&path, error))?;
        atomic::replace(&path, text.as_bytes()).map_err(|error| StoreError::io(&path, error))
    }
}

/// Reads a file of templates that a person gives.
///
/// # Errors
/// [`StoreError::Unreadable`] with the line, or what the system said.
pub fn read_templates(path: &Path) -> Result<Catalogue, StoreError> {
    Catalogue::parse(&read_whole(path)?).map_err(|error| unreadable(path, error))
}

fn unreadable(path: &Path, error: TemplateError) -> StoreError {
    StoreError::Unreadable {
        path: path.into(),
        line: error.line,
        reason: error.reason,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::*;
    use crate::account::Template;

    const OFFICE: &str =
        "[[templates]]\nid = 'office'\nname = 'Офис'\ndomain = 'pbx.example.com'\n";

    fn profile() -> (tempfile::TempDir, Profile) {
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::open(folder.path()).unwrap();
        (folder, profile)
    }

    #[test]
    fn a_new_profile_has_no_templates_of_its_own() {
        let (_folder, profile) = profile();
        assert_eq!(profile.templates().unwrap(), Catalogue::default());
    }

    #[test]
    fn what_is_saved_is_there_again() {
        let (folder, profile) = profile();
        let own = Catalogue::parse(OFFICE).unwrap();
        profile.save_templates(&own).unwrap();
        assert_eq!(profile.templates().unwrap(), own);
        let beside = Profile::beside(folder.path()).unwrap();
        assert_eq!(beside.templates().unwrap(), own);
        let refused = beside.save_templates(&Catalogue::default());
        assert!(matches!(refused, Err(StoreError::InUse { .. })));
    }

    #[test]
    fn a_damaged_file_is_told_with_its_line_and_left_as_it_is() {
        let (folder, profile) = profile();
        let path = folder.path().join("templates.toml");
        let text = format!("{OFFICE}\n[[templates]]\nid = 'Дом'\n");
        fs::write(&path, &text).unwrap();
        let error = profile.templates().unwrap_err();
        assert!(error.path().ends_with("templates.toml:7"), "{error}");
        assert_eq!(error.reason(), "reason-template-id");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn what_could_not_be_read_again_is_not_written() {
        let (_folder, profile) = profile();
        let mut own = Catalogue::default();
        for number in 0..2001 {
            own.add(Template::from_values(&number.to_string(), &BTreeMap::new()));
        }
        let refused = profile.save_templates(&own);
        assert!(matches!(refused, Err(StoreError::Unreadable { .. })));
        assert_eq!(profile.templates().unwrap(), Catalogue::default());
    }
}
