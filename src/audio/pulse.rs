//! Devices of a PulseAudio server, or of PipeWire, which speaks the same protocol.
//!
//! Each stream has a connection and a thread of its own that answers the server and nothing else:
//! no lock is shared with anybody, and no buffer grows while sound flows.

use std::ffi::{CStr, CString};
use std::io::{self, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use pulseaudio::protocol::{
    self, AuthParams, AuthReply, ChannelMap, ChannelPosition, Command, CommandReply,
    CreatePlaybackStreamReply, CreateRecordStreamReply, PlaybackStreamParams, Prop, Props,
    ProtocolError, PulseError, RecordStreamParams, SampleFormat, SampleSpec, ServerInfo,
    SetClientNameReply, SinkInfoList, SourceInfoList,
    stream::{BufferAttr, StreamFlags},
};

use super::line::{LineMicrophone, LineSpeaker};
use super::ring::{Activity, CaptureEnd, PlaybackEnd, capture, playback};
use super::{AudioError, RATE};

/// Octets of the cookie by which a client proves whose it is.
const COOKIE: usize = 256;
/// How long the server may take to answer while a stream is set up.
const PATIENCE: Duration = Duration::from_millis(250);
const SAMPLE_BYTES: usize = size_of::<f32>();
/// Sound comes from the server in pieces of 5 ms.
const FRAGMENT: usize = RATE as usize / 200 * SAMPLE_BYTES;
/// The server asks for sound in pieces of at least 5 ms and holds 15 ms of it.
const REQUEST: usize = RATE as usize / 200 * SAMPLE_BYTES;
const HELD: usize = 3 * REQUEST;
/// The largest piece of sound that is moved at once: half a second.
const LARGEST: usize = RATE as usize / 2 * SAMPLE_BYTES;
/// The largest message that is not sound; the server's lists of devices are the longest.
const LARGEST_MESSAGE: usize = 1 << 20;

/// Why a conversation with the server failed.
#[derive(Debug, thiserror::Error)]
enum PulseFailure {
    #[error("{0}")]
    Io(io::Error),
    #[error("{0}")]
    Protocol(ProtocolError),
    #[error("the sound server broke its protocol")]
    Broken,
    #[error("the sound server closed the stream")]
    Closed,
}

impl From<io::Error> for PulseFailure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Io(error),
        }
    }
}

impl From<ProtocolError> for PulseFailure {
    fn from(error: ProtocolError) -> Self {
        match error {
            ProtocolError::Io(error) => error.into(),
            error => Self::Protocol(error),
        }
    }
}

impl PulseFailure {
    fn is_no_such_device(&self) -> bool {
        matches!(
            self,
            Self::Protocol(ProtocolError::ServerError(PulseError::NoEntity))
        )
    }
}

/// A device of the server: the name it goes by inside, and the one shown to a person.
struct Device {
    name: CString,
    title: String,
    /// It gives back what a speaker plays, so it is no microphone.
    monitor: bool,
}

impl Device {
    fn is_called(&self, name: &str) -> bool {
        self.title == name || self.name.as_bytes() == name.as_bytes()
    }
}

fn device(name: CString, description: Option<CString>, monitor: bool) -> Device {
    let title = description
        .as_deref()
        .unwrap_or(&name)
        .to_string_lossy()
        .into_owned();
    Device {
        name,
        title,
        monitor,
    }
}

/// The names of devices, both those shown to a person and those inside the server.
fn all_names(devices: Vec<Device>) -> Vec<String> {
    let both = |device: Device| {
        let inside = device.name.to_string_lossy().into_owned();
        [device.title, inside]
    };
    devices.into_iter().flat_map(both).collect()
}

/// A connection to the server.
pub(super) struct Server {
    socket: BufReader<UnixStream>,
    version: u16,
    sequence: u32,
}

