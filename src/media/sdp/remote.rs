//! Reads the far side's description: leniently where a lapse does no harm, within bounds always.

use std::net::{IpAddr, SocketAddr};

use sdp_types::{Attribute, Fmtp, Rtcp, RtpMap};

use super::SdpError;
use super::crypto::Crypto;
use super::format::Format;
use crate::media::Direction;
use crate::media::dtls::Fingerprint;

/// A longer description is not read at all.
const MAX_BYTES: usize = 64 * 1024;
/// A description with more `m=` lines is not read.
const MAX_MEDIA: usize = 32;
/// Further formats of an `m=` line are not looked at.
const MAX_FORMATS: usize = 64;
/// Further keys and fingerprints of an `m=` line are not looked at.
const MAX_KEYS: usize = 16;

/// One `m=` line with all that counts for it.
#[derive(Debug, Clone)]
pub(super) struct RemoteMedia {
    pub line: Line,
    pub profile: Profile,
    /// 0 means that the stream is refused or switched off.
    pub port: u16,
    /// What `c=` holds: the media's own or the session's.
    pub address: Option<String>,
    /// As the far side sees it.
    pub direction: Direction,
    /// In the far side's order, as far as they are known to us.
    pub formats: Vec<RemoteFormat>,
    /// What the far side would like to be sent in one packet, ms.
    pub ptime: Option<u32>,
    /// What it can take at most, ms.
    pub max_ptime: Option<u32>,
    /// Whether it wants VoIP metrics (`a=rtcp-xr`, of the media or the session).
    pub voip_metrics: bool,
    /// Whether it understands TMMBR and TMMBN (RFC 5104 7.1).
    pub bit_rate_requests: bool,
    /// Keys that we can do something with, in the far side's order.
    pub cryptos: Vec<Crypto>,
    /// Of its certificate; of the media or the session.
    pub fingerprints: Vec<Fingerprint>,
    pub setup: Option<Setup>,
    /// Whether it wants another handshake (`a=connection`, RFC 4145 5).
    pub anew: bool,
    /// Whether RTCP may go where RTP does (RFC 5761 5.1.1).
    pub one_port: bool,
    rtcp: Option<Rtcp>,
}

/// What carries the sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    /// RTP/AVP, RTP/AVPF: in the clear, or encrypted as well as it can be (RFC 8643).
    Plain,
    /// RTP/SAVP, RTP/SAVPF.
    Secure,
    /// UDP/TLS/RTP/SAVP, UDP/TLS/RTP/SAVPF.
    Dtls,
    /// Nothing that we know.
    Unknown,
}

impl Profile {
    fn of(proto: &str) -> Self {
        match proto.to_ascii_uppercase().as_str() {
            "RTP/AVP" | "RTP/AVPF" => Self::Plain,
            "RTP/SAVP" | "RTP/SAVPF" => Self::Secure,
            "UDP/TLS/RTP/SAVP" | "UDP/TLS/RTP/SAVPF" => Self::Dtls,
            _ => Self::Unknown,
        }
    }
}

/// Who begins a handshake (RFC 4145 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setup {
    Active,
    Passive,
    ActPass,
    HoldConn,
}

/// The parts of an `m=` line that are repeated when the stream is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub media: String,
    pub proto: String,
    pub fmt: String,
}

/// One payload type of an `m=` line.
#[derive(Debug, Clone)]
pub(super) struct RemoteFormat {
    pub number: u8,
    /// `None`: a dynamic payload type without `a=rtpmap`, or something we don't know.
    pub meaning: Option<Format>,
    /// Whether the description itself says what the number stands for.
    pub mapped: bool,
    pub fmtp: Option<Fmtp>,
}

impl RemoteMedia {
    /// Sound over RTP, encrypted or not, that isn't switched off.
    pub(super) fn is_rtp_audio(&self) -> bool {
        self.is_audio() && self.port != 0 && self.profile != Profile::Unknown
    }

    /// Sound over whatever protocol.
    pub(super) fn is_audio(&self) -> bool {
        self.line.media.eq_ignore_ascii_case("audio")
    }

