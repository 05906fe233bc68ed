//! `gudok sound`: how the sound is, and trying out the devices.

use std::time::Duration;

use serde_json::{Value, json};

use crate::audio::tones::RingSound;
use crate::call::Problem;
use crate::cli::args::{Sound, Tried};
use crate::cli::owner;
use crate::cli::{Args, Exit, Output, reach};
use crate::store::Profile;

/// The settings, by the names that they have in the preferences.
const SWITCHES: [&str; 4] = [
    "echo_cancellation",
    "noise_suppression",
    "gain_control",
    "recording_tone",
];
const WORDS: [&str; 2] = ["tones", "ring_tone"];
/// How often it is looked what comes of a trial.
const LOOK_EVERY: Duration = Duration::from_millis(100);

pub(super) fn run(args: &Args, profile: Profile, sound: &Sound, output: &Output) -> Exit {
    let outcome = owner::with(args, profile, |owner| {
        if !sound.values.is_empty() {
            owner.request("set_preferences", change(&sound.values)?)?;
        }
        let status = owner.request("status", json!({}))?;
        Ok(shown(&status))
    });
    match outcome {
        Ok(object) => {
            output.object(&object, |_| lines(&object));
            Exit::Done
        }
        Err(problem) => output.problem(&problem),
    }
}

/// Reads `setting=value` pairs.
fn change(values: &[String]) -> Result<Value, Problem> {
    let mut change = serde_json::Map::new();
    for pair in values {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = match (SWITCHES.contains(&name), value) {
            (true, "on") => json!(true),
            (true, "off") => json!(false),
            (false, value) if WORDS.contains(&name) => match value.parse() {
                Ok(RingSound::File(path)) if name == "ring_tone" => json!(reach::absolute(&path)?),
                _ => json!(value),
            },
            _ => return Err(Problem::bad_value(name, "reason-choice")),
        };
        change.insert(name.into(), value);
    }
    Ok(Value::Object(change))
}

/// How the sound is, taken from the snapshot.
fn shown(status: &Value) -> Value {
    let one = |name: &&str| {
        let value = status.get("preferences").and_then(|all| all.get(*name));
        ((*name).to_owned(), value.cloned().unwrap_or_default())
    };
    Value::Object(SWITCHES.iter().chain(&WORDS).map(one).collect())
}

/// The same as `setting=value`, one a line.
fn lines(object: &Value) -> String {
    let word = |value: &Value| match value {
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let pairs = object.as_object().into_iter().flatten();
    let lines: Vec<_> = pairs
        .map(|(name, value)| format!("{name}={}", word(value)))
        .collect();
    lines.join("\n")
}

/// `gudok devices --try`.
pub(super) fn try_out(args: &Args, profile: Profile, tried: Tried, output: &Output) -> Exit {
    let role = match tried {
        Tried::Microphone => "microphone",
        Tried::Speaker => "speaker",
        Tried::Ring => "ring",
    };
    let outcome = owner::with(args, profile, |owner| {
        owner.request("try_device", json!({ "role": role, "on": true }))?;
        let mut told = Value::Null;
        // It ends by itself, unless something else ends it before.
        loop {
            std::thread::sleep(LOOK_EVERY);
            let devices = owner.request("status", json!({}))?["devices"].take();
            let trial = devices["trial"].clone();
            if trial["stage"] != told {
                told = trial["stage"].clone();
                match told.as_str() {
                    Some("listening") => output.say(&output.texts().get("try-listening")),
                    Some(_) if tried == Tried::Microphone => {
                        output.say(&output.texts().get("try-playback"));
                    }
                    Some(_) => output.say(&output.texts().get("try-playing")),
                    None => {}
                }
            }
            if trial.is_null() {
                return Ok(devices["problem"].clone());
            }
        }
    });
    let problem = outcome.map(|problem| serde_json::from_value::<Problem>(problem).ok());
    match problem {
        Ok(None) => {
            output.event(&json!({ "result": "completed", "tried": role }));
            Exit::Done
        }
        Ok(Some(problem)) | Err(problem) => output.problem(&problem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn read(values: &[&str]) -> Result<Value, Problem> {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        change(&values)
    }

    #[test]
    fn settings_are_read_as_a_person_types_them() {
        assert_eq!(
            read(&["echo_cancellation=off", "tones=de", "ring_tone=bell"]).unwrap(),
            json!({ "echo_cancellation": false, "tones": "de", "ring_tone": "bell" })
        );
        let file = read(&["ring_tone=ring.wav"]).unwrap();
        let path = file["ring_tone"].as_str().unwrap();
        assert!(Path::new(path).is_absolute(), "{path}");
        for wrong in [
            "echo_cancellation",
            "echo_cancellation=maybe",
            "volume=3",
            "=on",
        ] {
            assert!(read(&[wrong]).is_err(), "{wrong}");
        }
    }
}