impl Server {
    /// Connects to the server of this person's session; `None` if there is none that answers.
    pub(super) fn connect() -> Option<Self> {
        let path = pulseaudio::socket_path_from_env()?;
        let socket = UnixStream::connect(path).ok()?;
        Self::greet(socket).ok()
    }

    fn greet(socket: UnixStream) -> Result<Self, PulseFailure> {
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        // The server kicks out a client whose cookie has another length, even if it needs none.
        let cookie = pulseaudio::cookie_path_from_env()
            .and_then(|path| std::fs::read(path).ok())
            .filter(|cookie| cookie.len() == COOKIE)
            .unwrap_or_else(|| vec![0; COOKIE]);
        let mut server = Self {
            socket: BufReader::new(socket),
            version: protocol::MAX_VERSION,
            sequence: 0,
        };
        let auth = AuthParams {
            version: protocol::MAX_VERSION,
            supports_shm: false,
            supports_memfd: false,
            cookie,
        };
        let reply: AuthReply = server.ask(Command::Auth(auth))?;
        server.version = reply.version.min(protocol::MAX_VERSION);
        let mut properties = Props::new();
        properties.set(Prop::ApplicationName, c"Gudok");
        properties.set(Prop::ApplicationIconName, c"gudok");
        let _: SetClientNameReply = server.ask(Command::SetClientName(properties))?;
        Ok(server)
    }

    fn ask<R: CommandReply>(&mut self, command: Command) -> Result<R, PulseFailure> {
        self.sequence += 1;
        let version = self.version;
        protocol::write_command_message(self.socket.get_mut(), self.sequence, &command, version)?;
        Ok(protocol::read_reply_message(&mut self.socket, version)?.1)
    }

    fn sources(&mut self) -> Result<Vec<Device>, PulseFailure> {
        let list: SourceInfoList = self.ask(Command::GetSourceInfoList)?;
        Ok(list
            .into_iter()
            .map(|info| {
                device(
                    info.name,
                    info.description,
                    info.monitor_of_sink_index.is_some(),
                )
            })
            .collect())
    }

    fn sinks(&mut self) -> Result<Vec<Device>, PulseFailure> {
        let list: SinkInfoList = self.ask(Command::GetSinkInfoList)?;
        Ok(list
            .into_iter()
            .map(|info| device(info.name, info.description, false))
            .collect())
    }

    /// Every name by which a microphone can be asked for.
    pub(super) fn microphone_names(&mut self) -> Vec<String> {
        all_names(self.sources().unwrap_or_default())
    }

    /// Every name by which a speaker can be asked for.
    pub(super) fn speaker_names(&mut self) -> Vec<String> {
        all_names(self.sinks().unwrap_or_default())
    }

    /// Names of the microphones, as a person knows them.
    pub(super) fn microphones(&mut self) -> Vec<String> {
        let sources = self.sources().unwrap_or_default();
        sources
            .into_iter()
            .filter(|source| !source.monitor)
            .map(|source| source.title)
            .collect()
    }

    /// Names of the speakers, as a person knows them.
    pub(super) fn speakers(&mut self) -> Vec<String> {
        self.sinks()
            .unwrap_or_default()
            .into_iter()
            .map(|sink| sink.title)
            .collect()
    }

