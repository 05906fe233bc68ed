//! Concealment by pitch repetition for codecs that have none of their own (in the manner of
//! ITU-T G.711 Appendix I): the last pitch period goes on, fades, and is blended into what
//! arrives next. Where the next packet is there already, the gap is filled from both sides.

use std::ops::RangeInclusive;

use super::rate::Rate;

/// Above this likeness sound counts as voiced.
const VOICED: f32 = 0.6;

/// The lengths of everything, samples.
#[derive(Debug, Clone, Copy)]
struct Lengths {
    /// What is remembered: enough for the longest period and the window it is looked for with.
    history: usize,
    /// Pitch periods looked for: 400 Hz to 57 Hz.
    min_period: usize,
    max_period: usize,
    /// The stretch of sound that is compared.
    window: usize,
    /// Sound goes on at full level for this long …
    hold: usize,
    /// … and is gone after this, if it is voiced.
    fade_voiced: usize,
    /// The same for sound without a pitch.
    fade_unvoiced: usize,
    /// The blend into new sound.
    blend: usize,
    /// Where a gap is filled from both sides, one is blended into the other over this long, at
    /// the place where they are most alike.
    meeting: usize,
}

impl Lengths {
    fn at(rate: Rate) -> Self {
        let ms = rate.per_ms();
        Self {
            history: 48 * ms,
            min_period: 5 * ms / 2,
            max_period: 35 * ms / 2,
            window: 20 * ms,
            hold: 10 * ms,
            fade_voiced: 80 * ms,
            fade_unvoiced: 50 * ms,
            blend: 5 * ms / 2,
            meeting: 12 * ms,
        }
    }
}

/// Sound going on by itself.
#[derive(Clone)]
struct Extension {
    /// One period, whose end leads into its beginning.
    cycle: Vec<f32>,
    /// Samples made so far.
    age: usize,
    /// The step between the last real sample and the first made one, faded out at once.
    step: f32,
    step_fade: usize,
    hold: usize,
    fade: usize,
}

impl Extension {
    fn next(&mut self) -> f32 {
        let cycle = self
            .cycle
            .get(self.age % self.cycle.len().max(1))
            .copied()
            .unwrap_or(0.0);
        let step = match self.step_fade.checked_sub(self.age) {
            Some(left) if self.step_fade > 0 => self.step * left as f32 / self.step_fade as f32,
            _ => 0.0,
        };
        let level = match self.age.checked_sub(self.hold) {
            None => 1.0,
            Some(over) => (1.0 - over as f32 / (self.fade - self.hold) as f32).max(0.0),
        };
        self.age += 1;
        (cycle + step) * level
    }
}

/// Remembers what was heard and makes it go on.
pub struct Concealer {
    lengths: Lengths,
    history: Vec<f32>,
    extension: Option<Extension>,
}

impl Concealer {
    /// One that has heard silence so far.
    pub fn new(rate: Rate) -> Self {
        let lengths = Lengths::at(rate);
        Self {
            lengths,
            history: vec![0.0; lengths.history],
            extension: None,
        }
    }

    /// Finds how what was heard goes on, if that is not known yet.
    pub fn begin(&mut self) {
        if self.extension.is_none() {
            self.extension = Some(self.lengths.extension_of(&self.history));
        }
    }

    /// Appends `samples` of sound that goes on from what was heard.
    pub fn extend(&mut self, samples: usize, out: &mut Vec<f32>) {
        self.begin();
        if let Some(extension) = &mut self.extension {
            out.extend((0..samples).map(|_| extension.next()));
        }
    }

    /// Appends what [`extend`](Self::extend) would give next, once [begun](Self::begin), without going
    /// on.
    pub fn peek(&self, samples: usize, out: &mut Vec<f32>) {
        if let Some(mut extension) = self.extension.clone() {
            out.extend((0..samples).map(|_| extension.next()));
        }
    }

    /// Takes sound that arrived; after a gap its beginning is blended with the concealment.
    pub fn join(&mut self, sound: &mut [f32]) {
        if let Some(mut extension) = self.extension.take() {
            let blend = self.lengths.blend.min(sound.len());
            for (n, sample) in sound.iter_mut().take(blend).enumerate() {
                let new = (n + 1) as f32 / (blend + 1) as f32;
                *sample = *sample * new + extension.next() * (1.0 - new);
            }
        }
        self.remember(sound);
    }

