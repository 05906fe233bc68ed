use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Which device to use, as it stands in settings and on the command line.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum DeviceSpec {
    /// As the system has it.
    #[default]
    Default,
    /// The device that the system shows under this name.
    Named(String),
    /// A device of the system's own interface (ALSA, WASAPI, CoreAudio), past any sound server;
    /// without a name its default one.
    Direct(Option<String>),
    /// A WAV file: read as a microphone, written as a speaker.
    File(PathBuf),
    /// A sine of this frequency in Hz as a microphone; as a speaker it swallows what is played.
    Tone(f32),
    /// Nothing to hear; as a speaker it swallows what is played.
    Silence,
    /// As a microphone it gives back what is played; as a speaker it swallows what is played.
    Loop,
}

/// Why a text is no [`DeviceSpec`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// `file:` without a path.
    #[error("a path must follow file:")]
    NoPath,
    /// `tone:` with something that is no frequency between 1 and 20000 Hz.
    #[error("{0} is no frequency between 1 and 20000 Hz")]
    Frequency(String),
}

impl DeviceSpec {
    /// Whether it is a device of the system, which a person speaks into or listens to and which
    /// can be unplugged and come back.
    pub fn is_system(&self) -> bool {
        matches!(self, Self::Default | Self::Named(_) | Self::Direct(_))
    }
}

impl FromStr for DeviceSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let text = text.trim();
        if let Some(path) = text.strip_prefix("file:") {
            return match path {
                "" => Err(SpecError::NoPath),
                path => Ok(Self::File(path.into())),
            };
        }
        if let Some(name) = text.strip_prefix("direct:") {
            return Ok(Self::Direct((!name.is_empty()).then(|| name.into())));
        }
        if let Some(frequency) = text.strip_prefix("tone:") {
            return match frequency.parse::<f32>() {
                Ok(hertz) if (1.0..=20_000.0).contains(&hertz) => Ok(Self::Tone(hertz)),
                _ => Err(SpecError::Frequency(frequency.into())),
            };
        }
        Ok(match text {
            "" | "default" => Self::Default,
            "silence" => Self::Silence,
            "loop" => Self::Loop,
            name => Self::Named(name.into()),
        })
    }
}

impl fmt::Display for DeviceSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Named(name) => f.write_str(name),
            Self::Direct(name) => write!(f, "direct:{}", name.as_deref().unwrap_or_default()),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Tone(hertz) => write!(f, "tone:{hertz}"),
            Self::Silence => f.write_str("silence"),
            Self::Loop => f.write_str("loop"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_device_is_read_from_text_and_printed_back() {
        for (text, spec) in [
            ("default", DeviceSpec::Default),
            ("silence", DeviceSpec::Silence),
            ("loop", DeviceSpec::Loop),
            ("tone:440", DeviceSpec::Tone(440.0)),
            ("direct:", DeviceSpec::Direct(None)),
            ("direct:hw:0", DeviceSpec::Direct(Some("hw:0".into()))),
            ("file:in.wav", DeviceSpec::File("in.wav".into())),
            ("file:C:\\a b.wav", DeviceSpec::File("C:\\a b.wav".into())),
            ("Mikrofon (USB)", DeviceSpec::Named("Mikrofon (USB)".into())),
        ] {
            assert_eq!(text.parse(), Ok(spec.clone()));
            assert_eq!(spec.to_string(), text);
        }
        assert_eq!("".parse(), Ok(DeviceSpec::Default));
    }

    #[test]
    fn a_file_without_a_path_and_a_tone_nobody_hears_are_refused() {
        assert_eq!("file:".parse::<DeviceSpec>(), Err(SpecError::NoPath));
        for bad in ["", "x", "0", "-1", "20001", "inf", "NaN"] {
            let text = format!("tone:{bad}");
            assert_eq!(
                text.parse::<DeviceSpec>(),
                Err(SpecError::Frequency(bad.into()))
            );
        }
    }
}
