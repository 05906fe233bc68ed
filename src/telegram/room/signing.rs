//! Signing in and out.

use std::time::{Duration, Instant};

use secrecy::SecretString;

use super::{Outcome, Room};
use crate::telegram::phone::international;
use crate::telegram::sign_in::{self, Step};
use crate::telegram::state::State;
use crate::telegram::trouble::Trouble;

/// How long before a code to be scanned runs out another one is asked for.
const SCAN_AHEAD: Duration = Duration::from_secs(5);
/// The longest wait that is waited out while a code is to be scanned, seconds.
const SCAN_PATIENCE: u64 = 60;

impl Room {
    pub(super) fn sign_in(&mut self, phone: &str) {
        self.leave();
        match (international(phone), self.wire()) {
            (Some(phone), Ok((wire, api))) => {
                self.status.state = State::Connecting;
                self.step(sign_in::send_code(wire, api, phone));
            }
            (None, _) => self.status.trouble = Some(Trouble::Phone),
            (_, Err(trouble)) => self.status.trouble = Some(trouble),
        }
    }

    pub(super) fn begin_scan(&mut self) {
        self.leave();
        match self.wire() {
            Ok((wire, api)) => {
                self.status.state = State::Connecting;
                self.scanning = true;
                self.step(sign_in::scan(wire, api));
            }
            Err(trouble) => self.status.trouble = Some(trouble),
        }
    }

    pub(super) fn enter_code(&mut self, code: SecretString) {
        match (self.code.clone(), self.wire()) {
            (Some(sent), Ok((wire, _))) => self.step(sign_in::enter_code(wire, sent, code)),
            (None, _) => self.status.trouble = Some(Trouble::NotNow),
            (_, Err(trouble)) => self.status.trouble = Some(trouble),
        }
    }

    pub(super) fn send_code_again(&mut self) {
        match (self.code.clone(), self.wire()) {
            (Some(sent), Ok((wire, _))) => self.step(sign_in::send_code_again(wire, sent)),
            (None, _) => self.status.trouble = Some(Trouble::NotNow),
            (_, Err(trouble)) => self.status.trouble = Some(trouble),
        }
    }

    pub(super) fn enter_password(&mut self, password: SecretString) {
        if !matches!(self.status.state, State::NeedsPassword { .. }) {
            self.status.trouble = Some(Trouble::NotNow);
            return;
        }
        match self.wire() {
            Ok((wire, _)) => self.step(sign_in::enter_password(wire, password)),
            Err(trouble) => self.status.trouble = Some(trouble),
        }
    }

    /// Somebody waits for this step.
    fn step(&mut self, step: impl Future<Output = Result<Step, Trouble>> + 'static) {
        let work = async { Outcome::Step(step.await) };
        self.work = Some((Box::pin(work), true));
    }

    /// Asks for another code to be scanned, or whether the one that is shown was.
    pub(super) fn scan(&mut self) {
        if self.work.is_some() {
            return;
        }
        match self.wire() {
            Ok((wire, api)) => {
                let work = async { Outcome::Step(sign_in::scan(wire, api).await) };
                self.work = Some((Box::pin(work), false));
            }
            Err(trouble) => self.stumble(trouble),
        }
    }

    pub(super) fn on_scanned(&mut self) {
        if self.scanning {
            self.due.scan = Some(Instant::now());
        }
    }

    /// Only a code to be scanned needs a connection while nothing is asked.
    pub(super) fn on_closed(&mut self) {
        if self.scanning && self.work.is_none() {
            self.due.scan = Instant::now().checked_add(self.pauses.next());
        }
    }

    pub(super) fn on_step(&mut self, step: Result<Step, Trouble>) {
        let step = match step {
            Ok(step) => step,
            Err(trouble) => return self.stumble(trouble),
        };
        self.status.trouble = None;
        self.due.scan = None;
        match step {
            Step::Code(sent) => {
                self.status.state = State::NeedsCode {
                    length: sent.length,
                    how: sent.how.clone(),
                };
                self.code = Some(sent);
            }
            Step::Password { hint } => {
                self.code = None;
                self.scanning = false;
                self.status.state = State::NeedsPassword { hint };
            }
            Step::Scan(token) => {
                self.pauses.reset();
                self.due.scan = token.expires_at.checked_sub(SCAN_AHEAD);
                self.status.state = State::Qr {
                    url: token.url,
                    expires_at: token.expires_at,
                };
            }
            Step::In(me, clock) => {
                self.code = None;
                self.scanning = false;
                self.clock = Some(clock);
                self.arrive(me, 0);
            }
        }
    }

    /// A step failed. Where trying again can help, the person stays where he is.
    fn stumble(&mut self, trouble: Trouble) {
        if trouble == Trouble::Unreachable {
            // The next request goes a new way.
            self.hang_up();
        }
        let again = match (&self.status.state, &trouble) {
            (_, Trouble::Unreachable) if self.scanning => Some(self.pauses.next()),
            (_, Trouble::Flood { seconds }) if self.scanning && *seconds <= SCAN_PATIENCE => {
                Some(Duration::from_secs(*seconds).max(self.pauses.next()))
            }
            _ => None,
        };
        let passes = matches!(trouble, Trouble::Unreachable | Trouble::Flood { .. });
        let stays = match &self.status.state {
            State::NeedsCode { .. } => passes || trouble == Trouble::Code,
            State::NeedsPassword { .. } => passes || matches!(trouble, Trouble::Password { .. }),
            _ => false,
        };
        if let Some(pause) = again {
            self.status.state = State::Connecting;
            self.due.scan = Instant::now().checked_add(pause);
        } else if !stays {
            self.leave();
        }
        self.status.trouble = Some(trouble);
    }

    /// Stops signing in.
    pub(super) fn leave(&mut self) {
        self.hang_up();
        self.code = None;
        self.scanning = false;
        self.pauses.reset();
        self.status.state = self.signed_out();
    }

    pub(super) fn sign_out(&mut self) {
        match self.wire() {
            Ok((wire, _)) => {
                self.due.connect = None;
                let work = async { Outcome::SignedOut(sign_in::sign_out(wire).await) };
                self.work = Some((Box::pin(work), true));
            }
            Err(trouble) => self.status.trouble = Some(trouble),
        }
    }

    pub(super) fn on_signed_out(&mut self, done: Result<(), Trouble>) {
        match done {
            Ok(()) => self.forget(),
            Err(trouble) => self.go_offline(trouble),
        }
    }

    /// Nobody is signed in any more.
    pub(super) fn forget(&mut self) {
        let forgotten = self.session.forget();
        self.leave();
        self.directory = Default::default();
        self.lanes = Default::default();
        self.lists_at = None;
        self.status.me = None;
        self.status.chats = Default::default();
        self.status.people = Default::default();
        self.status.trouble = forgotten.err();
    }
}
