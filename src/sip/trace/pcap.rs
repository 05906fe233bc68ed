//! Messages as a capture file that Wireshark and sngrep read. What an encrypted or a stream
//! connection carried stands there as a datagram of its own, between the same addresses.

use std::net::{IpAddr, SocketAddr};
use std::time::UNIX_EPOCH;

use super::Traced;

/// Packets begin with an IP header.
const LINKTYPE_RAW: u32 = 101;
/// The longest packet.
const SNAPLEN: usize = 65_535;
const UDP: u8 = 17;
const UDP_HEADER: usize = 8;
const IPV4_HEADER: usize = 20;
const IPV6_HEADER: usize = 40;

/// The messages as a capture file (libpcap 2.4, microseconds). A message that no datagram can
/// hold is cut off.
pub fn to_pcap<'a>(messages: impl Iterator<Item = &'a Traced>) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4_u32.to_le_bytes());
    file.extend(2_u16.to_le_bytes());
    file.extend(4_u16.to_le_bytes());
    file.extend([0; 8]);
    file.extend(u32::from(u16::MAX).to_le_bytes());
    file.extend(LINKTYPE_RAW.to_le_bytes());
    for message in messages {
        let since = message.at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let packet = packet(message);
        let length = packet.len() as u32;
        file.extend((since.as_secs() as u32).to_le_bytes());
        file.extend(since.subsec_micros().to_le_bytes());
        file.extend(length.to_le_bytes());
        file.extend(length.to_le_bytes());
        file.extend(packet);
    }
    file
}

fn packet(message: &Traced) -> Vec<u8> {
    let (local, remote) = (message.flow.local, message.flow.remote);
    let (from, to) = if message.sent {
        (local, remote)
    } else {
        (remote, local)
    };
    let room = SNAPLEN - IPV6_HEADER - UDP_HEADER;
    let body = message.bytes.get(..room).unwrap_or(&message.bytes);
    match (from.ip(), to.ip()) {
        (IpAddr::V4(source), IpAddr::V4(target)) => {
            let datagram = datagram(from, to, body);
            let mut header = vec![0x45, 0];
            header.extend(((IPV4_HEADER + datagram.len()) as u16).to_be_bytes());
            header.extend([0, 0, 0, 0, 64, UDP, 0, 0]);
            header.extend(source.octets());
            header.extend(target.octets());
            let sum = checksum(&[&header]);
            if let Some(place) = header.get_mut(10..12) {
                place.copy_from_slice(&sum.to_be_bytes());
            }
            [header, datagram].concat()
        }
        (source, target) => {
            let datagram = datagram(from, to, body);
            let mut header = vec![0x60, 0, 0, 0];
            header.extend((datagram.len() as u16).to_be_bytes());
            header.extend([UDP, 64]);
            header.extend(octets(source));
            header.extend(octets(target));
            [header, datagram].concat()
        }
    }
}

fn datagram(from: SocketAddr, to: SocketAddr, body: &[u8]) -> Vec<u8> {
    let length = ((UDP_HEADER + body.len()) as u16).to_be_bytes();
    let ports = [from.port().to_be_bytes(), to.port().to_be_bytes()].concat();
    let head = [ports.as_slice(), &length].concat();
    let pseudo = [
        octets(from.ip()).as_slice(),
        &octets(to.ip()),
        &[0, UDP],
        &length,
    ]
    .concat();
    // Zero would say that there is none (RFC 768).
    let sum = match checksum(&[&pseudo, &head, body]) {
        0 => u16::MAX,
        sum => sum,
    };
    [head.as_slice(), &sum.to_be_bytes(), body].concat()
}

fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}

/// The Internet checksum (RFC 1071) of parts of which all but the last have an even length.
fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum: u64 = 0;
    for pair in parts.iter().flat_map(|part| part.chunks(2)) {
        let high = pair.first().copied().unwrap_or(0);
        let low = pair.get(1).copied().unwrap_or(0);
        sum += u64::from(u16::from_be_bytes([high, low]));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sip::flow::Flow;

    fn traced(local: &str, remote: &str, sent: bool, length: usize) -> Traced {
        let flow = Flow::udp(
            local.parse().expect("address"),
            remote.parse().expect("address"),
        );
        Traced {
            number: 1,
            at: UNIX_EPOCH + Duration::from_micros(1_000_002),
            flow,
            sent,
            bytes: vec![b'x'; length],
        }
    }

    #[test]
    fn a_capture_has_a_header_and_a_packet_for_each_message() {
        let file = to_pcap(std::iter::once(&traced(
            "192.0.2.1:5060",
            "192.0.2.2:5070",
            true,
            3,
        )));
        assert_eq!(file.len(), 24 + 16 + 20 + 8 + 3);
        assert_eq!(file[..4], 0xa1b2_c3d4_u32.to_le_bytes());
        assert_eq!(file[24..32], [1, 0, 0, 0, 2, 0, 0, 0]);
        let packet = &file[40..];
        assert_eq!(packet[12..20], [192, 0, 2, 1, 192, 0, 2, 2]);
        assert_eq!(packet[20..28][..6], [0x13, 0xc4, 0x13, 0xce, 0, 11]);
        assert_eq!(checksum(&[&packet[..20]]), 0, "the header sums up");
    }

    #[test]
    fn what_came_goes_the_other_way_and_sums_up_over_ipv6() {
        let file = to_pcap(std::iter::once(&traced(
            "[2001:db8::1]:1",
            "[2001:db8::2]:2",
            false,
            5,
        )));
        let packet = &file[40..];
        assert_eq!((packet[0], packet[23], packet[39]), (0x60, 2, 1));
        let pseudo = [&packet[8..40], &[0, UDP], &packet[4..6]].concat();
        assert_eq!(checksum(&[&pseudo, &packet[40..]]), 0);
    }

    #[test]
    fn a_message_too_long_for_a_datagram_is_cut_off() {
        for local in ["192.0.2.1:5060", "[2001:db8::1]:5060"] {
            let file = to_pcap(std::iter::once(&traced(local, local, true, 100_000)));
            assert!(file.len() <= 24 + 16 + SNAPLEN);
        }
    }
}
