//! Offer and answer (RFC 3264) about one stream of sound, in SDP (RFC 8866). Sans-I/O.
//!
//! A [`Session`] lives as long as the call. Whichever side offers, what comes out is the text to
//! send and [`Negotiated`]: where to send the sound, in which codec and which way it flows.

mod crypto;
mod format;
mod keys;
#[cfg(test)]
mod keys_tests;
mod negotiated;
mod remote;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use sdp_types::{Attribute, Connection, Origin, Time, TypedAttribute};

use self::format::Format;
use self::keys::{Answered, OfferedKeys, Secrets};
use self::remote::{Line, RemoteMedia};
use crate::codec::CodecId;
use crate::media::{Direction, Identity, OpusOptions, Security};

pub use self::negotiated::Negotiated;

/// The sound in one packet unless something else is said, ms (RFC 3551 4.2, RFC 7587 7).
const USUAL_PTIME: u32 = 20;

/// What this side has to offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalMedia {
    /// The address the far side is to send to.
    pub address: IpAddr,
    /// The port for RTP; RTCP is taken on the next one (RFC 3550 11).
    pub rtp_port: u16,
    /// What it wants of the sound.
    pub wanted: Wanted,
}

/// What this side wants of the sound. How it is sent is for the far side to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The codecs in the order the user wants them.
    pub codecs: Vec<CodecId>,
    /// Whether telephone events (RFC 4733) are offered.
    pub dtmf: bool,
    /// The sound wanted in one packet, ms.
    pub ptime_ms: u32,
    /// How Opus is wanted.
    pub opus: OpusOptions,
    /// How it may be encrypted.
    pub security: Security,
    /// Who we are in a handshake of DTLS; without it there is none.
    pub identity: Option<Arc<Identity>>,
    /// Whether RTCP may go where RTP does (RFC 5761).
    pub one_port: bool,
}

/// Why two sides can't come together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// The description can't be read.
    #[error("the session description can't be read: {0}")]
    Malformed(String),
    /// There is no sound in it, or the sound is switched off.
    #[error("the session description has no sound")]
    NoAudio,
    /// There is no codec, or no RTP profile, that both sides have; or the stream was refused.
    #[error("no common codec")]
    NoCommonCodec,
    /// The far side does not encrypt the sound, and it has to be.
    #[error("the far side does not encrypt the sound")]
    NotEncrypted,
    /// The far side insists on encryption, and it is off, or its way to the keys is not allowed.
    #[error("the far side insists on encryption that is not allowed")]
    Encrypted,
    /// Nothing can be sent to the address in `c=`: a name, a group, or of the other IP version.
    #[error("nothing can be sent to the address {0:?}")]
    UnusableAddress(String),
    /// An answer came although nothing was offered.
    #[error("an answer without an offer")]
    NoOffer,
}

/// The SDP state of one call.
pub struct Session {
    local: LocalMedia,
    origin_id: u32,
    /// What was sent last, with its version.
    last: Option<sdp_types::Session>,
    /// Every `m=` line there has ever been in this session; none may go (RFC 3264 8).
    lines: Vec<Line>,
    /// Which of `lines` is the sound.
    audio: usize,
    /// The payload types that are bound; a binding stays for the session (RFC 3264 8.3.2).
    numbers: Vec<(u8, Format)>,
    offered: Option<Offered>,
    secrets: Secrets,
}

#[derive(Debug)]
struct Offered {
    direction: Direction,
    formats: Vec<(u8, Format)>,
    keys: OfferedKeys,
}

/// The stream of an offer that is taken.
struct Chosen {
    index: usize,
    formats: Vec<(u8, Format)>,
    answered: Answered,
}