    /// Appends `samples` that lead from what was heard to what comes `next`.
    pub fn bridge(&mut self, samples: usize, next: &[f32], out: &mut Vec<f32>) {
        let start = out.len();
        self.extend(samples, out);
        let (period, _) = self.lengths.pitch(&self.history);
        let Some(gap) = out.get_mut(start..) else {
            return;
        };
        if let Some(mut back) = self.lengths.extension_before(next, period) {
            let mut made: Vec<f32> = (0..samples).map(|_| back.next()).collect();
            made.reverse();
            let width = self.lengths.meeting.min(samples);
            let at = meeting_place(gap, &made, width);
            for (n, (sample, other)) in gap.iter_mut().zip(made).enumerate() {
                let part = (n + 1).saturating_sub(at).min(width + 1) as f32 / (width + 1) as f32;
                *sample = *sample * (1.0 - part) + other * part;
            }
            self.extension = None;
            let bridged = out.get(start..).unwrap_or_default().to_vec();
            self.remember(&bridged);
        }
    }

    fn remember(&mut self, sound: &[f32]) {
        let fresh = sound
            .get(sound.len().saturating_sub(self.lengths.history)..)
            .unwrap_or_default();
        self.history.drain(..fresh.len());
        self.history.extend_from_slice(fresh);
    }
}

/// Where two fillings of a gap are most alike over `width` samples.
fn meeting_place(one: &[f32], other: &[f32], width: usize) -> usize {
    let mut best = (0, f32::MIN);
    for (at, (x, y)) in one
        .windows(width.max(1))
        .zip(other.windows(width.max(1)))
        .enumerate()
    {
        let product: f32 = x.iter().zip(y).map(|(x, y)| x * y).sum();
        let energy: f32 =
            x.iter().map(|x| x * x).sum::<f32>() * y.iter().map(|y| y * y).sum::<f32>();
        let like = product / energy.sqrt().max(1e-9);
        if like > best.1 {
            best = (at, like);
        }
    }
    best.0
}

impl Lengths {
    /// Sound going on backwards from `next`, whose period is near the one given.
    fn extension_before(self, next: &[f32], period: usize) -> Option<Extension> {
        let backwards: Vec<f32> = next.iter().rev().copied().collect();
        let longest = (backwards.len() * 2 / 3)
            .min(period * 5 / 4)
            .min(self.max_period);
        let shortest = (period * 4 / 5).max(self.min_period);
        if shortest > longest {
            return None;
        }
        let (period, likeness) =
            best_period(&backwards, shortest..=longest, backwards.len() - longest);
        Some(self.extension_with(&backwards, period, likeness))
    }

    fn extension_of(self, history: &[f32]) -> Extension {
        let (period, likeness) = self.pitch(history);
        self.extension_with(history, period, likeness)
    }

    fn extension_with(self, history: &[f32], period: usize, likeness: f32) -> Extension {
        let voiced = likeness >= VOICED;
        let end = history.len();
        let mut cycle = history
            .get(end.saturating_sub(period)..)
            .unwrap_or_default()
            .to_vec();
        // The end of the cycle is led over to what came before its beginning.
        let overlap = period / 4;
        let before = history
            .get(end.saturating_sub(period + overlap)..)
            .unwrap_or_default();
        let tail = cycle.len().saturating_sub(overlap);
        for (n, (sample, lead)) in cycle.iter_mut().skip(tail).zip(before).enumerate() {
            let lead_part = (n + 1) as f32 / (overlap + 1) as f32;
            *sample = *sample * (1.0 - lead_part) + lead * lead_part;
        }
        let last = history.last().copied().unwrap_or(0.0);
        let led = end
            .checked_sub(period + 1)
            .and_then(|at| history.get(at))
            .copied()
            .unwrap_or(0.0);
        Extension {
            cycle,
            age: 0,
            step: last - led,
            step_fade: overlap,
            hold: self.hold,
            fade: if voiced {
                self.fade_voiced
            } else {
                self.fade_unvoiced
            },
        }
    }

