//! Transfers (RFC 5589): ours, blind or to a call that is up, and those that are asked of us.

use std::net::IpAddr;

use serde::Serialize;

use crate::call::calls::{CallEvent, Calls, Rooms};
use crate::call::single::Call;
use crate::call::state::peer_of;
use crate::call::{CallId, CallState, Direction, Peer, Problem};
use crate::media;
use crate::sip::message::{NameAddr, Replaces, Uri, header};
use crate::sip::transport::local_ip_for;
use crate::sip::{Caller, Failure, Referral};

/// A transfer of ours.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Transfer {
    /// Whom the far side is given to, for a person.
    pub to: String,
    /// How it goes on.
    pub stage: TransferStage,
    /// The call that the far side is connected with, if it is one.
    pub with: Option<CallId>,
}

/// How a transfer goes on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum TransferStage {
    /// The far side is asked.
    Asked,
    /// It calls.
    Trying,
    /// It rings there.
    Ringing,
    /// It speaks with the other; this call is over.
    Done,
    /// It could not be; this call goes on.
    Failed {
        /// Why.
        problem: Problem,
    },
}

impl Transfer {
    /// Whether the outcome is not known yet.
    pub fn is_open(&self) -> bool {
        !matches!(
            self.stage,
            TransferStage::Done | TransferStage::Failed { .. }
        )
    }
}

/// A transfer that the far side asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TransferAsked {
    /// Whom we are to call.
    pub to: Peer,
    /// Who asks, if it says.
    pub by: Option<Peer>,
    #[serde(skip)]
    target: Uri,
    #[serde(skip)]
    replaces: Option<Replaces>,
    #[serde(skip)]
    referred_by: Option<NameAddr>,
}

impl TransferAsked {
    /// That we call `target`, with the Replaces of the INVITE and whoever asks as he says, if
    /// either is given.
    pub fn new(target: Uri, replaces: Option<Replaces>, by: Option<NameAddr>) -> Self {
        Self {
            to: peer_of(&NameAddr::new(target.clone())),
            by: by.as_ref().map(peer_of),
            target,
            replaces,
            referred_by: by,
        }
    }
}

impl Calls {
    /// Gives the far side of a call to somebody else: it is asked to call `target`. The call ends
    /// once that is answered, and goes on if it fails. `to` is `target` for a person.
    ///
    /// # Errors
    /// [`Problem::Unknown`]; [`Problem::WrongState`] if it is not up or a transfer is under way;
    /// [`Problem::TransferRefused`] if the far side can't do it.
    pub fn transfer(
        &mut self,
        rooms: &mut Rooms<'_>,
        id: CallId,
        target: &Uri,
        to: String,
    ) -> Result<(), Problem> {
        self.begin_transfer(rooms, id, target, to, None)
    }

    /// Connects the far sides of two calls with each other and leaves both. If the second is not
    /// answered yet, it is given up, and the far side of the first calls there itself: nobody can
    /// take over a call that only rings (RFC 3891 section 3).
    ///
    /// # Errors
    /// As [`transfer`](Self::transfer).
    pub fn connect(
        &mut self,
        rooms: &mut Rooms<'_>,
        id: CallId,
        with: CallId,
    ) -> Result<(), Problem> {
        if id == with {
            return Err(Problem::WrongState);
        }
        let other = self.find(with, |call| {
            !call.state.is_ended() && call.state != CallState::Incoming && !call.is_transferring()
        })?;
        let to = other.peer.name.clone();
        let to = to.unwrap_or_else(|| other.peer.number.clone());
        if matches!(other.state, CallState::Active | CallState::Held) {
            let target = rooms.sip.replacing(other.sip).ok_or(Problem::WrongState)?;
            return self.begin_transfer(rooms, id, &target, to, Some(with));
        }
        let target = other.peer.uri.parse().map_err(|_| Problem::WrongState)?;
        self.begin_transfer(rooms, id, &target, to, None)?;
        self.hang_up(rooms, with)
    }

