//! Devices as cpal reaches them: ALSA, CoreAudio, WASAPI.

use std::sync::Arc;
use std::time::Instant;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{
    BufferSize, Device, ErrorKind, FromSample, Host, SampleFormat, SizedSample, StreamConfig,
    SupportedBufferSize, SupportedStreamConfig, SupportedStreamConfigRange,
};

use super::line::{LineMicrophone, LineSpeaker, Stream};
use super::ring::{Activity, CaptureEnd, PlaybackEnd, capture, playback};
use super::{AudioError, RATE};

/// Formats of samples we convert, the best first.
const FORMATS: [SampleFormat; 4] = [
    SampleFormat::F32,
    SampleFormat::I16,
    SampleFormat::I32,
    SampleFormat::U16,
];
/// The callback's period we ask for, per second: 10 ms.
const PERIODS: u32 = 100;

/// Whether cpal was asked for microphones or for speakers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

/// Whether a person wants the system's own interface, or it is the last resort.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// It was named.
    ByName,
    /// There is no sound server.
    ByNobody,
}

/// The system's own sound. A sound server of Linux is reached without cpal.
///
/// Without any sound card ALSA is not asked unless a person wants it: it would complain at length
/// on the terminal.
#[cfg(target_os = "linux")]
fn host(asked: Asked) -> Option<Host> {
    let is_pcm = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.file_name().as_encoded_bytes().starts_with(b"pcm"))
    };
    let has_card = || std::fs::read_dir("/dev/snd").is_ok_and(|mut entries| entries.any(is_pcm));
    if asked == Asked::ByNobody && !has_card() {
        return None;
    }
    cpal::host_from_id(cpal::HostId::Alsa).ok()
}

/// The system's own sound.
#[cfg(not(target_os = "linux"))]
fn host(_: Asked) -> Option<Host> {
    cpal::host_from_id(*cpal::available_hosts().first()?).ok()
}

fn devices(host: &Host, way: Way) -> Vec<Device> {
    let devices = match way {
        Way::In => host.input_devices().map(Iterator::collect),
        Way::Out => host.output_devices().map(Iterator::collect),
    };
    devices.unwrap_or_default()
}

fn names(way: Way) -> Vec<String> {
    let Some(host) = host(Asked::ByNobody) else {
        return Vec::new();
    };
    let mut names = Vec::new();
    for device in devices(&host, way) {
        let name = device.to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Names of the microphones.
pub(super) fn microphones() -> Vec<String> {
    names(Way::In)
}

/// Names of the speakers.
pub(super) fn speakers() -> Vec<String> {
    names(Way::Out)
}

fn find(
    name: Option<&str>,
    asked: Asked,
    way: Way,
    none: AudioError,
) -> Result<(Device, String), AudioError> {
    let host = host(asked).ok_or_else(|| none.clone())?;
    let device = match (name, way) {
        (Some(name), way) => devices(&host, way)
            .into_iter()
            .find(|device| device.to_string() == name)
            .ok_or_else(|| AudioError::NotFound(name.into()))?,
        (None, Way::In) => host.default_input_device().ok_or(none)?,
        (None, Way::Out) => host.default_output_device().ok_or(none)?,
    };
    let name = device.to_string();
    Ok((device, name))
}

/// The configuration that needs the least conversion: our rate, a format and few channels.
fn best_config(ranges: &[SupportedStreamConfigRange]) -> Option<SupportedStreamConfig> {
    let format = |range: &SupportedStreamConfigRange| {
        FORMATS
            .iter()
            .position(|format| *format == range.sample_format())
    };
    let distance = |range: &SupportedStreamConfigRange| {
        let rate = RATE.clamp(range.min_sample_rate(), range.max_sample_rate());
        (
            rate.abs_diff(RATE),
            range.channels().abs_diff(1),
            format(range),
        )
    };
    let best = ranges
        .iter()
        .filter(|range| format(range).is_some())
        .min_by_key(|range| distance(range))?;
    best.try_with_sample_rate(RATE.clamp(best.min_sample_rate(), best.max_sample_rate()))
}

fn config(device: &Device, way: Way) -> Result<SupportedStreamConfig, cpal::Error> {
    let ranges: Vec<_> = match way {
        Way::In => device.supported_input_configs()?.collect(),
        Way::Out => device.supported_output_configs()?.collect(),
    };
    match (best_config(&ranges), way) {
        (Some(config), _) => Ok(config),
        (None, Way::In) => device.default_input_config(),
        (None, Way::Out) => device.default_output_config(),
    }
}

/// A period of 10 ms, or as near to it as the device can. Some hosts call back every two seconds
/// unless they are told.
fn buffer_size(config: &SupportedStreamConfig) -> BufferSize {
    let period = config.sample_rate() / PERIODS;
    BufferSize::Fixed(match config.buffer_size() {
        SupportedBufferSize::Range { min, max } => period.clamp(*min, (*max).max(*min)),
        SupportedBufferSize::Unknown => period,
    })
}

fn report(activity: Arc<Activity>) -> impl FnMut(cpal::Error) + Send + 'static {
    move |error| match error.kind() {
        ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied | ErrorKind::Xrun => {}
        _ => activity.fail(error.to_string()),
    }
}

fn capture_from<T>(
    device: &Device,
    config: StreamConfig,
    mut end: CaptureEnd,
    activity: Arc<Activity>,
) -> Result<cpal::Stream, cpal::Error>
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let callback =
        move |samples: &[T], _: &cpal::InputCallbackInfo| end.take(Instant::now(), samples);
    device.build_input_stream(config, callback, report(activity), None)
}

