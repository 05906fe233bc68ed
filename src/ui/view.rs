//! What every screen is given to draw from, and the ways out of it.

use std::cell::RefCell;
use std::time::Instant;

use crate::account::{AccountId, Role};
use crate::engine::{
    AccountView, Ask, Command, Handle, PreferenceChange, Problem, RegistrationState, Snapshot,
};
use crate::locale::{Arg, Texts};

/// A place in the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The phone.
    Phone,
    /// The calls there were.
    History,
    /// The list of lines.
    Lines,
    /// One line's page.
    Line(AccountId),
    /// The page that makes a line.
    NewLine,
    /// The Telegram account.
    Telegram,
    /// The settings of the program.
    Settings,
    /// The last SIP messages.
    Trace,
}

/// One moment of the engine with what is needed to show it.
pub struct View<'a> {
    /// The way to the engine.
    pub handle: &'a Handle,
    /// What the engine looks like.
    pub snapshot: &'a Snapshot,
    /// The words.
    pub texts: &'a Texts,
    /// The time of this picture.
    pub now: Instant,
    /// Whether there is room for one column only.
    pub narrow: bool,
    /// Where to go after this picture, if somewhere else.
    pub go: RefCell<Option<Place>>,
    /// Something that went wrong in the window itself.
    pub told: RefCell<Option<Problem>>,
    /// The line that calls are to be made with from now on, if one was chosen.
    pub call_over: RefCell<Option<AccountId>>,
}

impl View<'_> {
    /// A text.
    pub fn say(&self, key: &str) -> String {
        self.texts.get(key)
    }

    /// A text with values in it.
    pub fn say_with(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.texts.with(key, args)
    }

    /// Asks the engine for something; a failure comes back as an event.
    pub fn send(&self, command: Command) {
        self.handle.send(command);
    }

    /// Tells what went wrong.
    pub fn tell(&self, problem: Problem) {
        self.told.replace(Some(problem));
    }

    /// Asks the engine to change preferences.
    pub fn prefer(&self, change: PreferenceChange) {
        self.send(Command::SetPreferences(change));
    }

    /// Lets calls ring, or refuses them without ringing.
    pub fn do_not_disturb(&self, on: bool) {
        self.prefer(PreferenceChange {
            do_not_disturb: Some(on),
            ..PreferenceChange::default()
        });
    }

    /// Goes to another place after this picture.
    pub fn go(&self, place: Place) {
        self.go.replace(Some(place));
    }

    /// Goes to the phone, to call over this line.
    pub fn call_over(&self, line: AccountId) {
        self.call_over.replace(Some(line));
        self.go(Place::Phone);
    }

    /// Whether the person here set the line up, and not somebody else for him.
    pub fn owns(&self, account: &AccountView) -> bool {
        account.role == Role::Owner
    }

    /// The person's lines, without the test line.
    pub fn lines(&self) -> impl Iterator<Item = &AccountView> {
        self.snapshot
            .accounts
            .iter()
            .filter(|account| !account.id.is_test_line())
    }

    /// The lines that can call now.
    pub fn ready_lines(&self) -> impl Iterator<Item = &AccountView> {
        self.lines().filter(|account| is_ready(account))
    }

    /// Calls the echo of the test line.
    pub fn call_test_line(&self) {
        self.send(Command::Dial {
            target: "echo".into(),
            account: Some(AccountId::test_line()),
            ask: Ask::Never,
        });
    }
}

/// Whether a line can call now.
pub fn is_ready(account: &AccountView) -> bool {
    account.enabled
        && matches!(
            account.registration.state,
            RegistrationState::Registered | RegistrationState::NotNeeded
        )
}