    fn begin_transfer(
        &mut self,
        rooms: &mut Rooms<'_>,
        id: CallId,
        target: &Uri,
        to: String,
        with: Option<CallId>,
    ) -> Result<(), Problem> {
        let call = self.find(id, |call| {
            matches!(call.state, CallState::Active | CallState::Held) && !call.is_transferring()
        })?;
        if !rooms.sip.refer(rooms.now, call.sip, target) {
            return Err(Problem::TransferRefused);
        }
        call.transfer = Some(Transfer {
            to,
            stage: TransferStage::Asked,
            with,
        });
        self.events.push(CallEvent::Transfer(id));
        Ok(())
    }

    /// What the far side says of the transfer that we asked for.
    pub(super) fn transfer_progress(
        &mut self,
        rooms: &mut Rooms<'_>,
        sip_call: u64,
        status: u16,
        last: bool,
    ) {
        let Some(id) = self.by_sip(sip_call) else {
            return;
        };
        let Ok(call) = self.find(id, |_| true) else {
            return;
        };
        let Some(transfer) = &mut call.transfer else {
            return;
        };
        let with = transfer.with;
        transfer.stage = match (status, last) {
            (200..=299, true) => TransferStage::Done,
            (_, true) => TransferStage::Failed {
                problem: why_not(&transfer.stage, status),
            },
            (180..=189, false) => TransferStage::Ringing,
            _ if transfer.stage == TransferStage::Ringing => TransferStage::Ringing,
            _ => TransferStage::Trying,
        };
        let stage = transfer.stage.clone();
        self.events.push(CallEvent::Transfer(id));
        match stage {
            TransferStage::Done => {
                for id in [Some(id), with].into_iter().flatten() {
                    let _ = self.hang_up(rooms, id);
                }
            }
            TransferStage::Failed { .. } => self.give_back(rooms, id),
            _ => {}
        }
    }

    /// Goes on with a call that we held, unless another is spoken with.
    fn give_back(&mut self, rooms: &mut Rooms<'_>, id: CallId) {
        let speaks = |call: &Call| {
            call.id != id && call.state == CallState::Active && call.hold_asked != Some(true)
        };
        if self.calls.iter().any(speaks) {
            return;
        }
        if let Ok(call) = self.find(id, |call| !call.state.is_ended()) {
            call.resume_once_held = call.hold_asked == Some(true);
            if call.state == CallState::Held {
                let _ = self.hold(rooms, id, false);
            }
        }
    }

    /// The far side asks us to call somebody else. Its server is followed at once, as a desk
    /// telephone does; anybody else costs nobody's money before the person has agreed.
    pub(super) fn referred(&mut self, rooms: &mut Rooms<'_>, sip_call: u64, referral: Referral) {
        let Some(id) = self.by_sip(sip_call) else {
            rooms.sip.refer_progress(rooms.now, sip_call, 481);
            return;
        };
        let Ok(call) = self.find(id, |_| true) else {
            return;
        };
        let (target, replaces) = (referral.target, referral.replaces);
        call.asked = Some(TransferAsked::new(target, replaces, referral.by));
        if referral.by_server {
            if let Err(problem) = self.follow(rooms, id, true) {
                self.events.push(CallEvent::Failed(problem));
            }
        } else {
            self.events.push(CallEvent::TransferAsked(id));
        }
    }

    /// Calls whom the far side asks us to call, or refuses.
    ///
    /// # Errors
    /// [`Problem::Unknown`]; [`Problem::WrongState`] if it doesn't ask; [`Problem::NoNetwork`] if
    /// no media port could be had.
    pub fn follow(&mut self, rooms: &mut Rooms<'_>, id: CallId, on: bool) -> Result<(), Problem> {
        let call = self.find(id, |call| call.asked.is_some() && !call.state.is_ended())?;
        let (sip_call, line, local) = (call.sip, call.line.clone(), call.local);
        let Some(asked) = call.asked.take() else {
            return Err(Problem::WrongState);
        };
        self.events.push(CallEvent::State(id));
        if !on {
            rooms.sip.refer_progress(rooms.now, sip_call, 603);
            return Ok(());
        }
        let route = route_to(&asked.target, local);
        let made = line.open(route, line.transport, self.identity.clone());
        let (mut session, ports) = match made {
            Ok(made) => made,
            Err(problem) => {
                rooms.sip.refer_progress(rooms.now, sip_call, 500);
                return Err(problem);
            }
        };
        self.hold_others(rooms, None);
        let mut headers = Vec::new();
        if let Some(replaces) = &asked.replaces {
            headers.push(header("Replaces", replaces.to_string()));
            headers.push(header("Require", "replaces"));
        }
        if let Some(by) = &asked.referred_by {
            headers.push(header("Referred-By", by.to_string()));
        }
        let offer = session.offer(media::Direction::SendRecv);
        let new = self.next_id();
        let caller = Caller::Account(line.account.clone());
        rooms
            .sip
            .invite(rooms.now, new.0, caller, asked.target, headers, offer);
        let made = (session, ports);
        let direction = Direction::Outgoing;
        let mut call = Call::new(new, new.0, line, direction, asked.to, made, rooms.now);
        call.instead_of = Some(id);
        call.referrer = Some(id);
        self.calls.push(call);
        self.events.push(CallEvent::State(new));
        Ok(())
    }

