use super::{EDGE, FRAME, RATE, Sine, edge};

/// The peak: -16 dB below full scale.
const PEAK: f32 = 0.16;
/// The tone by which both sides know that the call is recorded: 1400 Hz, 0.2 s of every 15.
const RECORDING_HZ: &[f32] = &[1400.0];
const RECORDING_STEPS: &[u32] = &[200, 14_800];

/// Sines that are switched on and off in a steady rhythm.
#[derive(Debug, Clone)]
pub struct Supervisory {
    sines: Vec<Sine>,
    /// How long it sounds and how long it is quiet, in turn, in samples.
    steps: Vec<u32>,
    step: usize,
    at: u32,
}

impl Supervisory {
    /// Frequencies in Hz that sound together, and how long they sound and are quiet in turn, ms.
    pub fn new(hertz: &[f32], steps: &[u32]) -> Self {
        Self {
            sines: hertz.iter().map(|hertz| Sine::new(*hertz)).collect(),
            steps: steps.iter().map(|ms| ms * (RATE / 1000)).collect(),
            step: 0,
            at: 0,
        }
    }

    /// The tone by which both sides know that the call is recorded.
    pub fn recording() -> Self {
        Self::new(RECORDING_HZ, RECORDING_STEPS)
    }

    /// Whether it sounds in the next 10 ms.
    pub fn sounds(&self) -> bool {
        self.step.is_multiple_of(2)
    }

    /// The next 10 ms.
    pub fn fill(&mut self, frame: &mut [f32; FRAME]) {
        for sample in frame {
            *sample = self.sample();
        }
    }

    fn sample(&mut self) -> f32 {
        let length = self.steps.get(self.step).copied().unwrap_or_default();
        let loud = if self.sounds() {
            edge(self.at, length)
        } else {
            0.0
        };
        let sum: f32 = self.sines.iter_mut().map(Sine::sample).sum();
        self.at += 1;
        if self.at >= length {
            self.at = 0;
            self.step = (self.step + 1) % self.steps.len().max(1);
        }
        PEAK * loud * sum / self.sines.len().max(1) as f32
    }
}

const _: () = assert!(
    EDGE * 2 < 100 * RATE / 1000,
    "the shortest tone has room for its edges"
);

#[cfg(test)]
mod tests {
    use super::super::Country;
    use super::super::tests::{play, step};
    use super::*;
    use crate::audio::level::peak;

    fn frequency(sound: &[f32]) -> f32 {
        let rises = sound
            .windows(2)
            .filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0);
        rises.count() as f32 * RATE as f32 / sound.len() as f32
    }

    #[test]
    fn russia_s_ringback_sounds_for_0_8_s_of_every_4() {
        let mut tone = Supervisory::from(&Country::all()[0].ringback);
        let sound = play(8, |frame| tone.fill(frame));
        for ring in sound.chunks(4 * RATE as usize) {
            let (on, off) = ring.split_at(RATE as usize * 8 / 10);
            assert!((frequency(on) - 425.0).abs() < 3.0);
            assert_eq!(peak(off), 0.0);
        }
    }

    #[test]
    fn russia_s_busy_and_congestion_alternate_evenly() {
        let russia = &Country::all()[0];
        for (rhythm, ms) in [(&russia.busy, 350), (&russia.congestion, 175)] {
            let mut tone = Supervisory::from(rhythm);
            let sound = play(7, |frame| tone.fill(frame));
            let loud = sound
                .chunks(RATE as usize * ms / 1000)
                .map(|part| peak(part) > 0.1);
            assert!(loud.eq([true, false].into_iter().cycle().take(7000 / ms)));
        }
    }

    #[test]
    fn a_double_ring_rests_shortly_and_then_long() {
        let britain = Country::find("GB").expect("there");
        let mut tone = Supervisory::from(&britain.ringback);
        let sound = play(3, |frame| tone.fill(frame));
        let loud: Vec<bool> = sound
            .chunks(RATE as usize / 5)
            .map(|part| peak(part) > 0.05)
            .collect();
        let expected = [true, true, false, true, true].into_iter();
        assert!(loud.into_iter().eq(expected.chain([false; 10])));
    }

    #[test]
    fn no_tone_of_any_country_clicks_or_clips() {
        for country in Country::all() {
            for rhythm in [country.ringback, country.busy, country.congestion] {
                let mut tone = Supervisory::from(&rhythm);
                let sound = play(6, |frame| tone.fill(frame));
                assert!(
                    step(&sound) < 0.02 && peak(&sound) <= PEAK,
                    "{}",
                    country.code
                );
            }
        }
    }

    #[test]
    fn a_recording_is_told_at_its_start_and_every_15_s() {
        let mut tone = Supervisory::recording();
        let mut beeps = Vec::new();
        let mut frame = [0.0; FRAME];
        for at in 0..4500 {
            let begins = tone.sounds();
            tone.fill(&mut frame);
            assert_eq!(begins, peak(&frame) > 0.0);
            if begins && beeps.last().is_none_or(|last| at - last > 100) {
                beeps.push(at);
            }
        }
        assert_eq!(beeps, [0, 1500, 3000]);
    }
}
