//! What is done to the microphone's sound before it is sent: our echo canceller, and the noise
//! suppression and gain control of WebRTC.

use serde::{Deserialize, Serialize};
use sonora::config::{
    AdaptiveDigital, GainController2, MaxProcessingRate, NoiseSuppression, Pipeline,
};
use sonora::{AudioProcessing, Config, StreamConfig};

use super::echo::EchoCanceller;
use super::level::rms;
use super::{FRAME, RATE};

/// Which parts of the voice processing are on. It is applied to sound devices only: files, tones
/// and loops are sent as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processing {
    /// What the speaker plays is taken out of what the microphone hears.
    pub echo_cancellation: bool,
    /// Steady noise is made quieter.
    pub noise_suppression: bool,
    /// A quiet voice is made louder, a loud one quieter.
    pub gain_control: bool,
}

impl Processing {
    /// The microphone as it is.
    pub const NONE: Self = Self {
        echo_cancellation: false,
        noise_suppression: false,
        gain_control: false,
    };
    /// Everything.
    pub const ALL: Self = Self {
        echo_cancellation: true,
        noise_suppression: true,
        gain_control: true,
    };
}

impl Default for Processing {
    /// Nobody wants to hear himself; the rest costs a clear voice more than it gives.
    fn default() -> Self {
        Self {
            echo_cancellation: true,
            ..Self::NONE
        }
    }
}

/// The voice processing of one pair of microphone and speaker.
///
/// Some frames take milliseconds, and memory is allocated: not for a device's callback.
pub struct Processor {
    canceller: Option<Canceller>,
    /// Noise suppression and gain control.
    voice: AudioProcessing,
    switches: Processing,
}

impl Processor {
    /// With these parts on.
    pub fn new(switches: Processing) -> Self {
        Self {
            canceller: switches.echo_cancellation.then(Canceller::new),
            voice: webrtc(voice(switches)),
            switches,
        }
    }

    /// Switches parts on and off; a part that stays on keeps what it has learned.
    pub fn switch(&mut self, switches: Processing) {
        if switches == self.switches {
            return;
        }
        self.switches = switches;
        self.voice.apply_config(voice(switches));
        match switches.echo_cancellation {
            true => {
                self.canceller.get_or_insert_with(Canceller::new);
            }
            false => self.canceller = None,
        }
    }

    /// Takes in what the speaker is about to play.
    pub fn play(&mut self, frame: &[f32; FRAME]) {
        if let Some(canceller) = &mut self.canceller {
            canceller.play(frame);
        }
    }

    /// Processes what the microphone heard.
    pub fn capture(&mut self, frame: &mut [f32; FRAME]) {
        if let Some(canceller) = &mut self.canceller {
            canceller.capture(frame);
        }
        if self.switches.noise_suppression || self.switches.gain_control {
            process(&mut self.voice, frame);
        }
    }
}

/// What is louder than this counts as played: -50 dB.
const PLAYED: f32 = 0.003;
/// So long after something was played its echo has died away, in frames.
const DIED_AWAY: u32 = 60;

/// The echo canceller. It delays a voice by a frame, so it steps aside while nothing is played and
/// where the microphone doesn't hear the speaker. It goes on listening, and is back as soon as it
/// does.
struct Canceller {
    echo: EchoCanceller,
    /// Frames since something was played.
    silent: u32,
    aside: bool,
}

impl Canceller {
    fn new() -> Self {
        Self {
            echo: EchoCanceller::new(),
            silent: DIED_AWAY,
            aside: true,
        }
    }

    fn play(&mut self, frame: &[f32; FRAME]) {
        self.silent = match rms(frame) > PLAYED {
            true => 0,
            false => self.silent.saturating_add(1),
        };
        self.echo.play(frame);
    }

    fn capture(&mut self, frame: &mut [f32; FRAME]) {
        let heard = *frame;
        self.echo.capture(frame);
        let aside = self.silent >= DIED_AWAY || !self.echo.finds_echo();
        match (self.aside, aside) {
            (true, true) => *frame = heard,
            (false, true) => blend(frame, &heard),
            (true, false) => {
                let cancelled = *frame;
                *frame = heard;
                blend(frame, &cancelled);
            }
            (false, false) => {}
        }
        self.aside = aside;
    }
}

/// Goes over from one sound to another within a frame.
fn blend(frame: &mut [f32; FRAME], next: &[f32; FRAME]) {
    for (at, (sample, next)) in frame.iter_mut().zip(next).enumerate() {
        *sample += (next - *sample) * at as f32 / FRAME as f32;
    }
}

fn process(webrtc: &mut AudioProcessing, frame: &mut [f32; FRAME]) {
    let heard = *frame;
    let _ = webrtc.process_capture_f32(&[&heard], &mut [frame]);
}

fn webrtc(config: Config) -> AudioProcessing {
    let format = StreamConfig::new(RATE, 1);
    AudioProcessing::builder()
        .config(Config {
            pipeline: pipeline(),
            ..config
        })
        .capture_config(format)
        .render_config(format)
        .build()
}

fn pipeline() -> Pipeline {
    Pipeline {
        maximum_internal_processing_rate: MaxProcessingRate::Rate48kHz,
        ..Pipeline::default()
    }
}

fn voice(switches: Processing) -> Config {
    Config {
        pipeline: pipeline(),
        noise_suppression: switches.noise_suppression.then(NoiseSuppression::default),
        gain_controller2: switches.gain_control.then(|| GainController2 {
            // As loud as it is, until more is known.
            adaptive_digital: Some(AdaptiveDigital {
                initial_gain_db: 0.0,
                ..AdaptiveDigital::default()
            }),
            ..GainController2::default()
        }),
        ..Config::default()
    }
}

#[cfg(test)]
#[path = "processing_tests.rs"]
mod tests;