    /// Tells whoever referred us how the call goes on that he asked for, and goes back to him if
    /// it fails.
    pub(super) fn tell_referrer(&mut self, rooms: &mut Rooms<'_>, id: CallId) {
        let Ok(call) = self.find(id, |_| true) else {
            return;
        };
        let Some(referrer) = call.referrer else {
            return;
        };
        let status = match &call.state {
            CallState::Ringing => 180,
            CallState::EarlyMedia => 183,
            CallState::Active => 200,
            CallState::Ended { sip_status, .. } => sip_status.unwrap_or(487).clamp(300, 699),
            _ => return,
        };
        if status >= 200 {
            call.referrer = None;
        }
        let Ok(old) = self.find(referrer, |call| !call.state.is_ended()) else {
            return;
        };
        let sip_call = old.sip;
        rooms.sip.refer_progress(rooms.now, sip_call, status);
        if status >= 300 {
            self.give_back(rooms, referrer);
        }
    }

    /// Whoever referred us knows the outcome: if we speak with the other, nothing is left to say.
    pub(super) fn referrer_knows(&mut self, rooms: &mut Rooms<'_>, sip_call: u64) {
        let Some(id) = self.by_sip(sip_call) else {
            return;
        };
        let follows = |call: &Call| call.instead_of == Some(id) && !call.state.is_ended();
        if self.calls.iter().any(follows) {
            let _ = self.hang_up(rooms, id);
        }
    }

    /// The far side has left while a transfer was under way: it has taken it up.
    pub(super) fn left_for_transfer(&mut self, id: CallId) {
        if let Ok(call) = self.find(id, Call::is_transferring)
            && let Some(transfer) = &mut call.transfer
            && transfer.stage != TransferStage::Asked
        {
            transfer.stage = TransferStage::Done;
            self.events.push(CallEvent::Transfer(id));
        }
    }
}

impl Call {
    pub(super) fn is_transferring(&self) -> bool {
        self.transfer.as_ref().is_some_and(Transfer::is_open)
    }
}

/// Why a transfer failed: the far side refused to try, or did not get through.
fn why_not(stage: &TransferStage, status: u16) -> Problem {
    match stage {
        TransferStage::Asked if status != 408 => Problem::TransferRefused,
        _ => Problem::of_call(&Failure::Status {
            status,
            reason: String::new(),
        }),
    }
}

/// Our address towards a target, or the one we had so far.
fn route_to(target: &Uri, so_far: IpAddr) -> IpAddr {
    let ip = target
        .host
        .ip()
        .filter(|ip| ip.is_ipv4() == so_far.is_ipv4());
    let remote = ip.map(|ip| std::net::SocketAddr::new(ip, 9));
    remote.and_then(local_ip_for).unwrap_or(so_far)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_the_transfer_is_told_apart_from_a_failure_of_the_call() {
        assert_eq!(
            why_not(&TransferStage::Asked, 405),
            Problem::TransferRefused
        );
        assert_eq!(why_not(&TransferStage::Asked, 408), Problem::Unavailable);
        assert_eq!(why_not(&TransferStage::Trying, 486), Problem::Busy);
        assert_eq!(why_not(&TransferStage::Ringing, 603), Problem::Declined);
    }
}
