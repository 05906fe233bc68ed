//! What the media thread can be asked, and what it tells.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::audio::recorder::{RecordError, Tap};
use crate::audio::tones::{Country, RingSound};
use crate::audio::{AudioError, DeviceSpec, Processing};
use crate::call::CallId;
use crate::media::{DtlsFailure, Ports, Protection, Stats, StreamConfig};

/// Which devices the sound goes through.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceChoice {
    /// Captures the person.
    pub microphone: DeviceSpec,
    /// Plays the far side.
    pub speaker: DeviceSpec,
    /// Rings.
    pub ring: DeviceSpec,
    /// Whether ringing, ringback and busy are heard at all.
    pub tones: bool,
}

/// What an audio device is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceRole {
    /// Captures the person.
    Microphone,
    /// Plays the far side.
    Speaker,
    /// Rings.
    Ring,
}

/// A device that is being tried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DeviceTrial {
    /// Which device.
    pub role: DeviceRole,
    /// What is going on.
    pub stage: TrialStage,
}

impl DeviceTrial {
    /// As it begins.
    pub fn new(role: DeviceRole) -> Self {
        let stage = match role {
            DeviceRole::Microphone => TrialStage::Listening,
            DeviceRole::Speaker | DeviceRole::Ring => TrialStage::Playing,
        };
        Self { role, stage }
    }
}

/// What is going on while a device is tried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrialStage {
    /// What the person says is kept.
    Listening,
    /// Something is to be heard.
    Playing,
}

/// How the sound is to be, through whatever devices.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SoundOptions {
    /// What is done to the microphone's sound.
    pub processing: Processing,
    /// Whose tones are played.
    pub country: &'static Country,
    /// How it rings.
    pub ring: RingSound,
    /// The sound of the ring, if it is a file and could be read.
    pub ring_file: Option<Arc<[f32]>>,
    /// Whether both sides hear a tone while a call is recorded.
    pub recording_tone: bool,
}

/// A tone played to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Through the ring device: somebody calls.
    Ring,
    /// It rings at the far side.
    Ringback,
    /// The far side is busy or refused; ends by itself.
    Busy,
    /// The call can't be put through; ends by itself.
    Congestion,
}

/// What the media thread tells.
#[derive(Debug)]
pub enum SoundEvent {
    /// A digit came by RFC 4733 or as a tone.
    Dtmf {
        /// Which call.
        call: CallId,
        /// `0-9*#A-D`.
        digit: char,
    },
    /// A handshake gave the keys of a stream.
    Keyed {
        /// Which call.
        call: CallId,
        /// How it is encrypted from now on.
        protection: Protection,
    },
    /// A handshake gave no keys: nothing will be heard.
    NotKeyed {
        /// Which call.
        call: CallId,
        /// Why.
        failure: DtlsFailure,
    },
    /// How a stream is doing, each second and once when it ends.
    Stats {
        /// Which call.
        call: CallId,
        /// The figures.
        stats: Stats,
    },
    /// A device failed, or (with `None`) all of them work again.
    Problem(Option<AudioError>),
    /// A device is tried out, or (with `None`) no more.
    Trial(Option<DeviceTrial>),
    /// The last of a recording was written, or an error ended it.
    Recorded {
        /// Which call.
        call: CallId,
        /// Which file.
        path: PathBuf,
        /// Whether the file holds all that it should.
        outcome: Result<(), RecordError>,
    },
}

/// Who hears whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix {
    /// The far side hears the microphone.
    pub microphone: bool,
    /// The far side hears those of the other calls that are joined, and they hear it.
    pub joined: bool,
    /// Nobody hears the far side.
    pub silenced: bool,
}

/// What the media thread can be asked.
pub(super) enum Request {
    Start {
        call: CallId,
        ports: Ports,
        config: StreamConfig,
        remote: Remote,
        seed: u64,
    },
    Reconfigure {
        call: CallId,
        config: StreamConfig,
        remote: Remote,
    },
    Stop {
        call: CallId,
    },
    Mix {
        call: CallId,
        mix: Mix,
    },
    Dtmf {
        call: CallId,
        digit: char,
    },
    DtmfTone {
        call: CallId,
        digit: char,
    },
    /// With `None` the recording ends.
    Record {
        call: CallId,
        tap: Option<Tap>,
    },
    PauseRecording {
        call: CallId,
        on: bool,
    },
    Tone(Option<Tone>),
    Devices(DeviceChoice),
    Options(SoundOptions),
    Meter(bool),
    /// With `None` the trial ends.
    Try(Option<DeviceRole>),
}

/// Where a call's media goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remote {
    /// RTP goes here.
    pub rtp: SocketAddr,
    /// RTCP goes here.
    pub rtcp: SocketAddr,
}
