//! Making sound a little shorter or longer without changing its pitch: one pitch period is
//! taken out or put in where the sound repeats itself (WSOLA).

/// Samples per millisecond.
const MS: usize = 48;
/// The shortest and longest stretch taken out or put in at once.
pub const MIN_LAG: usize = 5 * MS / 2;
pub const MAX_LAG: usize = 12 * MS + MS / 2;
/// The stretch of sound compared to find where it repeats.
const WINDOW: usize = 8 * MS;
/// The first search runs at 8 kHz.
const COARSE: usize = 6;
/// Sound below this level (about -56 dBFS) may be cut anywhere.
const QUIET: f32 = 2.5e-6;

/// What is needed to find a place: the window and the longest lag.
const fn needed(lag: usize) -> usize {
    if lag > WINDOW { 2 * lag } else { lag + WINDOW }
}

/// Takes up to `most` samples out of the beginning of `sound`, if it repeats itself at least as
/// well as `likeness` (0 to 1) asks; tells how many.
pub fn shorten(sound: &mut Vec<f32>, from: usize, most: usize, likeness: f32) -> Option<usize> {
    let room = sound.len().checked_sub(from)?;
    let most = (MIN_LAG..=most.min(MAX_LAG))
        .rev()
        .find(|lag| needed(*lag) <= room)?;
    let lag = best_lag(sound, from, Way::Ahead, most, likeness)?;
    let (before, after) = sound.split_at_mut(from + lag);
    let first = before.get(from..)?;
    for (n, (new, old)) in after.iter_mut().zip(first).enumerate() {
        let part = (n + 1) as f32 / (lag + 1) as f32;
        *new = *new * part + *old * (1.0 - part);
    }
    sound.drain(from..from + lag);
    Some(lag)
}

/// Puts up to `most` samples in at `from`, out of what lies before and after it, if the sound
/// repeats itself at least as well as `likeness` asks; tells how many.
pub fn lengthen(sound: &mut Vec<f32>, from: usize, most: usize, likeness: f32) -> Option<usize> {
    let room = sound.len().checked_sub(from)?;
    let most = most.min(MAX_LAG).min(from).min(room);
    if most < MIN_LAG || room < WINDOW {
        return None;
    }
    let lag = best_lag(sound, from, Way::Back, most, likeness)?;
    let end = sound.len();
    sound.resize(end + lag, 0.0);
    sound.copy_within(from..end, from + lag);
    // Between what was played and the old place: from the sound itself to one period earlier.
    for n in 0..lag {
        let part = (n + 1) as f32 / (lag + 1) as f32;
        let here = sound.get(from + lag + n).copied()?;
        let earlier = sound.get((from + n).checked_sub(lag)?).copied()?;
        if let Some(sample) = sound.get_mut(from + n) {
            *sample = here * (1.0 - part) + earlier * part;
        }
    }
    Some(lag)
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Ahead,
    Back,
}

/// The window shifted by a lag, thinned out by `step`.
fn shifted(sound: &[f32], from: usize, way: Way, lag: usize) -> Option<&[f32]> {
    let start = match way {
        Way::Ahead => from + lag,
        Way::Back => from.checked_sub(lag)?,
    };
    sound.get(start..start + WINDOW)
}

fn likeness_of(window: &[f32], other: &[f32], step: usize) -> f32 {
    let (mut product, mut energy, mut other_energy) = (0.0f32, 0.0f32, 0.0f32);
    for (x, y) in window.iter().step_by(step).zip(other.iter().step_by(step)) {
        product += x * y;
        energy += x * x;
        other_energy += y * y;
    }
    product / (energy * other_energy).sqrt().max(1e-12)
}

fn best_lag(sound: &[f32], from: usize, way: Way, most: usize, likeness: f32) -> Option<usize> {
    let window = sound.get(from..from + WINDOW)?;
    let power = window.iter().map(|x| x * x).sum::<f32>() / WINDOW as f32;
    if power < QUIET {
        let quiet = shifted(sound, from, way, most)?;
        if quiet.iter().map(|x| x * x).sum::<f32>() / (WINDOW as f32) < QUIET * 4.0 {
            return Some(most);
        }
    }
    let mut best = (0, f32::MIN);
    for lag in (MIN_LAG..=most).step_by(COARSE) {
        let like = likeness_of(window, shifted(sound, from, way, lag)?, COARSE);
        if like > best.1 {
            best = (lag, like);
        }
    }
    let around = best.0.saturating_sub(COARSE).max(MIN_LAG)..=(best.0 + COARSE).min(most);
    best.1 = f32::MIN;
    for lag in around {
        let like = likeness_of(window, shifted(sound, from, way, lag)?, 1);
        if like > best.1 {
            best = (lag, like);
        }
    }
    (best.1 >= likeness).then_some(best.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f32, samples: usize) -> Vec<f32> {
        (0..samples)
            .map(|n| 0.5 * (std::f32::consts::TAU * hz * n as f32 / 48_000.0).sin())
            .collect()
    }

    fn largest_bend(sound: &[f32]) -> f32 {
        sound
            .windows(3)
            .map(|w| (w[2] - 2.0 * w[1] + w[0]).abs())
            .fold(0.0, f32::max)
    }

    #[test]
    fn a_tone_is_shortened_without_a_click() {
        for hz in [110.0, 200.0, 440.0, 1_000.0] {
            let mut sound = tone(hz, 2_400);
            let bend = largest_bend(&sound);
            let lag = shorten(&mut sound, 480, 600, 0.9).expect("it repeats itself");
            assert!(lag <= 600 && sound.len() == 2_400 - lag);
            assert!(largest_bend(&sound) < bend * 1.5, "{hz} Hz, {lag}");
        }
    }

    #[test]
    fn a_tone_is_lengthened_without_a_click() {
        for hz in [110.0, 200.0, 440.0, 1_000.0] {
            let mut sound = tone(hz, 2_400);
            let bend = largest_bend(&sound);
            let lag = lengthen(&mut sound, 960, 600, 0.9).expect("it repeats itself");
            assert!(lag <= 600 && sound.len() == 2_400 + lag);
            assert!(largest_bend(&sound) < bend * 1.5, "{hz} Hz, {lag}");
        }
    }

    #[test]
    fn noise_is_left_alone_unless_it_must_be() {
        let mut rng = fastrand::Rng::with_seed(1);
        let noise: Vec<f32> = (0..2_400).map(|_| rng.f32() - 0.5).collect();
        assert_eq!(shorten(&mut noise.clone(), 0, 600, 0.9), None);
        assert!(shorten(&mut noise.clone(), 0, 600, -1.0).is_some());
        assert_eq!(lengthen(&mut noise.clone(), 960, 600, 0.9), None);
    }

    #[test]
    fn silence_is_cut_by_as_much_as_wished() {
        assert_eq!(shorten(&mut vec![0.0; 2_400], 0, 400, 0.9), Some(400));
        assert_eq!(lengthen(&mut vec![0.0; 2_400], 960, 333, 0.9), Some(333));
    }

    #[test]
    fn too_little_sound_is_left_alone() {
        assert_eq!(shorten(&mut vec![0.0; 480], 0, 600, 0.0), None);
        assert_eq!(lengthen(&mut vec![0.0; 480], 100, 600, 0.0), None);
        assert_eq!(shorten(&mut vec![0.0; 480], 481, 600, 0.0), None);
    }
}
