//! What is being typed to sign in to Telegram, and where that goes.

use egui::Id;
use secrecy::SecretString;
use tokio::sync::oneshot::{Receiver, error::TryRecvError};

use super::telegram_dial;
use crate::engine::{Command, Problem, Reply, TelegramState, TelegramView};
use crate::telegram::{ApiKey, international};
use crate::ui::view::View;

/// What the screen shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The key of the program.
    Api,
    /// The telephone number.
    Phone,
    /// The code that Telegram sent.
    Code,
    /// The second password.
    Password,
    /// A code for a telephone.
    Scan,
    /// Who is signed in.
    SignedIn,
}

/// What can be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The telephone number.
    Phone,
    /// The code.
    Code,
    /// The second password.
    Password,
    /// `api_id`.
    ApiId,
    /// `api_hash`.
    ApiHash,
}

impl Field {
    /// The locale key of its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Phone => "telegram-phone",
            Self::Code => "telegram-code",
            Self::Password => "telegram-password",
            Self::ApiId => "telegram-api-id",
            Self::ApiHash => "telegram-api-hash",
        }
    }

    /// Whether it shows as dots.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::ApiHash)
    }

    /// Its name in the window.
    pub fn id(self) -> Id {
        Id::unique(("telegram field", self.label()))
    }
}

/// What the window remembers about Telegram.
#[derive(Default)]
pub struct State {
    phone: String,
    code: String,
    password: String,
    api_id: String,
    api_hash: String,
    /// Whether the secret that is typed is shown.
    pub(super) shown: bool,
    /// The field that can't be as it is, and the locale key of the reason.
    pub(super) wrong: Option<(Field, &'static str)>,
    /// Why the key of the program was not kept.
    pub(super) problem: Option<Problem>,
    /// The list of chats for the dial chat, while it is open.
    pub(super) dial: telegram_dial::State,
    /// Whether the person is being asked if he really wants to sign out.
    pub(super) signing_out: bool,
    changing_api: bool,
    scanning: bool,
    asked: Option<Receiver<Result<Reply, Problem>>>,
    last: Option<Form>,
    /// Whether Telegram was at work in the last picture.
    busy: bool,
    focus: bool,
}

impl State {
    /// Called when the window goes to the screen.
    pub fn enter(&mut self) {
        *self = Self {
            phone: std::mem::take(&mut self.phone),
            ..Self::default()
        };
    }

    /// Goes with what Telegram wants next: each form begins empty, with the keyboard in it.
    pub(super) fn follow(&mut self, telegram: &TelegramView) {
        self.poll();
        self.scanning = match telegram.state {
            TelegramState::Qr { .. } => true,
            TelegramState::Connecting => self.scanning,
            _ => false,
        };
        let form = self.form(telegram);
        let answered = self.busy && !telegram.busy;
        self.busy = telegram.busy;
        if self.last == Some(form) {
            let refused = matches!(
                telegram.problem,
                Some(Problem::TelegramCode | Problem::TelegramPassword { .. })
            );
            if answered && refused {
                self.clear();
                self.focus = true;
            }
            return;
        }
        self.last = Some(form);
        self.clear();
        self.shown = false;
        self.wrong = None;
        self.signing_out = false;
        self.focus = true;
    }

    fn clear(&mut self) {
        self.code.clear();
        self.password.clear();
    }

    /// What to show.
    pub(super) fn form(&self, telegram: &TelegramView) -> Form {
        match telegram.state {
            TelegramState::NeedsApi => Form::Api,
            TelegramState::Off if self.changing_api => Form::Api,
            TelegramState::Connecting if self.scanning => Form::Scan,
            TelegramState::Off | TelegramState::Connecting => Form::Phone,
            TelegramState::NeedsCode { .. } => Form::Code,
            TelegramState::NeedsPassword { .. } => Form::Password,
            TelegramState::Qr { .. } => Form::Scan,
            TelegramState::SignedIn { .. } => Form::SignedIn,
        }
    }

    /// Shows the form for the key of the program though there is one.
    pub(super) fn change_api(&mut self) {
        self.changing_api = true;
    }

    /// What is typed in a field.
    pub(super) fn typed(&self, field: Field) -> &str {
        match field {
            Field::Phone => &self.phone,
            Field::Code => &self.code,
            Field::Password => &self.password,
            Field::ApiId => &self.api_id,
            Field::ApiHash => &self.api_hash,
        }
    }

    /// Something was typed in a field.
    pub(super) fn write(&mut self, field: Field, typed: String) {
        self.wrong = None;
        let place = match field {
            Field::Phone => &mut self.phone,
            Field::Code => &mut self.code,
            Field::Password => &mut self.password,
            Field::ApiId => &mut self.api_id,
            Field::ApiHash => &mut self.api_hash,
        };
        *place = typed;
    }

    /// Whether the field is to get the keyboard now: the first one of a form that has just come.
    pub(super) fn wants_focus(&mut self, field: Field) -> bool {
        field != Field::ApiHash && std::mem::take(&mut self.focus)
    }

    /// Asks for something whose outcome is seen in the snapshot.
    pub(super) fn ask(view: &View<'_>, command: Command) {
        drop(view.handle.request(command));
    }

    /// Sends what was typed, if it can be right.
    pub(super) fn submit(&mut self, view: &View<'_>, form: Form) {
        self.wrong = self.check(form);
        if self.wrong.is_some() {
            return;
        }
        match form {
            Form::Phone => {
                let phone = self.phone.clone();
                Self::ask(view, Command::TelegramSignIn { phone });
            }
            Form::Code => {
                let code = SecretString::from(self.code.trim());
                Self::ask(view, Command::TelegramCode { code });
            }
            Form::Password => {
                let password = SecretString::from(self.password.as_str());
                Self::ask(view, Command::TelegramPassword { password });
            }
            Form::Api if self.asked.is_none() => {
                let key = ApiKey::read_id(&self.api_id).zip(ApiKey::read_hash(&self.api_hash));
                if let Some((id, hash)) = key {
                    self.problem = None;
                    let set = Command::TelegramSetApi { id, hash };
                    self.asked = Some(view.handle.request(set));
                }
            }
            Form::Api | Form::Scan | Form::SignedIn => {}
        }
    }

    fn check(&self, form: Form) -> Option<(Field, &'static str)> {
        let missing = "form-missing";
        let wrong = |field: Field, reason| match self.typed(field).trim() {
            "" => Some((field, missing)),
            _ => Some((field, reason)),
        };
        match form {
            Form::Phone if international(&self.phone).is_none() => {
                wrong(Field::Phone, "reason-telegram-phone")
            }
            Form::Code if self.code.trim().is_empty() => wrong(Field::Code, missing),
            Form::Password if self.password.is_empty() => wrong(Field::Password, missing),
            Form::Api if ApiKey::read_id(&self.api_id).is_none() => {
                wrong(Field::ApiId, "reason-telegram-api-id")
            }
            Form::Api if ApiKey::read_hash(&self.api_hash).is_none() => {
                wrong(Field::ApiHash, "reason-telegram-api-hash")
            }
            _ => None,
        }
    }

    /// Looks whether the key of the program was kept.
    fn poll(&mut self) {
        let Some(asked) = &mut self.asked else { return };
        let outcome = match asked.try_recv() {
            Ok(outcome) => outcome,
            Err(TryRecvError::Empty) => return,
            Err(TryRecvError::Closed) => Err(Problem::WrongState),
        };
        self.asked = None;
        match outcome {
            Ok(_) => self.enter(),
            Err(problem) => self.problem = Some(problem),
        }
    }
}
