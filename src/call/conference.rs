//! Joined calls: each far side hears the person and the other far sides, mixed here.

use crate::call::calls::{CallEvent, Calls, Rooms};
use crate::call::single::Call;
use crate::call::{CallId, CallState, Problem};

/// Calls in a conference.
pub const MAX_JOINED: usize = 8;

impl Calls {
    /// Joins a call with those that are joined already, or else with the other one: the one that
    /// is spoken with, or the one held last. Who was on hold comes back.
    ///
    /// # Errors
    /// [`Problem::Unknown`]; [`Problem::WrongState`] if it isn't up, is joined already, or there
    /// is nobody to join it with; [`Problem::ConferenceFull`].
    pub fn join(&mut self, rooms: &mut Rooms<'_>, id: CallId) -> Result<(), Problem> {
        self.find(id, |call| call.is_up() && !call.joined)?;
        let mut members = self.joined();
        if members.is_empty() {
            let others = self.calls.iter().filter(|call| call.is_up());
            let others: Vec<&Call> = others.filter(|call| call.id != id).collect();
            let spoken_with = others.iter().find(|call| call.state == CallState::Active);
            let other = spoken_with.or(others.last()).ok_or(Problem::WrongState)?;
            members.push(other.id);
        }
        if members.len() >= MAX_JOINED {
            return Err(Problem::ConferenceFull {
                most: MAX_JOINED as u32,
            });
        }
        members.push(id);
        // There is one microphone: who was off in one of the calls is off in the conference.
        let mut all = self.calls.iter().filter(|call| members.contains(&call.id));
        let muted = all.any(|call| call.muted);
        for member in &members {
            if let Ok(call) = self.find(*member, |_| true) {
                call.joined = true;
                call.muted = muted;
            }
        }
        for member in members {
            if self
                .get(member)
                .is_some_and(|call| call.state == CallState::Held)
            {
                let _ = self.hold(rooms, member, false);
            }
            self.update_mix(rooms, member);
        }
        Ok(())
    }

    /// Takes a call out of the conference and holds it; the others go on.
    ///
    /// # Errors
    /// [`Problem::Unknown`]; [`Problem::WrongState`] if it is not joined.
    pub fn part(&mut self, rooms: &mut Rooms<'_>, id: CallId) -> Result<(), Problem> {
        let call = self.find(id, |call| call.joined && !call.state.is_ended())?;
        call.leave();
        let speaks = call.state == CallState::Active && call.hold_asked.is_none();
        self.update_mix(rooms, id);
        if speaks {
            self.hold(rooms, id, true)?;
        }
        self.part_the_last(rooms);
        Ok(())
    }

    /// Lets nobody hear a far side, or lets it be heard again.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or [`Problem::WrongState`].
    pub fn silence(&mut self, rooms: &mut Rooms<'_>, id: CallId, on: bool) -> Result<(), Problem> {
        let call = self.find(id, |call| call.state.has_media())?;
        call.silenced = on;
        self.update_mix(rooms, id);
        Ok(())
    }

    /// Ends every joined call.
    ///
    /// # Errors
    /// [`Problem::WrongState`] if none is joined.
    pub fn end_conference(&mut self, rooms: &mut Rooms<'_>) -> Result<(), Problem> {
        let members = self.joined();
        if members.is_empty() {
            return Err(Problem::WrongState);
        }
        for id in members {
            self.hang_up(rooms, id)?;
        }
        Ok(())
    }

    /// A conference of one is a call.
    pub(super) fn part_the_last(&mut self, rooms: &mut Rooms<'_>) {
        let [last] = self.joined()[..] else {
            return;
        };
        if let Ok(call) = self.find(last, |_| true) {
            call.leave();
        }
        self.update_mix(rooms, last);
    }

    /// The calls that are joined, the oldest first.
    pub(super) fn joined(&self) -> Vec<CallId> {
        self.calls
            .iter()
            .filter(|call| call.joined && !call.state.is_ended())
            .map(|call| call.id)
            .collect()
    }

    fn update_mix(&mut self, rooms: &mut Rooms<'_>, id: CallId) {
        if let Some(call) = self.get(id) {
            call.update_mix(rooms.sound);
        }
        self.events.push(CallEvent::State(id));
    }
}

impl Call {
    /// Whether the two sides can speak, or could if it were not on hold.
    fn is_up(&self) -> bool {
        matches!(self.state, CallState::Active | CallState::Held)
    }

    fn leave(&mut self) {
        self.joined = false;
        self.silenced = false;
    }
}
