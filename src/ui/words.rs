//! States and numbers in words.

use std::time::Duration;

use egui::Color32;

use super::theme::Palette;
use super::view::View;
use crate::account::Transport;
use crate::engine::{
    AccountView, CallProgress, CallState, CallView, Direction, Quality, RegistrationState, Suite,
};
use crate::locale::ProblemText;

/// A time that is left, as a clock counts it down: `4:17`.
pub fn short_clock(duration: Duration) -> String {
    let clock = clock(duration);
    clock.strip_prefix('0').unwrap_or(&clock).to_owned()
}

/// A duration as a clock shows it: `04:17`, `1:04:17`.
pub fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

/// What sound is encrypted with, in short.
pub fn suite_name(suite: Suite) -> &'static str {
    match suite {
        Suite::AeadAes256Gcm => "AES-256 GCM",
        Suite::AeadAes128Gcm => "AES-128 GCM",
        Suite::Aes256CmHmacSha1_80 => "AES-256",
        Suite::AesCm128HmacSha1_80 | Suite::AesCm128HmacSha1_32 => "AES-128",
    }
}

/// How a line stands.
pub struct LineState {
    /// In a sentence.
    pub short: String,
    /// In a few words.
    pub brief: String,
    /// What is wrong and what to do.
    pub problem: Option<ProblemText>,
    /// The colour of the words.
    pub color: Color32,
    /// The colour of the dot.
    pub dot: Color32,
    /// Whether somebody has to look at it.
    pub wrong: bool,
}

/// How a line stands, in words.
pub fn line_state(view: &View<'_>, palette: &Palette, account: &AccountView) -> LineState {
    let registration = &account.registration;
    let calm = |key: &str, dot: Color32| LineState {
        short: view.say(key),
        brief: view.say(key),
        problem: None,
        color: palette.text2,
        dot,
        wrong: false,
    };
    if !account.enabled {
        return calm("line-off", palette.line);
    }
    let problem = registration
        .reason
        .as_ref()
        .map(|problem| view.texts.problem(problem));
    match (registration.state, problem) {
        (RegistrationState::Registered, _) => {
            let mut state = calm("line-ready", palette.call);
            if let Some(transport @ (Transport::Tls | Transport::Tcp)) = registration.transport {
                state.short = format!("{} · {}", state.short, transport_name(transport));
                state.brief.clone_from(&state.short);
            }
            state
        }
        (RegistrationState::NotNeeded, _) => calm("line-ready-unregistered", palette.call),
        (RegistrationState::Registering, _) => calm("line-registering", palette.accent),
        (_, Some(problem)) => LineState {
            short: problem.what.trim_end_matches('.').to_owned(),
            brief: registration
                .reason
                .as_ref()
                .map(|reason| view.texts.short(reason))
                .unwrap_or_default(),
            problem: Some(problem),
            color: palette.warn,
            dot: palette.warn,
            wrong: true,
        },
        (RegistrationState::Failed, None) => LineState {
            color: palette.warn,
            wrong: true,
            ..calm("line-failed", palette.warn)
        },
        (RegistrationState::Off, None) => calm("line-off", palette.line),
    }
}

/// A transport as it is written.
pub fn transport_name(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
        Transport::Tls => "TLS",
    }
}

/// A codec as it is written.
pub fn codec_name(codec: &str) -> String {
    match codec {
        "opus" => "Opus".into(),
        "g722" => "G.722".into(),
        "alaw" => "G.711 A".into(),
        "ulaw" => "G.711 µ".into(),
        other => other.to_owned(),
    }
}

/// The name of the far side, or its number if it has none.
pub fn peer_name(call: &CallView) -> &str {
    match call.peer.name.as_deref() {
        Some(name) if !name.trim().is_empty() => name,
        _ => &call.peer.number,
    }
}

/// The name of the line a call goes over.
pub fn line_name(view: &View<'_>, call: &CallView) -> String {
    if call.account.is_test_line() {
        view.say("test-line")
    } else {
        call.account_name.clone()
    }
}

/// The line a call goes over, as a phrase.
pub fn over_line(view: &View<'_>, call: &CallView) -> String {
    let name = line_name(view, call);
    if call.account.is_test_line() {
        return name;
    }
    view.say_with("call-over-line", &[("line", name.as_str().into())])
}

