//! `gudok call`: one call from dialling to the report.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::call::{CallId, CallState, Problem};
use crate::cli::args::Call;
use crate::cli::{Args, Exit, Output, beside, reach};
use crate::engine::{
    Ask, CallView, Command, Event, Handle, Recording, RecordingState, Transfer, TransferStage,
};
use crate::store::Profile;

/// How long the last figures of a call are waited for.
const FIGURES_WITHIN: Duration = Duration::from_secs(1);

/// How often one call is redirected.
const MAX_REDIRECTS: usize = 5;

/// What became of a call.
pub struct Outcome {
    /// The call as it was last seen.
    pub view: CallView,
    /// From dialling, or from the ring, to the answer.
    pub setup: Option<Duration>,
    /// What went wrong with the sound devices.
    pub device: Option<Problem>,
}

impl Outcome {
    /// What went wrong, if anything did.
    pub fn problem(&self) -> Option<&Problem> {
        match &self.view.state {
            CallState::Ended {
                problem: Some(problem),
                ..
            } => Some(problem),
            _ => self.not_transferred().or(self.device.as_ref()),
        }
    }

    fn not_transferred(&self) -> Option<&Problem> {
        match &self.view.transfer.as_ref()?.stage {
            TransferStage::Failed { problem } => Some(problem),
            _ => None,
        }
    }

    /// The object that `--json` prints.
    pub fn json(&self, output: &Output) -> Value {
        let view = &self.view;
        let quality = view.quality.unwrap_or_default();
        let answered = view.answered_at.is_some();
        let status = match &view.state {
            _ if answered => Some(200),
            CallState::Ended { sip_status, .. } => *sip_status,
            _ => None,
        };
        let result = match (self.problem(), answered) {
            (Some(_), _) => "failed",
            (None, true) => "completed",
            (None, false) => "cancelled",
        };
        json!({
            "result": result,
            "sip_status": status,
            "setup_ms": self.setup.map(|setup| setup.as_secs_f64() * 1000.0),
            "direction": view.direction,
            "peer": view.peer,
            "codec": view.codec,
            "srtp": view.encryption.map(|protection| protection.suite.name()),
            "srtp_keys": view.encryption.map(|protection| protection.keys),
            "transport": view.transport,
            "duration_s": view.duration.unwrap_or_default().as_secs_f64(),
            "sent": { "packets": quality.sent_packets, "bytes": quality.sent_bytes },
            "received": {
                "packets": quality.received_packets,
                "bytes": quality.received_bytes,
                "lost": quality.lost_packets,
                "late": quality.late_packets,
                "jitter_ms": quality.jitter_ms,
                "buffer_ms": quality.buffer_ms,
                "concealed_ms": quality.concealed_ms,
                "bursts": quality.bursts,
            },
            "round_trip_ms": quality.round_trip_ms,
            "rating": quality.rating,
            "mos": quality.mos,
            "mos_listening": quality.mos_listening,
            "mos_worst": quality.mos_worst,
            "mos_mean": quality.mos_mean,
            "heard_by_peer": quality.heard_by_peer,
            "dtmf_received": view.dtmf_received,
            "recording": view.recording.as_ref().map(|recording| &recording.path),
            "transfer": view.transfer,
            "warning": view.warning,
            "problem": self.problem(),
            "text": self.problem().map(|problem| output.explain(problem)),
        })
    }

    /// The outcome in words.
    pub fn words(&self, output: &Output) -> String {
        let texts = output.texts();
        if let Some(problem) = self.problem() {
            return output.explain(problem);
        }
        let quality = self.view.quality.unwrap_or_default();
        let seconds = self.view.duration.unwrap_or_default().as_secs_f64();
        let mut words = texts.with(
            "cli-call-done",
            &[
                ("seconds", seconds.round().into()),
                ("codec", self.view.codec.as_deref().unwrap_or("-").into()),
                ("lost", quality.lost_packets.into()),
                ("received", quality.received_packets.into()),
            ],
        );
        if let Some(transfer) = &self.view.transfer {
            let to = [("to", transfer.to.as_str().into())];
            words.push('\n');
            words += &texts.with("call-transfer-done", &to);
        }
        if let Some(recording) = &self.view.recording {
            let path = recording.path.display().to_string();
            words.push('\n');
            words += &texts.with("call-recorded", &[("path", path.as_str().into())]);
        }
        if let Some(warning) = &self.view.warning {
            words.push('\n');
            words += &output.explain(warning);
        }
        words
    }

    /// The exit code for it.
    pub fn exit(&self) -> Exit {
        if self.problem().is_none() && self.view.answered_at.is_some() {
            Exit::Done
        } else {
            Exit::Failed
        }
    }
}

/// What is done in a call once it is up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Doing<'a> {
    /// After this time it is hung up.
    pub talk: Option<Duration>,
    /// Digits to send.
    pub dtmf: Option<&'a str>,
    /// Whether it is recorded even if the account doesn't ask for it.
    pub record: bool,
    /// Whom the far side is given to instead of being hung up.
    pub transfer: Option<&'a str>,
    /// Whether the far side is followed when it asks to call somebody else.
    pub follow_transfers: bool,
}