    /// Opens the named microphone, or the server's default one.
    pub(super) fn open_microphone(
        mut self,
        name: Option<&str>,
    ) -> Result<LineMicrophone, AudioError> {
        let shown = name.unwrap_or("PulseAudio");
        let failed = |failure: PulseFailure| match name {
            None if failure.is_no_such_device() => AudioError::NoMicrophone,
            Some(name) if failure.is_no_such_device() => AudioError::NotFound(name.into()),
            _ => AudioError::Device {
                name: shown.into(),
                reason: failure.to_string(),
            },
        };
        let sources = self.sources().map_err(failed)?;
        let source = match name {
            Some(name) => sources
                .into_iter()
                .find(|source| source.is_called(name))
                .ok_or_else(|| AudioError::NotFound(name.into()))?,
            None => self
                .default_source(sources)
                .map_err(failed)?
                .ok_or(AudioError::NoMicrophone)?,
        };
        // A stream to the default device names none, so that the server may move it along. One that
        // was chosen ends with its device, so that the person gets to know.
        let title = source.title.clone();
        let source_name = name.map(|_| source.name.clone());
        let reply: CreateRecordStreamReply = self
            .ask(Command::CreateRecordStream(RecordStreamParams {
                sample_spec: sample_spec(),
                channel_map: ChannelMap::new([ChannelPosition::Mono]),
                source_name: source_name.or_else(|| source.monitor.then_some(source.name)),
                buffer_attr: BufferAttr {
                    fragment_size: FRAGMENT as u32,
                    ..BufferAttr::default()
                },
                flags: StreamFlags {
                    adjust_latency: true,
                    no_move: name.is_some(),
                    ..StreamFlags::default()
                },
                props: stream_properties(c"Microphone"),
                ..RecordStreamParams::default()
            }))
            .map_err(failed)?;
        let activity = Activity::new(Instant::now());
        let (end, ring) = capture(RATE, 1, activity.clone());
        let stream = Stream::start("audio-capture", self, activity.clone(), move |server| {
            Capturing::new(server, reply.channel, end).run()
        })
        .map_err(|error| failed(error.into()))?;
        LineMicrophone::new(title, RATE, ring, activity, Box::new(stream))
    }

    /// The default source, or another one if that is no microphone.
    fn default_source(&mut self, sources: Vec<Device>) -> Result<Option<Device>, PulseFailure> {
        let info: ServerInfo = self.ask(Command::GetServerInfo)?;
        let mut microphones: Vec<_> = sources
            .into_iter()
            .filter(|source| !source.monitor)
            .collect();
        let default = microphones
            .iter()
            .position(|source| info.default_source_name.as_ref() == Some(&source.name));
        Ok(match (default, microphones.is_empty()) {
            (_, true) => None,
            (Some(index), false) => Some(microphones.swap_remove(index)),
            (None, false) => Some(microphones.swap_remove(0)),
        })
    }

    /// Opens the named speaker, or the server's default one.
    pub(super) fn open_speaker(mut self, name: Option<&str>) -> Result<LineSpeaker, AudioError> {
        let shown = name.unwrap_or("PulseAudio");
        let failed = |failure: PulseFailure| match name {
            None if failure.is_no_such_device() => AudioError::NoSpeaker,
            Some(name) if failure.is_no_such_device() => AudioError::NotFound(name.into()),
            _ => AudioError::Device {
                name: shown.into(),
                reason: failure.to_string(),
            },
        };
        let sinks = self.sinks().map_err(failed)?;
        if sinks.is_empty() {
            return Err(AudioError::NoSpeaker);
        }
        let info: ServerInfo = self.ask(Command::GetServerInfo).map_err(failed)?;
        let wanted = |sink: &Device| match name {
            Some(name) => sink.is_called(name),
            None => info.default_sink_name.as_ref() == Some(&sink.name),
        };
        let sink = sinks.into_iter().find(wanted);
        let (sink_name, title) = match (sink, name) {
            (Some(sink), Some(_)) => (Some(sink.name), sink.title),
            (None, Some(name)) => return Err(AudioError::NotFound(name.into())),
            (sink, None) => (None, sink.map_or(shown.into(), |sink| sink.title)),
        };
        let reply: CreatePlaybackStreamReply = self
            .ask(Command::CreatePlaybackStream(PlaybackStreamParams {
                sample_spec: sample_spec(),
                channel_map: ChannelMap::new([ChannelPosition::Mono]),
                sink_name,
                buffer_attr: BufferAttr {
                    target_length: HELD as u32,
                    minimum_request_length: REQUEST as u32,
                    pre_buffering: REQUEST as u32,
                    ..BufferAttr::default()
                },
                flags: StreamFlags {
                    adjust_latency: true,
                    no_move: name.is_some(),
                    ..StreamFlags::default()
                },
                props: stream_properties(c"Speaker"),
                ..PlaybackStreamParams::default()
            }))
            .map_err(failed)?;
        let activity = Activity::new(Instant::now());
        let (ring, end) = playback(RATE, 1, activity.clone());
        let stream = Stream::start("audio-playback", self, activity.clone(), move |server| {
            Playing::new(server, reply.channel, reply.requested_bytes, end).run()
        })
        .map_err(|error| failed(error.into()))?;
        LineSpeaker::new(title, RATE, ring, activity, Box::new(stream))
    }
}

