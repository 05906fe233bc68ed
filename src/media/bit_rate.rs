//! The bit rate that a receiver asks a sender to keep to: TMMBR and its answer, TMMBN (RFC 5104
//! 4.2).

use rtcp_types::{FciFeedbackPacketType, FciParser, RtcpParseError, UnknownBuilder};

/// The packet type of feedback to the transport (RFC 4585 6.1).
const RTPFB: u8 = 205;
/// The formats of feedback (RFC 5104 4.2).
const TMMBR: u8 = 3;
const TMMBN: u8 = 4;
const ENTRY: usize = 8;

/// The most that may be sent, with the headers of each packet counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BitRateLimit {
    /// bit/s.
    pub total: u64,
    /// What the one who asks counts as the header of a packet, octets.
    pub overhead: u16,
}

impl BitRateLimit {
    /// What is left for sound of which a packet holds so many milliseconds, bit/s.
    pub fn for_sound(self, packet_ms: u32) -> u32 {
        let headers = u64::from(self.overhead) * 8 * 1_000 / u64::from(packet_ms.max(1));
        u32::try_from(self.total.saturating_sub(headers)).unwrap_or(u32::MAX)
    }

    fn read(entry: &[u8; ENTRY]) -> (u32, Self) {
        let [a, b, c, d, rest @ ..] = *entry;
        let rest = u32::from_be_bytes(rest);
        let mantissa = u64::from(rest >> 9 & 0x1_ffff);
        let limit = Self {
            // 17 bits and an exponent of 6 bits may not fit.
            total: u64::try_from(u128::from(mantissa) << (rest >> 26)).unwrap_or(u64::MAX),
            overhead: (rest & 0x1ff) as u16,
        };
        (u32::from_be_bytes([a, b, c, d]), limit)
    }

    fn write(self, ssrc: u32) -> [u8; ENTRY] {
        let exponent = (64 - self.total.leading_zeros()).saturating_sub(17);
        let mantissa = (self.total >> exponent) as u32;
        let rest = exponent << 26 | mantissa << 9 | u32::from(self.overhead & 0x1ff);
        let mut entry = [0; ENTRY];
        let (source, limit) = entry.split_at_mut(4);
        source.copy_from_slice(&ssrc.to_be_bytes());
        limit.copy_from_slice(&rest.to_be_bytes());
        entry
    }
}

/// The limits asked for in one TMMBR, each of the source that is to keep to it.
pub struct Requests<'a>(&'a [[u8; ENTRY]]);

impl Requests<'_> {
    /// What the source `ssrc` is asked.
    pub fn to(&self, ssrc: u32) -> Option<BitRateLimit> {
        let mut entries = self.0.iter().map(BitRateLimit::read);
        entries
            .find(|(asked, _)| *asked == ssrc)
            .map(|(_, limit)| limit)
    }
}

impl<'a> FciParser<'a> for Requests<'a> {
    const PACKET_TYPE: FciFeedbackPacketType = FciFeedbackPacketType::TRANSPORT;
    const FCI_FORMAT: u8 = TMMBR;

    fn parse(data: &'a [u8]) -> Result<Self, RtcpParseError> {
        Ok(Self(data.as_chunks().0))
    }
}

/// The body of an RTCP packet about a bit rate.
pub struct Body {
    format: u8,
    octets: [u8; 8 + ENTRY],
}

impl Body {
    /// A TMMBR of the source `from` to `ssrc`.
    pub fn request(from: u32, ssrc: u32, limit: BitRateLimit) -> Self {
        Self::new(TMMBR, from, ssrc, limit)
    }

    /// A TMMBN of the source `from`: it keeps to `limit`, which `owner` asked for.
    pub fn notification(from: u32, owner: u32, limit: BitRateLimit) -> Self {
        Self::new(TMMBN, from, owner, limit)
    }

    fn new(format: u8, from: u32, ssrc: u32, limit: BitRateLimit) -> Self {
        let mut octets = [0; 8 + ENTRY];
        let (sender, rest) = octets.split_at_mut(4);
        sender.copy_from_slice(&from.to_be_bytes());
        // The source of media in the head stays 0 (RFC 5104 4.2.1.2, 4.2.2.2).
        let (_, entry) = rest.split_at_mut(4);
        entry.copy_from_slice(&limit.write(ssrc));
        Self { format, octets }
    }

    /// The packet.
    pub fn packet(&self) -> UnknownBuilder<'_> {
        UnknownBuilder::new(RTPFB, &self.octets).count(self.format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_read_and_written_as_rfc_5104_has_it() {
        // MxTBR exponent 2, mantissa 16000 (64 kbit/s), 40 octets of headers.
        let entry = [0, 0, 0, 7, 0x08, 0x7d, 0x00, 0x28];
        let limit = BitRateLimit {
            total: 64_000,
            overhead: 40,
        };
        assert_eq!(BitRateLimit::read(&entry), (7, limit));
        assert_eq!(limit.for_sound(20), 48_000);
        assert_eq!(limit.for_sound(2), 0);
        for total in [0, 6_000, 131_071, 131_072, 500_000, 10_000_000_000] {
            let limit = BitRateLimit {
                total,
                overhead: 28,
            };
            let (ssrc, back) = BitRateLimit::read(&limit.write(9));
            assert_eq!((ssrc, back.overhead), (9, 28));
            assert!(back.total <= total && back.total as f64 >= 0.999 * total as f64);
        }
        let huge = BitRateLimit::read(&[0, 0, 0, 7, 0xff, 0xff, 0xff, 0xff]).1;
        assert_eq!((huge.total, huge.for_sound(20)), (u64::MAX, u32::MAX));
    }

    #[test]
    fn only_what_is_asked_of_us_counts() {
        let limit = BitRateLimit {
            total: 30_000,
            overhead: 40,
        };
        let fci = [limit.write(1), limit.write(2)].concat();
        let requests = Requests::parse(&fci).expect("requests");
        assert_eq!(requests.to(2), Some(limit));
        assert_eq!(requests.to(3), None);
        assert_eq!(Requests::parse(&fci[..7]).expect("none").to(1), None);
    }
}