    /// Where RTP and RTCP are to be sent, from a socket with the address `own`.
    ///
    /// The address is unspecified if the far side is on hold in the way of RFC 2543.
    pub(super) fn addresses(&self, own: IpAddr) -> Result<(SocketAddr, SocketAddr), SdpError> {
        let text = self.address.as_deref().unwrap_or_default();
        let address =
            usable(text, own).ok_or_else(|| SdpError::UnusableAddress(text.to_string()))?;
        let rtp = SocketAddr::new(address, self.port);
        // RFC 3605: an own port, maybe an own address. Otherwise the next port (RFC 3550 11).
        let rtcp = match &self.rtcp {
            Some(rtcp) if rtcp.port != 0 => {
                let host = rtcp.connection_address.as_deref();
                let host = host.and_then(|host| usable(host, own)).unwrap_or(address);
                SocketAddr::new(host, rtcp.port)
            }
            _ => SocketAddr::new(address, self.port.checked_add(1).unwrap_or(self.port)),
        };
        Ok((rtp, rtcp))
    }

    /// Whether `c=` is all zeros, the way RFC 2543 says "send me nothing".
    pub(super) fn has_no_address(&self) -> bool {
        let ip = self.address.as_deref().and_then(|text| text.parse().ok());
        ip.is_some_and(|ip: IpAddr| ip.is_unspecified())
    }
}

/// An address that packets can be sent to from `own`. Groups are refused: nobody needs them in a
/// call, and they would make us flood a network.
fn usable(text: &str, own: IpAddr) -> Option<IpAddr> {
    let ip = text.parse::<IpAddr>().ok()?.to_canonical();
    let broadcast = matches!(ip, IpAddr::V4(v4) if v4.is_broadcast());
    let same_family = ip.is_ipv4() == own.to_canonical().is_ipv4();
    (ip.is_unspecified() || (same_family && !ip.is_multicast() && !broadcast)).then_some(ip)
}

/// Reads the `m=` lines of a description.
pub(super) fn read(description: &[u8]) -> Result<Vec<RemoteMedia>, SdpError> {
    if description.len() > MAX_BYTES {
        return Err(SdpError::Malformed("too long".into()));
    }
    let session = sdp_types::Session::parse(&needed_lines(description))
        .map_err(|error| SdpError::Malformed(error.to_string()))?;
    if session.medias.len() > MAX_MEDIA {
        return Err(SdpError::Malformed("too many media".into()));
    }
    let connection = session.connection.as_ref();
    let direction = direction_of(&session.attributes);
    let voip_metrics = wants_voip_metrics(&session.attributes);
    let fingerprints = fingerprints_of(&session.attributes);
    let setup = setup_of(&session.attributes);
    let media = session.medias.iter().map(|media| {
        let own_connection = media.connections.first();
        let own_fingerprints = fingerprints_of(&media.attributes);
        RemoteMedia {
            profile: Profile::of(&media.proto),
            line: Line {
                media: media.media.clone(),
                proto: media.proto.clone(),
                fmt: media.fmt.clone(),
            },
            port: media.port,
            address: own_connection
                .or(connection)
                .map(|connection| connection.connection_address.clone()),
            direction: direction_of(&media.attributes)
                .or(direction)
                .unwrap_or_default(),
            formats: formats_of(media),
            ptime: milliseconds(media, "ptime"),
            max_ptime: milliseconds(media, "maxptime"),
            voip_metrics: wants_voip_metrics(&media.attributes)
                .or(voip_metrics)
                .unwrap_or(false),
            bit_rate_requests: knows_bit_rate_requests(&media.attributes),
            cryptos: values_of(&media.attributes, "crypto")
                .filter_map(Crypto::read)
                .take(MAX_KEYS)
                .collect(),
            fingerprints: match own_fingerprints.is_empty() {
                true => fingerprints.clone(),
                false => own_fingerprints,
            },
            setup: setup_of(&media.attributes).or(setup),
            anew: values_of(&media.attributes, "connection").any(|value| value.trim() == "new"),
            one_port: media.attributes.iter().any(|a| a.attribute == "rtcp-mux"),
            rtcp: media
                .get_first_attribute_typed::<Rtcp>()
                .and_then(Result::ok),
        }
    });
    Ok(media.collect())
}

