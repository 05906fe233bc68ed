//! Concealment by pitch repetition for codecs that have none of their own (in the manner of
//! ITU-T G.711 Appendix I): the last pitch period goes on, fades, and is blended into what
//! arrives next. Where the next packet is there already, the gap is filled from both sides.

use std::ops::RangeInclusive;

/// Samples per millisecond.
const MS: usize = 8;
/// What is remembered: enough for the longest period and the window it is looked for with.
const HISTORY: usize = 48 * MS;
/// Pitch periods looked for: 400 Hz to 57 Hz.
const MIN_PERIOD: usize = 20;
const MAX_PERIOD: usize = 140;
/// The stretch of sound that is compared.
const WINDOW: usize = 20 * MS;
/// Above this likeness sound counts as voiced.
const VOICED: f32 = 0.6;
/// Sound goes on at full level for this long …
const HOLD: usize = 10 * MS;
/// … and is gone after this, if it is voiced.
const FADE_VOICED: usize = 80 * MS;
/// The same for sound without a pitch.
const FADE_UNVOICED: usize = 50 * MS;
/// The blend into new sound.
const BLEND: usize = 5 * MS / 2;
/// Where a gap is filled from both sides, one is blended into the other over this long, at the
/// place where they are most alike.
const MEETING: usize = 12 * MS;

/// Sound going on by itself.
struct Extension {
    /// One period, whose end leads into its beginning.
    cycle: Vec<f32>,
    /// Samples made so far.
    age: usize,
    /// The step between the last real sample and the first made one, faded out at once.
    step: f32,
    step_fade: usize,
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
        let level = match self.age.checked_sub(HOLD) {
            None => 1.0,
            Some(over) => (1.0 - over as f32 / (self.fade - HOLD) as f32).max(0.0),
        };
        self.age += 1;
        (cycle + step) * level
    }
}

/// Remembers what was heard and makes it go on.
pub struct Concealer {
    history: Vec<f32>,
    extension: Option<Extension>,
}

impl Concealer {
    /// One that has heard silence so far.
    pub fn new() -> Self {
        Self {
            history: vec![0.0; HISTORY],
            extension: None,
        }
    }

    /// Appends `samples` of sound that goes on from what was heard.
    pub fn extend(&mut self, samples: usize, out: &mut Vec<f32>) {
        if self.extension.is_none() {
            self.extension = Some(extension_of(&self.history));
        }
        if let Some(extension) = &mut self.extension {
            out.extend((0..samples).map(|_| extension.next()));
        }
    }

    /// Takes sound that arrived; after a gap its beginning is blended with the concealment.
    pub fn join(&mut self, sound: &mut [f32]) {
        if let Some(mut extension) = self.extension.take() {
            let blend = BLEND.min(sound.len());
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
        let (period, _) = pitch(&self.history);
        let Some(gap) = out.get_mut(start..) else {
            return;
        };
        if let Some(mut back) = extension_before(next, period) {
            let mut made: Vec<f32> = (0..samples).map(|_| back.next()).collect();
            made.reverse();
            let width = MEETING.min(samples);
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
            .get(sound.len().saturating_sub(HISTORY)..)
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

/// Sound going on backwards from `next`, whose period is near the one given.
fn extension_before(next: &[f32], period: usize) -> Option<Extension> {
    let backwards: Vec<f32> = next.iter().rev().copied().collect();
    let longest = (backwards.len() * 2 / 3)
        .min(period * 5 / 4)
        .min(MAX_PERIOD);
    let shortest = (period * 4 / 5).max(MIN_PERIOD);
    if shortest > longest {
        return None;
    }
    let (period, likeness) = best_period(&backwards, shortest..=longest, backwards.len() - longest);
    Some(extension_with(&backwards, period, likeness))
}

fn extension_of(history: &[f32]) -> Extension {
    let (period, likeness) = pitch(history);
    extension_with(history, period, likeness)
}

fn extension_with(history: &[f32], period: usize, likeness: f32) -> Extension {
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
        fade: if voiced { FADE_VOICED } else { FADE_UNVOICED },
    }
}

/// The pitch of the end of the sound, and how much the sound repeats itself by it.
fn pitch(history: &[f32]) -> (usize, f32) {
    best_period(history, MIN_PERIOD..=MAX_PERIOD, WINDOW)
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
        let mut concealer = Concealer::new();
        concealer.join(&mut tone(0, 800));
        let mut made = Vec::new();
        concealer.extend(80, &mut made);
        for (made, real) in made.iter().zip(tone(800, 80)) {
            assert!((made - real).abs() < 0.05, "{made} {real}");
        }
    }

    #[test]
    fn a_long_gap_fades_to_silence() {
        let mut concealer = Concealer::new();
        concealer.join(&mut tone(0, 800));
        let mut made = Vec::new();
        concealer.extend(8_000, &mut made);
        assert!(made[800..].iter().all(|sample| *sample == 0.0));
    }

    #[test]
    fn what_arrives_after_a_gap_is_blended_in() {
        let mut concealer = Concealer::new();
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
        let mut concealer = Concealer::new();
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
            let mut concealer = Concealer::new();
            concealer.join(&mut tone(0, 800));
            let mut made = Vec::new();
            concealer.bridge(160, &tone(960, length), &mut made);
            assert_eq!(made.len(), 160);
        }
    }

    #[test]
    fn silence_stays_silent() {
        let mut concealer = Concealer::new();
        let mut made = Vec::new();
        concealer.extend(500, &mut made);
        assert!(made.iter().all(|sample| *sample == 0.0));
    }
}
