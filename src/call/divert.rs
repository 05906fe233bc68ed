//! What becomes of a call that comes in without anybody's doing: forwarded, refused, answered.
//!
//! A call is forwarded by 302 (RFC 3261 21.3.3): the server calls the other number and charges it
//! as it would any call of the account, and no second leg and no sound go through this computer.

use std::time::{Duration, Instant};

use crate::account::AutoAnswer;
use crate::call::calls::{CallEvent, Calls, Rooms};
use crate::call::single::Call;
use crate::call::{CallId, CallState, Problem};
use crate::sip::message::{HeadersView, NameAddr, Uri, header};

/// What a line wants done with the calls that come in.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// The line's own address, for those that are told who forwarded a call.
    pub own: Option<NameAddr>,
    /// Where every call goes.
    pub forward_always: Option<Uri>,
    /// Where a call goes while there is no time for it.
    pub forward_busy: Option<Uri>,
    /// Where a call goes that nobody answers, and after how long.
    pub forward_no_answer: Option<(Uri, Duration)>,
    /// Whether a call may come in during another.
    pub call_waiting: bool,
    /// Whether calls are answered by themselves.
    pub auto_answer: AutoAnswer,
}

/// Why a call is forwarded, as Diversion names it (RFC 5806 section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    Always,
    Busy,
    DoNotDisturb,
    NoAnswer,
    Deflected,
}

impl Why {
    fn as_str(self) -> &'static str {
        match self {
            Self::Always => "unconditional",
            Self::Busy => "user-busy",
            Self::DoNotDisturb => "do-not-disturb",
            Self::NoAnswer => "no-answer",
            Self::Deflected => "deflection",
        }
    }
}

/// What becomes of a call that does not even ring.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Turned {
    Away,
    To(Uri, Why),
}

/// Why an incoming call is declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// Not wanted: it ends for all who ring for the number (603).
    #[default]
    Declined,
    /// Busy here: others may still answer, or voicemail (486).
    Busy,
    /// Nobody can answer here now (480).
    Unavailable,
}

impl DeclineReason {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Declined, Self::Busy, Self::Unavailable];

    pub(super) fn status(self) -> u16 {
        match self {
            Self::Declined => 603,
            Self::Busy => 486,
            Self::Unavailable => 480,
        }
    }
}

impl Wishes {
    /// What becomes of a call before it rings.
    pub(super) fn turned(&self, do_not_disturb: bool, busy: bool) -> Option<Turned> {
        if let Some(always) = &self.forward_always {
            return Some(Turned::To(always.clone(), Why::Always));
        }
        let why = match (do_not_disturb, busy && !self.call_waiting) {
            (true, _) => Why::DoNotDisturb,
            (false, true) => Why::Busy,
            (false, false) => return None,
        };
        Some(match &self.forward_busy {
            Some(target) => Turned::To(target.clone(), why),
            None => Turned::Away,
        })
    }

    /// After how long a call is answered by itself. `asked` is what the caller asks for.
    fn answers_after(&self, asked: Option<Duration>) -> Option<Duration> {
        match self.auto_answer {
            AutoAnswer::Off => None,
            AutoAnswer::Asked => asked,
            AutoAnswer::Always => Some(asked.unwrap_or_default()),
        }
    }

    pub(super) fn diversion(&self, why: Why) -> Option<rsip::Header> {
        let own = self.own.as_ref()?;
        let value = format!("{own};reason={};counter=1;privacy=off", why.as_str());
        Some(header("Diversion", value))
    }
}

/// The longest that an answer by itself is put off.
const LATEST: Duration = Duration::from_secs(60);

