//! Templates: filling an account from one, and the person's own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::Book;
use crate::account::{AccountId, Catalogue, SettingId, Template};
use crate::call::Problem;
use crate::store::read_templates;

impl Book {
    /// All templates, one's own first.
    pub fn templates(&self) -> Arc<Catalogue> {
        self.templates.clone()
    }

    /// Settings with what the template among them fills in; what is given besides counts more.
    ///
    /// # Errors
    /// [`Problem::BadValue`] if there is no such template.
    pub(super) fn filled(
        &self,
        values: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, Problem> {
        let setting = SettingId::Template.as_str();
        let id = values.get(setting).map_or("", |id| id.trim());
        if id.is_empty() {
            return Ok(values.clone());
        }
        let template = self.templates.get(id);
        let template =
            template.ok_or_else(|| Problem::bad_value(setting, "reason-template-unknown"))?;
        let mut filled = template.values();
        filled.extend(values.clone());
        Ok(filled)
    }

    /// Keeps the settings of an account as a template of one's own; gives its identifier.
    ///
    /// # Errors
    /// [`Problem::Unknown`], [`Problem::NotOwner`], [`Problem::BadValue`] if the name is empty, or
    /// [`Problem::File`].
    pub fn save_template(&mut self, account: &AccountId, name: &str) -> Result<String, Problem> {
        let name = name.trim();
        if name.is_empty() {
            return Err(Problem::bad_value("name", "reason-template-name"));
        }
        let template = Template::from_values(name, &self.owned(account)?.edited().values());
        let id = template.id.clone();
        self.change_templates(|own| own.add(template))?;
        Ok(id)
    }

    /// Adds the templates of a file to one's own; gives their identifiers.
    ///
    /// # Errors
    /// [`Problem::File`] with the line; then one's own are as they were.
    pub fn import_templates(&mut self, path: &Path) -> Result<Vec<String>, Problem> {
        let more = read_templates(path)?;
        self.change_templates(|own| {
            for template in more.templates() {
                own.add(template.clone());
            }
        })?;
        let ids = more.templates().iter();
        Ok(ids.map(|template| template.id.clone()).collect())
    }

    /// Removes a template of one's own.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or [`Problem::File`].
    pub fn remove_template(&mut self, id: &str) -> Result<(), Problem> {
        if self.own_templates.get(id).is_none() {
            let what = format!("template {id}");
            return Err(Problem::Unknown { what });
        }
        self.change_templates(|own| {
            own.remove(id);
        })
    }

    fn change_templates(&mut self, change: impl FnOnce(&mut Catalogue)) -> Result<(), Problem> {
        let mut own = self.own_templates.clone();
        change(&mut own);
        self.profile.save_templates(&own)?;
        self.templates = Catalogue::with_own(&own).into();
        self.own_templates = own;
        Ok(())
    }
}
