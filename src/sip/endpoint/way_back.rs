//! The way back to the server that comes first, once it answers again. An account that had to
//! register elsewhere asks it by OPTIONS (RFC 3261 section 11) and stays where it is until then.

use std::time::Instant;

use super::line::Line;
use super::outgoing::{Candidate, ContactKind, Outgoing, Purpose};
use super::preferred::Preferred;
use super::{Endpoint, Flow};
use crate::account::AccountId;
use crate::sip::dialog::Draft;
use crate::sip::flow::Target;
use crate::sip::message::{Method, Uri};

impl Line {
    /// It registered over `flow`; `first` is what stood first where it was looked up, if it was.
    pub fn note_server(&mut self, now: Instant, flow: Flow, first: Option<&Target>) {
        let is_there =
            |target: &Target| (target.transport, target.addr) == (flow.transport, flow.remote);
        match first {
            Some(first) if is_there(first) => self.preferred = None,
            Some(first) => {
                self.preferred = Some(Preferred::new(first.clone(), now));
            }
            None => {
                self.preferred
                    .take_if(|preferred| is_there(&preferred.target));
            }
        }
    }
}

impl Endpoint {
    /// Asks the preferred server of an account if it is time.
    pub(super) fn ask_preferred(&mut self, now: Instant, id: &AccountId) {
        let (call_id, tag, number) = (self.token(), self.token(), self.number());
        let Some(line) = self.lines.get_mut(id) else {
            return;
        };
        let address = line.address();
        let domain = &line.identity.domain;
        let uri = Uri::new(None, domain.host.clone(), domain.port);
        let (leaving, trust) = (line.leaving, line.identity.trust.clone());
        let Some(preferred) = &mut line.preferred else {
            return;
        };
        if leaving || preferred.poll_timeout().is_none_or(|at| at > now) {
            return;
        }
        preferred.asked = Some(number);
        let draft = Draft {
            method: Method::Options,
            uri,
            routes: Vec::new(),
            strict: false,
            from: address.clone().with_tag(&tag),
            to: address,
            call_id,
            cseq: 1,
            headers: Vec::new(),
            content_type: String::new(),
            body: Vec::new(),
        };
        let account = id.clone();
        let purpose = Purpose::Ask { account };
        let mut outgoing = Outgoing::new(purpose, draft, None, ContactKind::Absent);
        outgoing.trust = trust;
        outgoing.candidates.push_back(Candidate {
            target: preferred.target.clone(),
            whatever_size: true,
        });
        self.outgoing.insert(number, outgoing);
        self.pursue(now, number);
    }

    /// The preferred server answered, or did not.
    pub(super) fn preferred_asked(
        &mut self,
        now: Instant,
        question: u64,
        id: &AccountId,
        answers: bool,
    ) {
        let Some(line) = self.lines.get_mut(id) else {
            return;
        };
        let asked = |preferred: &&mut Preferred| preferred.asked == Some(question);
        let Some(preferred) = line.preferred.as_mut().filter(asked) else {
            return;
        };
        preferred.rest(now);
        // A REGISTER that is on its way finds the way by itself, or not.
        if !answers || line.leaving || !line.registration.is_registered() {
            return;
        }
        line.preferred = None;
        line.flow = None;
        line.keepalive.stop();
        line.registration.request();
        self.register(now, id);
    }
}
