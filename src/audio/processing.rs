//! What is done to the microphone's sound before it is sent: the voice processing of WebRTC.

use serde::{Deserialize, Serialize};
use sonora::config::{
    AdaptiveDigital, EchoCanceller, GainController2, MaxProcessingRate, NoiseSuppression, Pipeline,
};
use sonora::{AudioProcessing, Config, StreamConfig};

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
    fn default() -> Self {
        Self::ALL
    }
}

/// The voice processing of one pair of microphone and speaker.
///
/// Some frames take milliseconds, and memory is allocated: not for a device's callback.
pub struct Processor {
    webrtc: AudioProcessing,
    switches: Processing,
}

impl Processor {
    /// With these parts on.
    pub fn new(switches: Processing) -> Self {
        let format = StreamConfig::new(RATE, 1);
        let webrtc = AudioProcessing::builder()
            .config(config(switches))
            .capture_config(format)
            .render_config(format)
            .build();
        Self { webrtc, switches }
    }

    /// Switches parts on and off; a part that stays on keeps what it has learned.
    pub fn switch(&mut self, switches: Processing) {
        if switches != self.switches {
            self.switches = switches;
            self.webrtc.apply_config(config(switches));
        }
    }

    /// Takes in what the speaker is about to play.
    pub fn play(&mut self, frame: &[f32; FRAME]) {
        if self.switches.echo_cancellation {
            let mut unused = [0.0; FRAME];
            // One channel at a rate that is known is never refused.
            let _ = self.webrtc.process_render_f32(&[frame], &mut [&mut unused]);
        }
    }

    /// Processes what the microphone heard.
    pub fn capture(&mut self, frame: &mut [f32; FRAME]) {
        if self.switches != Processing::NONE {
            let heard = *frame;
            let _ = self.webrtc.process_capture_f32(&[&heard], &mut [frame]);
        }
    }
}

fn config(switches: Processing) -> Config {
    Config {
        pipeline: Pipeline {
            maximum_internal_processing_rate: MaxProcessingRate::Rate48kHz,
            ..Pipeline::default()
        },
        echo_canceller: switches.echo_cancellation.then(EchoCanceller::default),
        noise_suppression: switches.noise_suppression.then(NoiseSuppression::default),
        gain_controller2: switches.gain_control.then(|| GainController2 {
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