fn sample_spec() -> SampleSpec {
    let format = if cfg!(target_endian = "little") {
        SampleFormat::Float32Le
    } else {
        SampleFormat::Float32Be
    };
    SampleSpec {
        format,
        channels: 1,
        sample_rate: RATE,
    }
}

fn stream_properties(name: &CStr) -> Props {
    let mut properties = Props::new();
    properties.set(Prop::MediaName, name);
    // Switches a Bluetooth headset to the profile that has a microphone.
    properties.set(Prop::MediaRole, c"phone");
    properties
}

/// A stream that runs; dropped, it stops.
struct Stream {
    socket: UnixStream,
    thread: Option<JoinHandle<()>>,
}

impl Stream {
    fn start(
        name: &str,
        server: Server,
        activity: Arc<Activity>,
        run: impl FnOnce(Server) -> Result<(), PulseFailure> + Send + 'static,
    ) -> io::Result<Self> {
        let socket = server.socket.get_ref().try_clone()?;
        socket.set_read_timeout(None)?;
        let thread = std::thread::Builder::new()
            .name(name.into())
            .spawn(move || {
                if let Err(failure) = run(server) {
                    activity.fail(failure.to_string());
                }
            })?;
        Ok(Self {
            socket,
            thread: Some(thread),
        })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Wakes the thread; if the socket is closed already, the thread is ending anyway.
        let _ = self.socket.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the server says next.
enum Heard<'a> {
    Sound(&'a [u8]),
    Wanted(usize),
    Other,
}

/// Reads what the server says about one stream.
struct Listener {
    server: Server,
    channel: u32,
    bytes: Vec<u8>,
}

impl Listener {
    fn new(server: Server, channel: u32) -> Self {
        Self {
            server,
            channel,
            bytes: vec![0; LARGEST_MESSAGE],
        }
    }

    fn next(&mut self) -> Result<Heard<'_>, PulseFailure> {
        let head = protocol::read_descriptor(&mut self.server.socket)?;
        let bytes = self.bytes.get_mut(..head.length as usize);
        let bytes = bytes.ok_or(PulseFailure::Broken)?;
        self.server.socket.read_exact(bytes)?;
        if head.channel != u32::MAX {
            return Ok(if head.channel == self.channel {
                Heard::Sound(bytes)
            } else {
                Heard::Other
            });
        }
        let mut message = &*bytes;
        match Command::read_tag_prefixed(&mut message, self.server.version) {
            Ok((_, Command::Request(request))) if request.channel == self.channel => {
                Ok(Heard::Wanted(request.length as usize))
            }
            Ok((_, Command::PlaybackStreamKilled(_) | Command::RecordStreamKilled(_))) => {
                Err(PulseFailure::Closed)
            }
            // Moved, suspended, started and what later protocols may add: nothing to do.
            Ok(_) | Err(ProtocolError::Unimplemented(..) | ProtocolError::Invalid(_)) => {
                Ok(Heard::Other)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// A microphone's stream. Everything it needs is allocated when it is made.
struct Capturing {
    listener: Listener,
    samples: Vec<f32>,
    end: CaptureEnd,
}

impl Capturing {
    fn new(server: Server, channel: u32, end: CaptureEnd) -> Self {
        Self {
            listener: Listener::new(server, channel),
            samples: vec![0.0; LARGEST_MESSAGE / SAMPLE_BYTES],
            end,
        }
    }

    /// Waits for what the server says next, and takes it if it is sound.
    fn step(&mut self) -> Result<(), PulseFailure> {
        if let Heard::Sound(bytes) = self.listener.next()? {
            let mut count = 0;
            for (sample, bytes) in self.samples.iter_mut().zip(bytes.as_chunks().0) {
                *sample = f32::from_ne_bytes(*bytes);
                count += 1;
            }
            let samples = self.samples.get(..count).unwrap_or_default();
            self.end.take(Instant::now(), samples);
        }
        Ok(())
    }

    fn run(mut self) -> Result<(), PulseFailure> {
        loop {
            self.step()?;
        }
    }
}

/// A speaker's stream. Everything it needs is allocated when it is made.
struct Playing {
    listener: Listener,
    samples: Vec<f32>,
    message: Vec<u8>,
    /// Octets the server has asked for and not got yet.
    wanted: usize,
    /// The server's buffer is filled with silence first. That it asks for more shows that it plays.
    plays: bool,
    end: PlaybackEnd,
}

impl Playing {
    fn new(server: Server, channel: u32, wanted: u32, end: PlaybackEnd) -> Self {
        Self {
            listener: Listener::new(server, channel),
            samples: vec![0.0; LARGEST / SAMPLE_BYTES],
            message: Vec::with_capacity(LARGEST + protocol::DESCRIPTOR_SIZE),
            wanted: wanted as usize,
            plays: false,
            end,
        }
    }

    /// Gives the server what it wants, and waits for what it says next.
    fn step(&mut self) -> Result<(), PulseFailure> {
        while self.wanted >= SAMPLE_BYTES {
            let count = (self.wanted / SAMPLE_BYTES).min(self.samples.len());
            let samples = self.samples.get_mut(..count).ok_or(PulseFailure::Broken)?;
            if self.plays {
                self.end.fill(Instant::now(), samples);
            }
            self.message.clear();
            let head = protocol::Descriptor {
                length: (count * SAMPLE_BYTES) as u32,
                channel: self.listener.channel,
                offset: 0,
                flags: protocol::DescriptorFlags::empty(),
            };
            protocol::write_descriptor(&mut self.message, &head)?;
            let octets = samples.iter().flat_map(|sample| sample.to_ne_bytes());
            self.message.extend(octets);
            let socket = self.listener.server.socket.get_mut();
            socket.write_all(&self.message)?;
            self.wanted -= count * SAMPLE_BYTES;
        }
        if let Heard::Wanted(more) = self.listener.next()? {
            self.wanted += more;
            self.plays = true;
        }
        Ok(())
    }

    fn run(mut self) -> Result<(), PulseFailure> {
        loop {
            self.step()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::trap::without_waiting;
    use assert_no_alloc::assert_no_alloc;

    /// A server that is only the other end of a socket.
    fn connected() -> (Server, UnixStream) {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let server = Server {
            socket: BufReader::new(ours),
            version: protocol::MAX_VERSION,
            sequence: 0,
        };
        (server, theirs)
    }

    fn message(channel: u32, sound: &[u8]) -> Vec<u8> {
        let head = protocol::Descriptor {
            length: sound.len() as u32,
            channel,
            offset: 0,
            flags: protocol::DescriptorFlags::empty(),
        };
        let mut message = Vec::new();
        protocol::write_descriptor(&mut message, &head).expect("memory");
        message.extend_from_slice(sound);
        message
    }

    #[test]
    fn a_microphone_s_thread_allocates_nothing_while_sound_flows() {
        let (server, mut theirs) = connected();
        let (end, ring) = capture(RATE, 1, Activity::new(Instant::now()));
        let mut stream = Capturing::new(server, 7, end);
        let piece: Vec<u8> = (0..240).flat_map(|_| 0.5f32.to_ne_bytes()).collect();
        for _ in 0..20 {
            theirs.write_all(&message(7, &piece)).expect("room");
        }
        assert_no_alloc(|| {
            for _ in 0..20 {
                stream.step().expect("the server speaks");
            }
        });
        assert_eq!(ring.slots(), 20 * 240);
    }

    #[test]
    fn a_speaker_s_thread_allocates_nothing_while_sound_flows() {
        let (server, mut theirs) = connected();
        let (mut ring, end) = playback(RATE, 1, Activity::new(Instant::now()));
        let mut stream = Playing::new(server, 7, HELD as u32, end);
        for _ in 0..20 {
            let request = Command::Request(protocol::Request {
                channel: 7,
                length: REQUEST as u32,
            });
            protocol::write_command_message(&mut theirs, 0, &request, protocol::MAX_VERSION)
                .expect("room");
        }
        ring.push_entire_slice(&[0.5; 20 * 240]).expect("room");
        assert_no_alloc(|| {
            for _ in 0..20 {
                stream.step().expect("the server speaks");
            }
        });
        drop(stream);
        let mut heard = Vec::new();
        theirs
            .read_to_end(&mut heard)
            .expect("all that was written");
        let head = protocol::DESCRIPTOR_SIZE;
        assert_eq!(heard.len(), HELD + head + 19 * (REQUEST + head));
    }

    #[test]
    fn the_threads_of_a_microphone_and_a_speaker_never_wait_for_the_program() {
        let (server, mut theirs) = connected();
        let (end, mut captured) = capture(RATE, 1, Activity::new(Instant::now()));
        let mut stream = Capturing::new(server, 7, end);
        let microphone =
            std::thread::spawn(move || without_waiting(move || while stream.step().is_ok() {}));
        let piece: Vec<u8> = (0..240).flat_map(|_| 0.5f32.to_ne_bytes()).collect();
        for _ in 0..5_000 {
            theirs.write_all(&message(7, &piece)).expect("it listens");
            while captured.pop().is_ok() {}
        }
        drop(theirs);
        assert_eq!(microphone.join().expect("no panic"), Some(()));

        let (server, mut theirs) = connected();
        let (mut played, end) = playback(RATE, 1, Activity::new(Instant::now()));
        let mut stream = Playing::new(server, 7, HELD as u32, end);
        let speaker =
            std::thread::spawn(move || without_waiting(move || while stream.step().is_ok() {}));
        let request = Command::Request(protocol::Request {
            channel: 7,
            length: REQUEST as u32,
        });
        let mut heard = theirs.try_clone().expect("the same socket");
        let listener = std::thread::spawn(move || std::io::copy(&mut heard, &mut std::io::sink()));
        for _ in 0..5_000 {
            protocol::write_command_message(&mut theirs, 0, &request, protocol::MAX_VERSION)
                .expect("it listens");
            let _ = played.push_partial_slice(&[0.5; 240]);
        }
        theirs.shutdown(std::net::Shutdown::Write).expect("open");
        assert_eq!(speaker.join().expect("no panic"), Some(()));
        listener.join().expect("no panic").expect("sound");
    }

    #[test]
    fn a_message_that_is_too_long_ends_the_stream() {
        let (server, mut theirs) = connected();
        let (end, _ring) = capture(RATE, 1, Activity::new(Instant::now()));
        let head = protocol::Descriptor {
            length: LARGEST_MESSAGE as u32 + 1,
            channel: 7,
            offset: 0,
            flags: protocol::DescriptorFlags::empty(),
        };
        protocol::write_descriptor(&mut theirs, &head).expect("room");
        let mut stream = Capturing::new(server, 7, end);
        assert!(matches!(stream.step(), Err(PulseFailure::Broken)));
    }
}