/// Whether a caller asks for his call to be answered by itself, and after how long: `answer-after`
/// in Call-Info, or one of the spellings of Alert-Info that telephones know.
pub fn asks_for_answer(request: &impl HeadersView) -> Option<Duration> {
    let seconds = |text: &str| {
        let seconds: u64 = text.trim().trim_matches('"').parse().ok()?;
        Some(Duration::from_secs(seconds).min(LATEST))
    };
    let param = |text: &str, name: &str| {
        let mut params = text
            .split(';')
            .skip(1)
            .filter_map(|part| part.split_once('='));
        let found = params.find(|(known, _)| known.trim().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned())
    };
    let call_info = request.list("Call-Info");
    let after = call_info
        .iter()
        .find_map(|info| seconds(&param(info, "answer-after")?));
    after.or_else(|| {
        request.list("Alert-Info").iter().find_map(|info| {
            let words = info.to_ascii_lowercase();
            let known = [
                "alert-autoanswer",
                "auto answer",
                "auto-answer",
                "autoanswer",
                "ring answer",
                "ringanswer",
            ];
            let asks = known.iter().any(|word| words.contains(word));
            let after = param(info, "answer-after").or_else(|| param(info, "delay"));
            let after = after.as_deref().and_then(seconds);
            match (asks, param(info, "answer-after")) {
                (false, None) => None,
                _ => Some(after.unwrap_or_default()),
            }
        })
    })
}

/// Who forwarded a call to us last (RFC 5806).
pub fn diverted_by(request: &impl HeadersView) -> Option<NameAddr> {
    let all = request.list("Diversion");
    all.first().and_then(|first| first.parse().ok())
}

impl Calls {
    /// Whether calls are refused without ringing.
    pub fn set_do_not_disturb(&mut self, on: bool) {
        self.do_not_disturb = on;
    }