/// What was said holds keys, and is left out.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("local", &self.local)
            .field("offered", &self.offered)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// A session in which nothing was said yet. `seed` makes its identifier.
    pub fn new(local: LocalMedia, seed: u64) -> Self {
        let Wanted {
            security, identity, ..
        } = &local.wanted;
        Self {
            secrets: Secrets::new(*security, identity.clone()),
            local,
            // Many take it for a 32-bit number, some for a signed one.
            origin_id: fastrand::Rng::with_seed(seed).u32(1..=i32::MAX as u32),
            last: None,
            lines: Vec::new(),
            audio: 0,
            numbers: Vec::new(),
            offered: None,
        }
    }

    /// Changes what this side has, e.g. the address after a change of network. It is in force
    /// from the next [`offer`](Self::offer) or answer on.
    pub fn set_local(&mut self, local: LocalMedia) {
        self.local = local;
    }

    /// What this side has.
    pub fn local(&self) -> &LocalMedia {
        &self.local
    }

    /// An offer, the first or a further one (hold, resume, change of address), in which sound is
    /// to flow in `direction`, seen from here.
    pub fn offer(&mut self, direction: Direction) -> Vec<u8> {
        let mut formats: Vec<(u8, Format)> = Vec::new();
        for format in self.own_formats() {
            if let Some(number) = self.number_for(format, &formats) {
                formats.push((number, format));
            }
        }
        for (number, format) in &formats {
            self.bind(*number, *format);
        }
        if self.lines.is_empty() {
            self.audio = 0;
            self.lines.push(Line {
                media: "audio".into(),
                proto: self.secrets.profile().into(),
                fmt: String::new(),
            });
        }
        let (keys, mut attributes) = self.secrets.offer();
        if self.local.wanted.one_port {
            attributes.push(Attribute::new("rtcp-mux"));
        }
        attributes.push(bit_rate_requests());
        let text = self.describe(direction, &formats, &attributes);
        self.offered = Some(Offered {
            direction,
            formats,
            keys,
        });
        text
    }

    /// Takes an offer and gives the answer to it. With `hold` the far side is put (or left) on
    /// hold: sound goes there only, if at all.
    ///
    /// # Errors
    /// The offer can't be accepted; the session is as it was before.
    pub fn accept_offer(
        &mut self,
        offer: &[u8],
        hold: bool,
    ) -> Result<(Vec<u8>, Negotiated), SdpError> {
        let media = remote::read(offer)?;
        if !media
            .iter()
            .any(|media| media.is_audio() && media.port != 0)
        {
            return Err(SdpError::NoAudio);
        }
        let Chosen {
            index: audio,
            formats,
            answered,
        } = self.choose(&media)?;
        let chosen = media.get(audio).ok_or(SdpError::NoAudio)?;
        let wanted = match hold {
            true => Direction::SendOnly,
            false => Direction::SendRecv,
        };
        let Answered {
            keying,
            mut attributes,
        } = answered;
        let negotiated = Negotiated::new(
            &self.local,
            chosen,
            wanted,
            &formats,
            &formats,
            keying.clone(),
        )?;
        if negotiated.one_port {
            attributes.push(Attribute::new("rtcp-mux"));
        }

        self.audio = audio;
        self.lines = media.iter().map(|media| media.line.clone()).collect();
        for (number, format) in &formats {
            self.bind(*number, *format);
        }
        self.offered = None;
        self.secrets.settle(keying);
        // Feedback is answered only if it was offered (RFC 4585 4.2).
        if negotiated.bit_rate_requests {
            attributes.push(bit_rate_requests());
        }
        let text = self.describe(negotiated.direction, &formats, &attributes);
        Ok((text, negotiated))
    }

    /// The first stream that is encrypted, or else the first, with what both sides have and what is
    /// answered about encryption.
    fn choose(&mut self, media: &[RemoteMedia]) -> Result<Chosen, SdpError> {
        let mut plain = None;
        let mut refused = SdpError::NoCommonCodec;
        let sound = media.iter().enumerate();
        for (index, media) in sound.filter(|(_, media)| media.is_rtp_audio()) {
            let formats = self.common_formats(media);
            if formats.is_empty() {
                continue;
            }
            let chosen = |answered| Chosen {
                index,
                formats,
                answered,
            };
            match self.secrets.answer(media) {
                Ok(answered) if answered.keying.is_some() => return Ok(chosen(answered)),
                Ok(answered) => {
                    plain.get_or_insert(chosen(answered));
                }
                Err(error) => refused = error,
            }
        }
        plain.ok_or(refused)
    }

    /// Takes the answer to the last offer; may be called again when it is answered again, as
    /// with early media and the final answer.
    ///
    /// # Errors
    /// The answer is of no use.
    pub fn accept_answer(&mut self, answer: &[u8]) -> Result<Negotiated, SdpError> {
        let offered = self.offered.as_ref().ok_or(SdpError::NoOffer)?;
        let mut media = remote::read(answer)?;
        let media = media
            .get_mut(self.audio)
            .filter(|media| media.is_audio())
            .ok_or(SdpError::NoAudio)?;
        if !media.is_rtp_audio() {
            return Err(SdpError::NoCommonCodec);
        }
        let keying = self.secrets.accept(&offered.keys, media)?;
        for format in &mut media.formats {
            // Some leave out what the offer said already.
            if !format.mapped {
                let ours = offered.formats.iter();
                let ours = ours.clone().find(|(number, _)| *number == format.number);
                format.meaning = ours.map(|(_, meaning)| *meaning).or(format.meaning);
            }
        }
        let send: Vec<(u8, Format)> = media
            .formats
            .iter()
            .filter_map(|format| Some((format.number, format.meaning?)))
            .filter(|(_, format)| offered.formats.iter().any(|(_, ours)| ours == format))
            .collect();
        let negotiated = Negotiated::new(
            &self.local,
            media,
            offered.direction,
            &send,
            &offered.formats,
            keying.clone(),
        )?;
        self.secrets.settle(keying);
        if let Some(offered) = &mut self.offered {
            offered.keys.answered = true;
        }
        Ok(negotiated)
    }

    /// What we have, in our order: codecs, then the events on the clock of each.
    fn own_formats(&self) -> Vec<Format> {
        let mut formats: Vec<Format> = Vec::new();
        let codecs = self.local.wanted.codecs.iter().copied();
        let events = self
            .local
            .wanted
            .codecs
            .iter()
            .filter(|_| self.local.wanted.dtmf);
        let wanted = codecs
            .map(Format::Codec)
            .chain(events.map(|codec| Format::Event(codec.clock_rate())));
        for format in wanted {
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        formats
    }

    /// What both sides have, in our order (the user's wish), under the offer's numbers.
    fn common_formats(&self, media: &RemoteMedia) -> Vec<(u8, Format)> {
        let theirs = |wanted: Format| {
            let mut formats = media.formats.iter();
            let found = formats.find(|format| format.meaning == Some(wanted))?;
            Some((found.number, wanted))
        };
        let is_event = |format: &Format| matches!(format, Format::Event(_));
        let (events, codecs): (Vec<Format>, Vec<Format>) =
            self.own_formats().into_iter().partition(is_event);
        let mut common: Vec<_> = codecs.into_iter().filter_map(theirs).collect();
        if common.is_empty() {
            return common;
        }
        let clock_in_use = |format: &Format| {
            common.iter().any(|(_, codec)| {
                matches!(codec, Format::Codec(codec) if Format::Event(codec.clock_rate()) == *format)
            })
        };
        let mut common_events: Vec<_> = events
            .into_iter()
            .filter(clock_in_use)
            .filter_map(theirs)
            .collect();
        if common_events.is_empty() && self.local.wanted.dtmf {
            // Events on a foreign clock are still better than none.
            let any = [8_000, 48_000].map(Format::Event);
            common_events = any.into_iter().find_map(theirs).into_iter().collect();
        }
        common.append(&mut common_events);
        common
    }

    /// The payload type to offer a format under.
    fn number_for(&self, format: Format, taken: &[(u8, Format)]) -> Option<u8> {
        let is_free = |number: u8| {
            let other = |(bound, meaning): &(u8, Format)| *bound == number && *meaning != format;
            !taken.iter().any(other) && !self.numbers.iter().any(other)
        };
        let bound = self.numbers.iter().find(|(_, bound)| *bound == format);
        let bound = bound.map(|(number, _)| *number);
        bound
            .into_iter()
            .chain([format.usual_number()])
            .chain(96..=127)
            .find(|number| is_free(*number))
    }

    fn bind(&mut self, number: u8, format: Format) {
        self.numbers
            .retain(|(bound, meaning)| *bound != number && *meaning != format);
        self.numbers.push((number, format));
    }

    /// Prints our description; its version grows only if it differs from the last one.
    fn describe(
        &mut self,
        direction: Direction,
        formats: &[(u8, Format)],
        attributes: &[Attribute],
    ) -> Vec<u8> {
        let version = self
            .last
            .as_ref()
            .map_or(1, |last| last.origin.sess_version);
        let origin = Origin::with_ip_addr(self.origin_id, version, self.local.address);
        let mut session = sdp_types::Session::new(origin, "-");
        session.set_connection(Connection::from_ip_addr(self.local.address));
        session.add_time(Time::new(0, 0));
        for (index, line) in self.lines.iter().enumerate() {
            session.add_media(if index == self.audio && !formats.is_empty() {
                let mut media = self.audio_media(line, direction, formats);
                media.attributes.extend_from_slice(attributes);
                media
            } else {
                refused_media(line)
            });
        }
        if self.last.as_ref().is_some_and(|last| *last != session) {
            session.origin.sess_version = version.saturating_add(1);
        }
        let mut text = Vec::new();
        // Writing into memory can't fail.
        let _ = session.write(&mut text);
        self.last = Some(session);
        text
    }

    fn audio_media(
        &self,
        line: &Line,
        direction: Direction,
        formats: &[(u8, Format)],
    ) -> sdp_types::Media {
        let numbers: Vec<String> = formats.iter().map(|(n, _)| n.to_string()).collect();
        let mut media = bare_media(line, self.local.rtp_port, numbers.join(" "));
        for (number, format) in formats {
            media.add_attribute(typed(&format.rtpmap(*number)));
            if let Some(fmtp) = format.fmtp(*number, &self.local.wanted.opus) {
                media.add_attribute(typed(&fmtp));
            }
        }
        // What goes without saying is left out: a request of more than 1300 octets has to go by TCP.
        if self.local.wanted.ptime_ms != USUAL_PTIME {
            media.add_attribute_with_value("ptime", self.local.wanted.ptime_ms);
        }
        media.add_attribute_with_value("rtcp-xr", "voip-metrics");
        media.add_attribute_from_str(match direction {
            Direction::SendRecv => "sendrecv",
            Direction::SendOnly => "sendonly",
            Direction::RecvOnly => "recvonly",
            Direction::Inactive => "inactive",
        });
        media
    }
}

/// TMMBR and TMMBN for all payload types (RFC 5104 7.1).
fn bit_rate_requests() -> Attribute {
    Attribute::with_value("rtcp-fb", "* ccm tmmbr")
}

fn typed<T: TypedAttribute>(attribute: &T) -> Attribute {
    Attribute::with_value(T::NAME, attribute)
}

/// A stream we don't take: port 0 and one format at least (RFC 3264 6).
fn refused_media(line: &Line) -> sdp_types::Media {
    let fmt = match line.fmt.as_str() {
        "" => "0",
        fmt => fmt,
    };
    bare_media(line, 0, fmt.into())
}

fn bare_media(line: &Line, port: u16, fmt: String) -> sdp_types::Media {
    sdp_types::Media {
        media: line.media.clone(),
        port,
        num_ports: None,
        proto: line.proto.clone(),
        fmt,
        media_title: None,
        connections: Vec::new(),
        bandwidths: Vec::new(),
        key: None,
        attributes: Vec::new(),
    }
}
