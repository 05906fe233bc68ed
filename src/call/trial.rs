//! A device that is tried out.

use crate::audio::tones::{Ring, RingSound};
use crate::call::media_request::{DeviceRole, DeviceTrial, TrialStage};
use crate::media::FRAME;

/// How long the person is listened to, in frames: 4 s.
const LISTEN: usize = 400;
/// How long a speaker or ring device is heard, in frames: 3 s.
const HEAR: usize = 300;

/// A device that is tried out.
pub(super) struct Trial {
    /// As it can be seen.
    pub shown: DeviceTrial,
    said: Vec<f32>,
    chime: Ring,
    left: usize,
}

impl Trial {
    /// Begins.
    pub fn new(role: DeviceRole) -> Self {
        let shown = DeviceTrial::new(role);
        let left = match shown.stage {
            TrialStage::Listening => LISTEN,
            TrialStage::Playing => HEAR,
        };
        Self {
            shown,
            said: Vec::with_capacity(LISTEN * FRAME),
            chime: Ring::new(&RingSound::Chime, None),
            left,
        }
    }

    /// Takes in 10 ms of the microphone and adds what is to be heard; false once it is over.
    pub fn tick(&mut self, microphone: &[f32; FRAME], mixed: &mut [f32; FRAME]) -> bool {
        let mut heard = [0.0; FRAME];
        match (self.shown.role, self.shown.stage) {
            (DeviceRole::Microphone, TrialStage::Listening) => {
                self.said.extend_from_slice(microphone);
            }
            (DeviceRole::Microphone, TrialStage::Playing) => {
                let from = (LISTEN - self.left) * FRAME;
                if let Some(said) = self.said.get(from..from + FRAME) {
                    heard.copy_from_slice(said);
                }
            }
            (DeviceRole::Speaker, _) => self.chime.fill(&mut heard),
            // The ring itself is heard, through its own device.
            (DeviceRole::Ring, _) => {}
        }
        for (sum, sample) in mixed.iter_mut().zip(heard) {
            *sum += sample;
        }
        self.left = self.left.saturating_sub(1);
        if self.left == 0 && self.shown.stage == TrialStage::Listening {
            self.shown.stage = TrialStage::Playing;
            self.left = LISTEN;
        }
        self.left > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_into_the_microphone_is_heard_afterwards_and_nothing_before() {
        let mut trial = Trial::new(DeviceRole::Microphone);
        let mut heard = Vec::new();
        for number in 1.. {
            let mut mixed = [0.0; FRAME];
            let goes_on = trial.tick(&[number as f32; FRAME], &mut mixed);
            heard.push(mixed[FRAME - 1]);
            if !goes_on {
                break;
            }
        }
        let (before, after) = heard.split_at(LISTEN);
        assert!(before.iter().all(|sample| *sample == 0.0));
        let said: Vec<f32> = (1..=LISTEN).map(|number| number as f32).collect();
        assert_eq!(after, said);
    }

    #[test]
    fn a_speaker_is_heard_for_three_seconds() {
        let mut trial = Trial::new(DeviceRole::Speaker);
        let mut loudest = 0.0f32;
        let mut frames = 1;
        let mut mixed = [0.0; FRAME];
        while trial.tick(&[1.0; FRAME], &mut mixed) {
            loudest = mixed
                .iter()
                .fold(loudest, |peak, sample| peak.max(sample.abs()));
            mixed.fill(0.0);
            frames += 1;
        }
        assert_eq!(frames, HEAR);
        assert!((0.05..0.5).contains(&loudest), "{loudest}");
    }
}