    /// When [`handle_timeout`](Self::handle_timeout) has something to do.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let rings = self
            .calls
            .iter()
            .filter(|call| call.state == CallState::Incoming);
        rings
            .flat_map(|call| [call.answer_at, call.forward_at])
            .flatten()
            .min()
    }

    /// Answers and forwards the calls whose time has come.
    pub fn handle_timeout(&mut self, rooms: &mut Rooms<'_>) {
        let now = rooms.now;
        let due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        let rings = self
            .calls
            .iter()
            .filter(|call| call.state == CallState::Incoming);
        let ids: Vec<CallId> = rings
            .filter(|call| due(call.answer_at) || due(call.forward_at))
            .map(|call| call.id)
            .collect();
        for id in ids {
            let Ok(call) = self.find(id, |_| true) else {
                continue;
            };
            if call.answer_at.take_if(|at| *at <= now).is_some() {
                if let Err(problem) = self.answer(rooms, id) {
                    self.events.push(CallEvent::Failed(problem));
                }
                continue;
            }
            call.forward_at = None;
            let target = call.line.wishes.forward_no_answer.as_ref();
            if let Some(target) = target.map(|(target, _)| target.clone()) {
                self.send_elsewhere(rooms, id, &target, Why::NoAnswer);
            }
        }
    }

    /// Sends an incoming call elsewhere instead of answering it.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or [`Problem::WrongState`].
    pub fn deflect(
        &mut self,
        rooms: &mut Rooms<'_>,
        id: CallId,
        target: &Uri,
    ) -> Result<(), Problem> {
        self.find(id, |call| call.state == CallState::Incoming)?;
        self.send_elsewhere(rooms, id, target, Why::Deflected);
        Ok(())
    }

    fn send_elsewhere(&mut self, rooms: &mut Rooms<'_>, id: CallId, target: &Uri, why: Why) {
        let Ok(call) = self.find(id, |_| true) else {
            return;
        };
        let mut extra = vec![header("Contact", format!("<{target}>"))];
        extra.extend(call.line.wishes.diversion(why));
        call.forwarded_to = Some(
            target
                .unescaped_user()
                .unwrap_or_else(|| target.to_string()),
        );
        let sip_call = call.sip;
        rooms.sip.reject(rooms.now, sip_call, 302, extra);
        self.end(rooms, id, None, false, Some(302));
    }

    /// A new call that does not ring: nobody sees it but in the history.
    pub(super) fn turn(&mut self, rooms: &mut Rooms<'_>, mut call: Call, turned: &Turned) {
        let id = call.id;
        call.unseen = true;
        self.calls.push(call);
        match turned {
            Turned::To(target, why) => self.send_elsewhere(rooms, id, target, *why),
            Turned::Away => {
                let sip_call = self.find(id, |_| true).map(|call| call.sip);
                if let Ok(sip_call) = sip_call {
                    rooms.sip.reject(rooms.now, sip_call, 486, Vec::new());
                }
                self.end(rooms, id, None, false, Some(486));
            }
        }
    }

    /// When a call that rings now is answered or forwarded by itself. While another call is up
    /// nothing is answered over the person's head.
    pub(super) fn set_timers(&self, now: Instant, call: &mut Call, asked: Option<Duration>) {
        let wishes = &call.line.wishes;
        if !self.any_alive() {
            call.answer_at = wishes.answers_after(asked).map(|after| now + after);
        }
        let no_answer = wishes.forward_no_answer.as_ref();
        call.forward_at = no_answer.map(|(_, after)| now + *after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rsip::Headers;

    fn uri(text: &str) -> Uri {
        text.parse().expect("URI")
    }

    fn wishes() -> Wishes {
        Wishes {
            call_waiting: true,
            ..Wishes::default()
        }
    }

    #[test]
    fn a_call_rings_unless_something_is_wished() {
        assert_eq!(wishes().turned(false, true), None);
        assert_eq!(wishes().turned(true, false), Some(Turned::Away));
        let alone = Wishes::default();
        assert_eq!(alone.turned(false, false), None);
        assert_eq!(alone.turned(false, true), Some(Turned::Away));
        let busy = Wishes {
            forward_busy: Some(uri("sip:b@h")),
            ..Wishes::default()
        };
        let to = |why| Some(Turned::To(uri("sip:b@h"), why));
        assert_eq!(busy.turned(false, false), None);
        assert_eq!(busy.turned(false, true), to(Why::Busy));
        assert_eq!(busy.turned(true, false), to(Why::DoNotDisturb));
        let always = Wishes {
            forward_always: Some(uri("sip:a@h")),
            ..busy
        };
        let expected = Some(Turned::To(uri("sip:a@h"), Why::Always));
        assert_eq!(always.turned(true, true), expected);
    }

    #[test]
    fn who_forwards_is_told_with_the_reason() {
        let wishes = Wishes {
            own: Some(NameAddr::new(uri("sip:101@pbx.example"))),
            ..wishes()
        };
        let headers: Headers = wishes
            .diversion(Why::NoAnswer)
            .into_iter()
            .collect::<Vec<_>>()
            .into();
        assert_eq!(
            headers.text("Diversion"),
            Some("<sip:101@pbx.example>;reason=no-answer;counter=1;privacy=off")
        );
        assert_eq!(
            diverted_by(&headers).and_then(|by| by.uri.unescaped_user()),
            Some("101".into())
        );
    }

    #[test]
    fn a_caller_asks_for_an_answer_in_many_ways() {
        let asks = |name: &str, value: &str| {
            let headers: Headers = vec![header(name, value)].into();
            asks_for_answer(&headers).map(|after| after.as_secs())
        };
        for (name, value, after) in [
            ("Call-Info", "<sip:pbx.example>;answer-after=0", Some(0)),
            (
                "Call-Info",
                "<http://x>;purpose=icon, <sip:pbx>; Answer-After = 5",
                Some(5),
            ),
            ("Call-Info", "<sip:pbx>;answer-after=99999", Some(60)),
            ("Call-Info", "<sip:pbx>;answer-after=x", None),
            ("Call-Info", "<sip:pbx>", None),
            (
                "Alert-Info",
                "<http://x>;info=alert-autoanswer;delay=3",
                Some(3),
            ),
            ("Alert-Info", "Auto Answer", Some(0)),
            ("Alert-Info", "<http://x>;answer-after=2", Some(2)),
            ("Alert-Info", "<http://x>;info=Ring Answer", Some(0)),
            (
                "Alert-Info",
                "<http://www.example.com/bell.wav>;delay=1",
                None,
            ),
        ] {
            assert_eq!(asks(name, value), after, "{name}: {value}");
        }
        let asked = Some(Duration::from_secs(2));
        let with = |auto_answer| Wishes {
            auto_answer,
            ..wishes()
        };
        assert_eq!(with(AutoAnswer::Off).answers_after(asked), None);
        assert_eq!(with(AutoAnswer::Asked).answers_after(asked), asked);
        assert_eq!(with(AutoAnswer::Asked).answers_after(None), None);
        assert_eq!(with(AutoAnswer::Always).answers_after(asked), asked);
        assert_eq!(
            with(AutoAnswer::Always).answers_after(None),
            Some(Duration::ZERO)
        );
    }
}
