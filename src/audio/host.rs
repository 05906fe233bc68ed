//! Where the system's devices come from: a sound server if one answers, else cpal.

use super::device::{Microphone, Silence, Speaker, Tone};
use super::native::{self, Asked};
use super::wav::{FileMicrophone, FileSpeaker};
use super::{AudioError, DeviceSpec};

/// The devices there are, by the names a person knows them by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceList {
    /// Microphones.
    pub inputs: Vec<String>,
    /// Speakers.
    pub outputs: Vec<String>,
}

/// Asks the system for its devices. May take some 100 ms.
pub fn list() -> DeviceList {
    DeviceList {
        inputs: microphones(),
        outputs: speakers(),
    }
}

#[cfg(target_os = "linux")]
fn server() -> Option<super::pulse::Server> {
    super::pulse::Server::connect()
}

/// No system but Linux has a sound server that is asked before cpal.
#[cfg(not(target_os = "linux"))]
mod no_server {
    use super::super::line::{LineMicrophone, LineSpeaker};
    use super::AudioError;

    pub(super) enum Server {}

    impl Server {
        pub(super) fn microphones(&mut self) -> Vec<String> {
            match *self {}
        }
        pub(super) fn speakers(&mut self) -> Vec<String> {
            match *self {}
        }
        pub(super) fn microphone_names(&mut self) -> Vec<String> {
            match *self {}
        }
        pub(super) fn speaker_names(&mut self) -> Vec<String> {
            match *self {}
        }
        pub(super) fn open_microphone(self, _: Option<&str>) -> Result<LineMicrophone, AudioError> {
            match self {}
        }
        pub(super) fn open_speaker(self, _: Option<&str>) -> Result<LineSpeaker, AudioError> {
            match self {}
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn server() -> Option<no_server::Server> {
    None
}

/// Names of the microphones.
pub(super) fn microphones() -> Vec<String> {
    server().map_or_else(native::microphones, |mut server| server.microphones())
}

/// Names of the speakers.
pub(super) fn speakers() -> Vec<String> {
    server().map_or_else(native::speakers, |mut server| server.speakers())
}

/// Every name by which a microphone can be asked for.
pub(super) fn microphone_names() -> Vec<String> {
    server().map_or_else(native::microphones, |mut server| server.microphone_names())
}

/// Every name by which a speaker can be asked for.
pub(super) fn speaker_names() -> Vec<String> {
    server().map_or_else(native::speakers, |mut server| server.speaker_names())
}

fn system_microphone(name: Option<&str>) -> Result<Box<dyn Microphone>, AudioError> {
    let microphone = match server() {
        Some(server) => server.open_microphone(name),
        None => native::open_microphone(name, Asked::ByNobody),
    }?;
    Ok(Box::new(microphone))
}

fn system_speaker(name: Option<&str>) -> Result<Box<dyn Speaker>, AudioError> {
    let speaker = match server() {
        Some(server) => server.open_speaker(name),
        None => native::open_speaker(name, Asked::ByNobody),
    }?;
    Ok(Box::new(speaker))
}

/// Opens a microphone of any kind. A loop is silent here: what comes back is the pair's business.
pub(super) fn open_microphone(spec: &DeviceSpec) -> Result<Box<dyn Microphone>, AudioError> {
    Ok(match spec {
        DeviceSpec::Default => system_microphone(None)?,
        DeviceSpec::Named(name) => system_microphone(Some(name))?,
        DeviceSpec::Direct(name) => {
            Box::new(native::open_microphone(name.as_deref(), Asked::ByName)?)
        }
        DeviceSpec::File(path) => Box::new(FileMicrophone::open(path)?),
        DeviceSpec::Tone(hertz) => Box::new(Tone::new(*hertz)),
        DeviceSpec::Silence | DeviceSpec::Loop => Box::new(Silence),
    })
}

/// Opens a speaker of any kind.
pub(super) fn open_speaker(spec: &DeviceSpec) -> Result<Box<dyn Speaker>, AudioError> {
    Ok(match spec {
        DeviceSpec::Default => system_speaker(None)?,
        DeviceSpec::Named(name) => system_speaker(Some(name))?,
        DeviceSpec::Direct(name) => Box::new(native::open_speaker(name.as_deref(), Asked::ByName)?),
        DeviceSpec::File(path) => Box::new(FileSpeaker::create(path)?),
        DeviceSpec::Tone(_) | DeviceSpec::Silence | DeviceSpec::Loop => Box::new(Silence),
    })
}