/// Follows a call until it has ended, its last figures are in and its recording is written. Hangs
/// up when the person interrupts, too.
pub async fn follow(
    handle: &Handle,
    events: &mut Receiver<Event>,
    mut call: CallId,
    doing: Doing<'_>,
) -> Result<Outcome, Problem> {
    let began = Instant::now();
    let mut setup = None;
    let mut device = None;
    let mut until: Option<Instant> = None;
    let mut ended = false;
    let mut transferred = false;
    loop {
        let snapshot = handle.snapshot();
        let view = snapshot.calls.iter().find(|view| view.id == call);
        let Some(view) = view else {
            return Err(Problem::WrongState);
        };
        device = device.or_else(|| snapshot.devices.problem.clone().filter(|_| !ended));
        if view.state == CallState::Active && setup.is_none() {
            setup = Some(began.elapsed());
            until = doing.talk.map(|talk| Instant::now() + talk);
            if doing.record {
                // A file that can't be written doesn't end the call: its warning says so.
                let _ = handle.call(Command::Record { call, on: true }).await;
            }
            if let Some(digits) = doing.dtmf {
                handle
                    .call(Command::SendDtmf {
                        call,
                        digits: digits.into(),
                    })
                    .await?;
            }
        }
        if view.asked.is_some() {
            let on = doing.follow_transfers;
            // The far side may have left meanwhile.
            let _ = handle.call(Command::FollowTransfer { call, on }).await;
        }
        let next = snapshot
            .calls
            .iter()
            .find(|next| next.instead_of == Some(call) && !next.state.is_ended());
        if let (true, Some(next)) = (view.state.is_ended(), next) {
            call = next.id;
            continue;
        }
        let failed = |transfer: &Transfer| matches!(transfer.stage, TransferStage::Failed { .. });
        if transferred && !view.state.is_ended() && view.transfer.as_ref().is_some_and(failed) {
            handle.call(Command::HangUp { call }).await?;
            continue;
        }
        if view.state.is_ended() && !ended {
            ended = true;
            until = Some(Instant::now() + FIGURES_WITHIN);
        }
        let saved = |recording: &Recording| recording.state == RecordingState::Saved;
        let written = view.recording.as_ref().is_none_or(saved);
        let over = ended && (view.answered_at.is_none() || view.final_figures && written);
        if over {
            return Ok(Outcome {
                view: view.clone(),
                setup,
                device,
            });
        }
        let wait = until.unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
        tokio::select! {
            event = events.recv() => {
                if matches!(event, Ok(Event::Stopped) | Err(RecvError::Closed)) {
                    return Err(Problem::WrongState);
                }
            }
            () = tokio::time::sleep_until(wait.into()) => {
                if ended {
                    return Ok(Outcome { view: view.clone(), setup, device });
                }
                match doing.transfer {
                    _ if until.take().is_none() => {}
                    Some(target) => {
                        let target = target.to_owned();
                        handle.call(Command::Transfer { call, target }).await?;
                        transferred = true;
                    }
                    None => handle.call(Command::HangUp { call }).await.map(drop)?,
                }
            }
            () = reach::interrupted() => handle.call(Command::HangUp { call }).await.map(drop)?,
        }
    }
}

/// Dials and follows the call, and where it is redirected to if that is wanted.
///
/// # Errors
/// Why it could not be dialled.
pub async fn place(handle: &Handle, args: &Call) -> Result<Outcome, Problem> {
    let mut account = match &args.account {
        Some(named) => Some(reach::account(&handle.snapshot(), named)?.id.clone()),
        None => None,
    };
    let mut events = handle.events();
    let doing = Doing {
        talk: args.talk,
        dtmf: args.dtmf.as_deref(),
        record: args.record,
        transfer: args.transfer.as_deref(),
        follow_transfers: args.follow_transfers,
    };
    let mut dialled = vec![args.target.clone()];
    loop {
        let target = dialled.last().cloned().unwrap_or_default();
        let reply = handle
            .call(Command::Dial {
                target,
                account: account.take(),
                ask: Ask::Never,
            })
            .await?;
        let call = reply
            .get("call")
            .and_then(Value::as_u64)
            .ok_or(Problem::WrongState)?;
        let outcome = follow(handle, &mut events, CallId(call), doing).await?;
        let next = match outcome.problem() {
            Some(Problem::Redirected { contacts })
                if args.follow_redirects && dialled.len() <= MAX_REDIRECTS =>
            {
                contacts.iter().find(|contact| !dialled.contains(contact))
            }
            _ => None,
        };
        let Some(next) = next else {
            return Ok(outcome);
        };
        dialled.push(next.clone());
        account = Some(outcome.view.account);
    }
}

pub(super) fn run(args: &Args, profile: Profile, call: &Call, output: &Output) -> Exit {
    // If a running Gudok owns the profile, its registrations are left alone.
    let register = profile.is_owned();
    let beside = reach::beside(&profile);
    let (devices, processing) = (reach::devices(&call.devices), call.devices.processing());
    let engine = match reach::engine(args, profile, Some(devices), processing, register) {
        Ok(engine) => engine,
        Err(problem) => return output.problem(&problem),
    };
    let outcome = reach::block_on(place(&engine.handle, call)).and_then(|outcome| outcome);
    engine.stop();
    match outcome {
        Ok(outcome) => {
            if let Some(profile) = &beside {
                beside::send_recording(profile, &outcome.view);
            }
            output.object(&outcome.json(output), |_| outcome.words(output));
            outcome.exit()
        }
        Err(problem) => output.problem(&problem),
    }
}
