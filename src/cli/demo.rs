//! `gudok demo`: a first call, on the test line inside the program.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use crate::audio::DeviceSpec;
use crate::call::Problem;
use crate::cli::args::{Call, Demo, Devices};
use crate::cli::call::{Outcome, place};
use crate::cli::{Args, Exit, Output, reach};
use crate::engine::{Engine, Options};
use crate::locale;
use crate::store::Profile;
use crate::store::secrets::SecretsKind;

/// What is said into the test line when no microphone is named.
const VOICE: &[u8] = include_bytes!("../../assets/tones/voice.wav");
/// The echo is compared at this rate.
const COMPARE_HZ: usize = 8_000;
/// The longest delay at which the echo is looked for.
const MAX_DELAY: Duration = Duration::from_secs(1);
/// From this likeness on (normalised correlation) the echo counts as heard.
const HEARD: f64 = 0.5;
/// The address of the echo on the test line.
pub const ECHO: &str = "sip:echo@test-line";
/// How long the demo talks: the voice, and the time for its echo.
const TALK: Duration = Duration::from_millis(7_000);

/// What came back of what was said.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Echo {
    /// From saying to hearing.
    delay: Duration,
    /// Normalised correlation, 0 to 1.
    likeness: f64,
}

pub(super) fn run(args: &Args, demo: &Demo, output: &Output) -> Exit {
    let folder = std::env::temp_dir().join(format!("gudok-demo-{}", std::process::id()));
    let outcome = call(args, demo, &folder);
    let _ = std::fs::remove_dir_all(&folder);
    let (outcome, echo) = match outcome {
        Ok(done) => done,
        Err(problem) => return output.problem(&problem),
    };
    let mut object = outcome.json(output);
    let heard = echo.is_some_and(|echo| echo.likeness >= HEARD);
    if let Some(object) = object.as_object_mut() {
        let echo = echo.map(|echo| {
            json!({
                "heard": heard,
                "delay_ms": echo.delay.as_secs_f64() * 1000.0,
                "likeness": echo.likeness,
            })
        });
        object.insert("echo".into(), json!(echo));
    }
    output.object(&object, |texts| match echo {
        Some(echo) if heard => texts.with(
            "cli-demo-heard",
            &[
                (
                    "delay",
                    echo.delay.as_millis().try_into().unwrap_or(u32::MAX).into(),
                ),
                ("codec", outcome.view.codec.as_deref().unwrap_or("-").into()),
            ],
        ),
        Some(_) => texts.get("cli-demo-not-heard"),
        None => outcome.words(output),
    });
    if echo.is_some() && !heard {
        Exit::Failed
    } else {
        outcome.exit()
    }
}

fn call(args: &Args, demo: &Demo, folder: &Path) -> Result<(Outcome, Option<Echo>), Problem> {
    let file_failed = |path: &Path, error: std::io::Error| Problem::File {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    let profile = Profile::open(&folder.join("profile"))?;
    let (said, heard) = (folder.join("said.wav"), folder.join("heard.wav"));
    let built_in = demo.devices.audio_in.is_none() && demo.devices.audio_out.is_none();
    let devices = if built_in {
        std::fs::write(&said, VOICE).map_err(|error| file_failed(&said, error))?;
        let device = |path: &PathBuf| Some(DeviceSpec::File(path.clone()));
        Devices {
            audio_in: device(&said),
            audio_out: device(&heard),
            no_processing: false,
        }
    } else {
        demo.devices.clone()
    };
    let engine = Engine::start(Options {
        profile,
        secrets: Some(SecretsKind::File),
        listen: args.listen,
        devices: Some(reach::devices(&devices)),
        processing: devices.processing(),
        words: locale::words(args.lang.map(Into::into)),
        register: true,
    })?;
    let call = Call {
        follow_redirects: false,
        transfer: None,
        follow_transfers: false,
        target: ECHO.into(),
        account: None,
        devices,
        talk: Some(demo.talk.unwrap_or(TALK)),
        dtmf: None,
        record: false,
    };
    let outcome = reach::block_on(place(&engine.handle, &call)).and_then(|outcome| outcome);
    engine.stop();
    let outcome = outcome?;
    let echo = if built_in && outcome.problem().is_none() {
        let read = |path: &Path| {
            read_wav(path).map_err(|error| file_failed(path, std::io::Error::other(error)))
        };
        compare(&read(&said)?, &read(&heard)?)
    } else {
        None
    };
    Ok((outcome, echo))
}

/// Reads a 16-bit WAV file and brings it down to [`COMPARE_HZ`] by averaging.
fn read_wav(path: &Path) -> Result<Vec<f64>, hound::Error> {
    let mut reader = hound::WavReader::open(path)?;
    let step = (reader.spec().sample_rate as usize / COMPARE_HZ).max(1);
    let samples: Result<Vec<i16>, _> = reader.samples::<i16>().collect();
    let mean = |chunk: &[i16]| chunk.iter().map(|s| f64::from(*s)).sum::<f64>() / step as f64;
    Ok(samples?.chunks_exact(step).map(mean).collect())
}

/// Finds the delay at which `heard` is most like `said`.
fn compare(said: &[f64], heard: &[f64]) -> Option<Echo> {
    let longest = (MAX_DELAY.as_secs_f64() * COMPARE_HZ as f64) as usize;
    let length = said.len().min(heard.len().checked_sub(longest)?);
    let said = said.get(..length)?;
    let energy = |signal: &[f64]| signal.iter().map(|s| s * s).sum::<f64>();
    let said_energy = energy(said);
    let likeness = |lag: usize| {
        let window = heard.get(lag..lag + length)?;
        let product: f64 = said.iter().zip(window).map(|(a, b)| a * b).sum();
        let scale = (said_energy * energy(window)).sqrt();
        (scale > 0.0).then(|| (lag, product / scale))
    };
    let best = (0..longest)
        .filter_map(likeness)
        .max_by(|a, b| a.1.total_cmp(&b.1));
    best.map(|(lag, likeness)| Echo {
        delay: Duration::from_secs_f64(lag as f64 / COMPARE_HZ as f64),
        likeness,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(length: usize, seed: u64) -> Vec<f64> {
        let mut random = fastrand::Rng::with_seed(seed);
        std::iter::repeat_with(|| random.f64() - 0.5)
            .take(length)
            .collect()
    }

    #[test]
    fn an_echo_is_found_where_it_is() {
        let said = noise(8_000, 1);
        let mut heard = vec![0.0; 400];
        heard.extend(said.iter().map(|s| s * 0.5));
        heard.extend([0.0; 8_000]);
        let echo = compare(&said, &heard).unwrap();
        assert_eq!(echo.delay, Duration::from_millis(50));
        assert!(echo.likeness > 0.99);
    }

    #[test]
    fn something_else_is_no_echo() {
        assert!(
            compare(&noise(8_000, 1), &noise(17_000, 2))
                .unwrap()
                .likeness
                < HEARD
        );
        assert!(compare(&noise(8_000, 1), &[0.0; 17_000]).is_none());
        assert!(compare(&noise(8_000, 1), &[]).is_none());
    }
}