/// Where a call stands, in a word or two.
pub fn call_state(view: &View<'_>, call: &CallView) -> String {
    let key = match &call.state {
        CallState::Dialing | CallState::Ringing | CallState::EarlyMedia
            if call.progress == Some(CallProgress::Forwarded) =>
        {
            "call-being-forwarded"
        }
        CallState::Dialing | CallState::Ringing | CallState::EarlyMedia
            if call.progress == Some(CallProgress::Queued) =>
        {
            "call-queued"
        }
        CallState::Dialing => "call-dialing",
        CallState::Ringing => "call-ringing",
        CallState::EarlyMedia => "call-early-media",
        CallState::Incoming => "call-incoming",
        CallState::Connecting => "call-connecting",
        CallState::Active if call.held_by_peer => "call-held-by-peer",
        CallState::Active if call.joined => "call-joined",
        CallState::Active => "call-active",
        CallState::Held => "call-held",
        CallState::Ended {
            problem: Some(problem),
            ..
        } => return view.texts.problem(problem).what,
        CallState::Ended { problem: None, .. } => {
            if let Some(to) = &call.forwarded_to {
                return view.say_with("call-forwarded-to", &[("to", to.as_str().into())]);
            }
            return match (call.duration, call.direction) {
                (Some(_), _) => view.say("call-ended"),
                (None, Direction::Incoming) => view.say("call-missed"),
                (None, Direction::Outgoing) => view.say("call-cancelled"),
            };
        }
    };
    view.say(key)
}

/// How long a call is up, if it is.
pub fn call_clock(view: &View<'_>, call: &CallView) -> Option<String> {
    let up = call.duration.or_else(|| {
        call.answered_at
            .map(|answered| view.now.saturating_duration_since(answered))
    })?;
    Some(clock(up))
}

/// How good the sound is: a locale key and how it should look.
pub fn quality_key(palette: &Palette, quality: &Quality) -> Option<(&'static str, Color32)> {
    let mos = quality.mos?;
    Some(match mos {
        m if m >= 4.0 => ("quality-excellent", palette.call),
        m if m >= 3.6 => ("quality-good", palette.call),
        m if m >= 3.1 => ("quality-fair", palette.warn),
        _ => ("quality-poor", palette.end),
    })
}

/// The figures behind it, a line each.
pub fn quality_details(view: &View<'_>, quality: &Quality) -> String {
    let fixed = |value: f32| (f64::from(value) * 10.0).round() / 10.0;
    let percent = |part: f32| fixed(part * 100.0);
    let mut lines = Vec::new();
    if let (Some(mos), Some(worst), Some(rating)) = (quality.mos, quality.mos_worst, quality.rating)
    {
        let rating = rating.round();
        lines.push(view.say_with(
            "quality-score",
            &[
                ("mos", fixed(mos).into()),
                ("worst", fixed(worst).into()),
                ("rating", rating.into()),
            ],
        ));
    }
    let all = (quality.received_packets + quality.lost_packets).max(1);
    let lost = quality.lost_packets as f32 / all as f32;
    lines.push(view.say_with(
        "quality-network",
        &[
            ("lost", percent(lost).into()),
            ("jitter", quality.jitter_ms.round().into()),
            ("buffer", quality.buffer_ms.round().into()),
        ],
    ));
    if quality.bursts.burst_ms > 0.0 {
        lines.push(view.say_with(
            "quality-bursts",
            &[
                ("ms", quality.bursts.burst_ms.round().into()),
                ("lost", percent(quality.bursts.burst_density).into()),
            ],
        ));
    }
    if let Some(peer) = &quality.heard_by_peer {
        let lost = percent(peer.loss + peer.discard);
        lines.push(match peer.mos_cq {
            Some(mos) => view.say_with(
                "quality-by-peer-score",
                &[("lost", lost.into()), ("mos", fixed(mos).into())],
            ),
            None => view.say_with("quality-by-peer", &[("lost", lost.into())]),
        });
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_has_hours_only_when_it_needs_them() {
        assert_eq!(clock(Duration::from_secs(0)), "00:00");
        assert_eq!(clock(Duration::from_secs(257)), "04:17");
        assert_eq!(clock(Duration::from_secs(3857)), "1:04:17");
        assert_eq!(short_clock(Duration::from_secs(9)), "0:09");
        assert_eq!(short_clock(Duration::from_secs(257)), "4:17");
    }
}
