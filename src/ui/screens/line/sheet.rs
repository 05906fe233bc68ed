use std::collections::BTreeMap;

use egui::Context;
use secrecy::SecretString;

use super::shown::Shown;
use crate::account::{Account, AccountId, SettingId, Template};
use crate::engine::{AccountView, Command, Handle, Problem};
use crate::ui::asked::Asked;
use crate::ui::widgets::Search;

/// What is typed, unfolded and sent on the page of a line. Nothing typed is lost: a value that
/// was refused is in its prompt again when that is opened.
pub struct Sheet {
    account: Option<AccountId>,
    /// What was given for a line that is yet to be made.
    given: BTreeMap<SettingId, String>,
    /// The open prompts and what is typed in each.
    prompts: BTreeMap<SettingId, String>,
    sent: Vec<Sent>,
    refused: BTreeMap<SettingId, Refused>,
    /// The setting whose details are unfolded.
    pub unfolded: Option<SettingId>,
    /// Whether they were unfolded just now, and have to be brought into sight.
    pub just_unfolded: bool,
    /// The setting whose list is open, and what is searched for in it.
    pub picker: Option<(SettingId, Search)>,
    /// Whether the settings are shown that most people never need.
    pub more: bool,
    /// Whether Enter was pressed in a field of a new line.
    pub entered: bool,
    /// Whether the password that is being typed can be read.
    pub password_shown: bool,
    /// The number the dial rules are tried on.
    pub tried: String,
}

struct Sent {
    setting: SettingId,
    typed: String,
    asked: Asked,
}

/// A value that the engine did not take.
struct Refused {
    typed: String,
    problem: Problem,
}

impl Sheet {
    /// The sheet of a line, or of a new one.
    pub fn new(account: Option<AccountId>) -> Self {
        Self {
            account,
            given: BTreeMap::new(),
            prompts: BTreeMap::new(),
            sent: Vec::new(),
            refused: BTreeMap::new(),
            unfolded: None,
            just_unfolded: false,
            picker: None,
            more: false,
            entered: false,
            password_shown: false,
            tried: String::new(),
        }
    }

    /// Whether it is of a line that is yet to be made.
    pub fn is_new(&self) -> bool {
        self.account.is_none()
    }

    /// What was given for a new line.
    pub fn given(&self) -> &BTreeMap<SettingId, String> {
        &self.given
    }

    /// What is typed in the open prompt of a setting. For a new line every prompt is open.
    pub fn prompt(&mut self, setting: SettingId) -> Option<&mut String> {
        match self.account {
            None => Some(self.given.entry(setting).or_default()),
            Some(_) => self.prompts.get_mut(&setting),
        }
    }

    /// Opens a prompt with the value there is, or with the one that was refused.
    pub fn open(&mut self, setting: SettingId, value: String) -> &str {
        let refused = self.refused.get(&setting).map(|refused| &refused.typed);
        let typed = refused.cloned().unwrap_or(value);
        self.prompts.entry(setting).insert_entry(typed).into_mut()
    }

    /// Closes a prompt and drops what is typed in it.
    pub fn close(&mut self, setting: SettingId) {
        self.prompts.remove(&setting);
        self.refused.remove(&setting);
    }

    /// Keeps what is typed in a prompt and closes it; one that can't stand stays open.
    pub fn keep_prompt(&mut self, handle: &Handle, shown: &Shown, setting: SettingId) {
        let Some(typed) = self.prompts.get(&setting).cloned() else {
            return;
        };
        let is_same = match (setting, shown.check(setting, &typed)) {
            (SettingId::Password, _) => typed.is_empty(),
            (_, Ok(value)) => value == shown.value(setting),
            (_, Err(_)) => return,
        };
        self.close(setting);
        if !is_same {
            self.keep(handle, setting, typed);
        }
    }

    /// Keeps every prompt that can be kept, because the person goes elsewhere.
    pub fn keep_prompts(&mut self, handle: &Handle, shown: &Shown) {
        for setting in self.prompts.keys().copied().collect::<Vec<_>>() {
            self.keep_prompt(handle, shown, setting);
        }
    }