    /// The pitch of the end of the sound, and how much the sound repeats itself by it.
    fn pitch(self, history: &[f32]) -> (usize, f32) {
        best_period(history, self.min_period..=self.max_period, self.window)
    }
}

/// The period by which the last `window` samples are most like what came before them, and how
/// much (normalized correlation).
fn best_period(sound: &[f32], periods: RangeInclusive<usize>, window: usize) -> (usize, f32) {
    let mut best = (*periods.end(), 0.0f32);
    let Some(recent) = sound
        .len()
        .checked_sub(window)
        .and_then(|start| sound.get(start..))
    else {
        return best;
    };
    let energy: f32 = recent.iter().map(|x| x * x).sum();
    for period in periods {
        let past = (sound.len() - window)
            .checked_sub(period)
            .and_then(|from| sound.get(from..from + window));
        let Some(past) = past else { break };
        let mut product = 0.0;
        let mut past_energy = 0.0;
        for (x, y) in recent.iter().zip(past) {
            product += x * y;
            past_energy += y * y;
        }
        let likeness = product / (energy * past_energy).sqrt().max(1e-9);
        // A multiple of the period is as like as the period itself: it has to be clearly better.
        if likeness > best.1 + if period > best.0 * 3 / 2 { 0.04 } else { 0.0 } {
            best = (period, likeness);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(from: usize, samples: usize) -> Vec<f32> {
        (from..from + samples)
            .map(|n| 0.5 * (std::f32::consts::TAU * 200.0 * n as f32 / 8_000.0).sin())
            .collect()
    }

    #[test]
    fn a_tone_goes_on_in_phase_and_without_a_step() {
        let mut concealer = Concealer::new(Rate::Narrow);
        concealer.join(&mut tone(0, 800));
        let mut made = Vec::new();
        concealer.extend(80, &mut made);
        for (made, real) in made.iter().zip(tone(800, 80)) {
            assert!((made - real).abs() < 0.05, "{made} {real}");
        }
    }

    #[test]
    fn a_long_gap_fades_to_silence() {
        let mut concealer = Concealer::new(Rate::Narrow);
        concealer.join(&mut tone(0, 800));
        let mut made = Vec::new();
        concealer.extend(8_000, &mut made);
        assert!(made[800..].iter().all(|sample| *sample == 0.0));
    }

    #[test]
    fn what_arrives_after_a_gap_is_blended_in() {
        let mut concealer = Concealer::new(Rate::Narrow);
        concealer.join(&mut tone(0, 800));
        let mut sound = Vec::new();
        concealer.extend(160, &mut sound);
        // Half a period off: the worst case.
        let mut late = tone(980, 160);
        concealer.join(&mut late);
        sound.extend(late);
        let step = sound
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs())
            .fold(0.0, f32::max);
        assert!(step < 0.15, "a step of {step}");
    }

    #[test]
    fn a_gap_between_two_known_sides_leads_from_one_to_the_other() {
        let mut concealer = Concealer::new(Rate::Narrow);
        let mut sound = tone(0, 800);
        concealer.join(&mut sound);
        // The pitch moved a little on meanwhile.
        let mut next = tone(968, 160);
        concealer.bridge(160, &next, &mut sound);
        concealer.join(&mut next);
        sound.extend(next);
        let step = sound
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs())
            .fold(0.0, f32::max);
        assert!(step < 0.1, "a step of {step}");
        let quietest = sound
            .chunks(40)
            .map(|period| period.iter().fold(0.0f32, |a, b| a.max(*b)));
        assert!(
            quietest.skip(1).all(|peak| peak > 0.4),
            "no hole in between"
        );
        assert_eq!(sound.len(), 1_120);
    }

    #[test]
    fn a_next_packet_too_short_is_no_help_and_no_harm() {
        for length in [0, 1, 20, 40, 79] {
            let mut concealer = Concealer::new(Rate::Narrow);
            concealer.join(&mut tone(0, 800));
            let mut made = Vec::new();
            concealer.bridge(160, &tone(960, length), &mut made);
            assert_eq!(made.len(), 160);
        }
    }

    #[test]
    fn silence_stays_silent() {
        let mut concealer = Concealer::new(Rate::Narrow);
        let mut made = Vec::new();
        concealer.extend(500, &mut made);
        assert!(made.iter().all(|sample| *sample == 0.0));
    }
}