/// Leaves out the lines we don't use, so that a lapse in them does no harm.
fn needed_lines(description: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(description);
    let mut needed = String::with_capacity(text.len());
    for line in text.lines() {
        if ["v=", "c=", "m=", "a="]
            .iter()
            .any(|key| line.starts_with(key))
        {
            needed.push_str(line.trim_end());
            needed.push('\n');
        }
    }
    needed.into_bytes()
}

fn direction_of(attributes: &[Attribute]) -> Option<Direction> {
    attributes
        .iter()
        .find_map(|attribute| match attribute.attribute.as_str() {
            "sendrecv" => Some(Direction::SendRecv),
            "sendonly" => Some(Direction::SendOnly),
            "recvonly" => Some(Direction::RecvOnly),
            "inactive" => Some(Direction::Inactive),
            _ => None,
        })
}

/// RFC 3611 5.1: the formats wanted stand in one list, each maybe with parameters.
fn wants_voip_metrics(attributes: &[Attribute]) -> Option<bool> {
    let is_xr = |attribute: &&Attribute| attribute.attribute == "rtcp-xr";
    let formats = attributes.iter().find(is_xr)?.value.as_deref();
    let mut formats = formats.unwrap_or_default().split_ascii_whitespace();
    Some(formats.any(|format| format.split('=').next() == Some("voip-metrics")))
}

/// RFC 5104 7.1: `a=rtcp-fb`, for all payload types or for some.
fn knows_bit_rate_requests(attributes: &[Attribute]) -> bool {
    values_of(attributes, "rtcp-fb").any(|value| {
        let mut words = value.split_ascii_whitespace().skip(1);
        (words.next(), words.next()) == (Some("ccm"), Some("tmmbr"))
    })
}

fn values_of<'a>(attributes: &'a [Attribute], name: &str) -> impl Iterator<Item = &'a str> {
    let named = attributes.iter().filter(move |a| a.attribute == name);
    named.filter_map(|attribute| attribute.value.as_deref())
}

fn fingerprints_of(attributes: &[Attribute]) -> Vec<Fingerprint> {
    let read = values_of(attributes, "fingerprint").filter_map(|text| text.parse().ok());
    read.take(MAX_KEYS).collect()
}

fn setup_of(attributes: &[Attribute]) -> Option<Setup> {
    let value = values_of(attributes, "setup").next()?;
    match value.trim().to_ascii_lowercase().as_str() {
        "active" => Some(Setup::Active),
        "passive" => Some(Setup::Passive),
        "actpass" => Some(Setup::ActPass),
        "holdconn" => Some(Setup::HoldConn),
        _ => None,
    }
}

fn milliseconds(media: &sdp_types::Media, attribute: &str) -> Option<u32> {
    let value = media.get_first_attribute_value(attribute)??;
    value
        .trim()
        .parse()
        .ok()
        .filter(|ms| (1..=1000).contains(ms))
}

fn formats_of(media: &sdp_types::Media) -> Vec<RemoteFormat> {
    let maps: Vec<RtpMap> = media.attributes_typed().filter_map(Result::ok).collect();
    let fmtps: Vec<Fmtp> = media.attributes_typed().filter_map(Result::ok).collect();
    media
        .fmt
        .split_ascii_whitespace()
        .filter_map(|number| number.parse::<u8>().ok())
        .filter(|number| *number < 128)
        .take(MAX_FORMATS)
        .map(|number| {
            let map = maps.iter().find(|map| map.payload_type == number);
            RemoteFormat {
                number,
                meaning: match map {
                    Some(map) => Format::of_rtpmap(map),
                    None => Format::of_static(number),
                },
                mapped: map.is_some(),
                fmtp: fmtps.iter().find(|fmtp| fmtp.fmt == number).cloned(),
            }
        })
        .collect()
}