fn play_to<T>(
    device: &Device,
    config: StreamConfig,
    mut end: PlaybackEnd,
    activity: Arc<Activity>,
) -> Result<cpal::Stream, cpal::Error>
where
    T: SizedSample + FromSample<f32>,
{
    let callback = move |out: &mut [T], _: &cpal::OutputCallbackInfo| end.fill(Instant::now(), out);
    device.build_output_stream(config, callback, report(activity), None)
}

/// Calls the function for the sample type that the format names.
macro_rules! by_format {
    ($format:expr, $open:ident($($argument:expr),*)) => {
        match $format {
            SampleFormat::F32 => $open::<f32>($($argument),*),
            SampleFormat::I16 => $open::<i16>($($argument),*),
            SampleFormat::I32 => $open::<i32>($($argument),*),
            SampleFormat::U16 => $open::<u16>($($argument),*),
            _ => Err(cpal::Error::new(ErrorKind::UnsupportedConfig)),
        }
    };
}

/// Opens with a period of 10 ms; a device that refuses it may choose its own. With the stream
/// comes our end of its ring.
fn start<R>(
    config: &SupportedStreamConfig,
    open: impl Fn(StreamConfig) -> Result<(cpal::Stream, R), cpal::Error>,
) -> Result<(Stream, R), cpal::Error> {
    let wanted = StreamConfig {
        buffer_size: buffer_size(config),
        ..config.config()
    };
    let (stream, ring) = match open(wanted) {
        Err(error) if error.kind() == ErrorKind::UnsupportedConfig => open(config.config()),
        other => other,
    }?;
    stream.play()?;
    Ok((Box::new(stream), ring))
}

fn failed(name: &str) -> impl Fn(cpal::Error) -> AudioError {
    move |error| AudioError::Device {
        name: name.into(),
        reason: error.to_string(),
    }
}

/// Opens the named microphone, or the default one.
pub(super) fn open_microphone(
    name: Option<&str>,
    asked: Asked,
) -> Result<LineMicrophone, AudioError> {
    let (device, name) = find(name, asked, Way::In, AudioError::NoMicrophone)?;
    let config = config(&device, Way::In).map_err(failed(&name))?;
    let rate = config.sample_rate();
    let activity = Activity::new(Instant::now());
    let (stream, ring) = start(&config, |wanted| {
        let (end, ring) = capture(rate, wanted.channels, activity.clone());
        let activity = activity.clone();
        let format = config.sample_format();
        Ok((
            by_format!(format, capture_from(&device, wanted, end, activity))?,
            ring,
        ))
    })
    .map_err(failed(&name))?;
    LineMicrophone::new(name, rate, ring, activity, stream)
}

/// Opens the named speaker, or the default one.
pub(super) fn open_speaker(name: Option<&str>, asked: Asked) -> Result<LineSpeaker, AudioError> {
    let (device, name) = find(name, asked, Way::Out, AudioError::NoSpeaker)?;
    let config = config(&device, Way::Out).map_err(failed(&name))?;
    let rate = config.sample_rate();
    let activity = Activity::new(Instant::now());
    let (stream, ring) = start(&config, |wanted| {
        let (ring, end) = playback(rate, wanted.channels, activity.clone());
        let activity = activity.clone();
        let format = config.sample_format();
        Ok((
            by_format!(format, play_to(&device, wanted, end, activity))?,
            ring,
        ))
    })
    .map_err(failed(&name))?;
    LineSpeaker::new(name, rate, ring, activity, stream)
}