    /// Gives a setting a value: for a new line here, otherwise by asking the engine.
    pub fn keep(&mut self, handle: &Handle, setting: SettingId, value: String) {
        self.refused.remove(&setting);
        let Some(account) = self.account.clone() else {
            self.given.insert(setting, value);
            return;
        };
        let (mut values, mut password) = (BTreeMap::new(), None);
        match setting {
            SettingId::Password => password = Some(SecretString::from(value.clone())),
            _ => {
                values.insert(setting.as_str().to_owned(), value.clone());
            }
        }
        let command = Command::SetAccount {
            account,
            values,
            password,
            apply: false,
        };
        self.sent.push(Sent {
            setting,
            typed: value,
            asked: Asked::send(handle, command),
        });
    }

    /// Gives a new line what a template knows, in place of what the one before it knew.
    pub fn fill(&mut self, [before, template]: [Option<&Template>; 2], language: &str) {
        let values = |of: Option<&Template>| of.map(Template::values).unwrap_or_default();
        let name = |of: Option<&Template>| of.map_or("", |of| of.name.get(language)).to_owned();
        for (setting, value) in values(before) {
            if let Ok(setting) = setting.parse::<SettingId>() {
                self.given
                    .retain(|kept, given| *kept != setting || *given != value);
            }
        }
        for (setting, value) in values(template) {
            if let Ok(setting) = setting.parse() {
                self.refused.remove(&setting);
                self.given.insert(setting, value);
            }
        }
        let id = template.map(|template| template.id.clone());
        self.given
            .insert(SettingId::Template, id.unwrap_or_default());
        let given = self.given.entry(SettingId::Name).or_default();
        if given.is_empty() || *given == name(before) {
            *given = name(template);
        }
    }

    /// Sends a refused value again.
    pub fn keep_again(&mut self, handle: &Handle, setting: SettingId) {
        if let Some(refused) = self.refused.remove(&setting) {
            self.prompts.remove(&setting);
            self.keep(handle, setting, refused.typed);
        }
    }

    /// Why the last value of a setting was refused.
    pub fn refusal(&self, setting: SettingId) -> Option<&Problem> {
        self.refused.get(&setting).map(|refused| &refused.problem)
    }

    /// Says at a setting why it can't stay as it is.
    pub fn refuse(&mut self, setting: SettingId, problem: Problem) {
        let typed = self.given.get(&setting).cloned().unwrap_or_default();
        self.refused.insert(setting, Refused { typed, problem });
        self.more |= setting.spec().advanced;
    }

    /// Takes back what was said at a setting.
    pub fn forgive(&mut self, setting: SettingId) {
        self.refused.remove(&setting);
    }

    /// Whether nothing is said at any setting.
    pub fn is_fine(&self) -> bool {
        self.refused.is_empty()
    }

    /// Looks whether what was sent has its outcome.
    pub fn poll(&mut self, ctx: &Context) {
        let mut refused = Vec::new();
        self.sent.retain_mut(|sent| {
            let Some(outcome) = sent.asked.outcome(ctx) else {
                return true;
            };
            if let Err(problem) = outcome {
                refused.push((sent.setting, std::mem::take(&mut sent.typed), problem));
            }
            false
        });
        for (setting, typed, problem) in refused {
            self.more |= setting.spec().advanced;
            self.refused.insert(setting, Refused { typed, problem });
        }
    }

    /// What the page shows: what is known, and over it what was given or is on its way.
    pub fn shown(&self, known: Option<&AccountView>) -> Shown {
        let mut shown = match known {
            Some(known) => Shown::of(known),
            None => Shown::of_new(
                Account::new(AccountId::from("new")),
                self.given
                    .get(&SettingId::Password)
                    .is_some_and(|p| !p.is_empty()),
            ),
        };
        let sent = self.sent.iter().map(|sent| (&sent.setting, &sent.typed));
        for (setting, value) in self.given.iter().chain(sent) {
            match setting {
                SettingId::Password => shown.has_password |= !value.is_empty(),
                // What can't stand is said at its row.
                _ => drop(shown.account.set(*setting, value)),
            }
        }
        shown
    }
}
