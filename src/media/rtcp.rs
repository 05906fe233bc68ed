//! RTCP (RFC 3550 6): what is told to the far side of its sound, and what it tells of ours.

use std::time::{Duration, Instant};

use rtcp_types::{
    Bye, Compound, Packet, ReceiverReport, ReportBlock, ReportBlockBuilder, RtcpPacketWriterExt,
    Sdes, SdesChunk, SdesItem, SenderReport, UnknownBuilder,
};

use super::bit_rate::{BitRateLimit, Body, Requests};
use super::reception::Reception;
use super::voip_metrics::{VoipMetrics, XR};

/// Reports are this far apart on average (RFC 3550 6.2: half of it before the first).
const INTERVAL: Duration = Duration::from_secs(5);
/// Makes up for timer reconsideration (RFC 3550 6.3.1).
const COMPENSATION: f64 = 1.21828;
/// The fixed part of NTP time: any beginning will do (RFC 3550 4).
const NTP_ORIGIN: u64 = 0x8000_0000;
/// So soon at the latest a request is answered, and reports are never nearer to each other for it.
const EARLY: Duration = Duration::from_millis(500);
/// Round trips above this are nonsense.
const MAX_ROUND_TRIP: f64 = 60.0;
/// A compound packet never gets larger than this.
const MAX_PACKET: usize = 1_200;
/// CNAMEs are cut to this many octets (RFC 3550 6.5).
const MAX_CNAME: usize = 255;

/// What we send, as the reports tell it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sent {
    /// Our SSRC.
    pub ssrc: u32,
    /// RTP timestamp of now.
    pub timestamp: u32,
    /// Packets sent in all.
    pub packets: u64,
    /// Payload octets sent in all.
    pub octets: u64,
}

/// What the far side told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Told {
    /// The part of our packets it lost lately, of 256.
    FractionLost(u8),
    /// How it hears us.
    Metrics(VoipMetrics),
    /// The most it wants to be sent (RFC 5104 4.2.1).
    Limit(BitRateLimit),
    /// It leaves.
    Bye,
}

/// The RTCP side of a stream.
pub struct Rtcp {
    started: Instant,
    cname: String,
    next_report: Instant,
    packets_reported: u64,
    last_sender_report: Option<(u32, Instant)>,
    round_trip: Option<Duration>,
    /// The limit to confirm in the next report, and who asked for it.
    asked: Option<(u32, BitRateLimit)>,
    /// The limit the far side is asked to keep to, told with each report.
    wanted: Option<BitRateLimit>,
}

impl Rtcp {
    /// RTCP with the first report after 1 to 3 seconds.
    pub fn new(now: Instant, cname: &str, rng: &mut fastrand::Rng) -> Self {
        let mut rtcp = Self {
            started: now,
            cname: String::new(),
            next_report: now + interval(INTERVAL / 2, rng),
            packets_reported: 0,
            last_sender_report: None,
            round_trip: None,
            asked: None,
            wanted: None,
        };
        rtcp.set_cname(cname);
        rtcp
    }

    /// Changes the canonical name.
    pub fn set_cname(&mut self, cname: &str) {
        let end = (0..=cname.len().min(MAX_CNAME))
            .rev()
            .find(|end| cname.is_char_boundary(*end));
        self.cname = cname.get(..end.unwrap_or(0)).unwrap_or_default().to_owned();
    }

    /// When the next report is due.
    pub fn next_report(&self) -> Instant {
        self.next_report
    }

    /// The last round trip measured (RFC 3550 6.4.1).
    pub fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// The far side's stream is another now.
    pub fn forget_source(&mut self) {
        self.wanted = None;
        self.last_sender_report = None;
    }

    /// Asks the far side to keep to a limit from now on.
    pub fn ask(&mut self, now: Instant, limit: BitRateLimit) {
        self.wanted = Some(limit);
        self.next_report = now;
    }

    /// Writes the report that is due, with `metrics` if the far side wants them, and plans the
    /// next.
    pub fn report(
        &mut self,
        now: Instant,
        sent: &Sent,
        heard: Option<&mut Reception>,
        metrics: Option<VoipMetrics>,
        rng: &mut fastrand::Rng,
    ) -> Vec<u8> {
        self.next_report = now + interval(INTERVAL, rng);
        self.write(now, sent, heard, metrics, false)
    }

    /// Writes the last packet.
    pub fn bye(
        &mut self,
        now: Instant,
        sent: &Sent,
        heard: Option<&mut Reception>,
        metrics: Option<VoipMetrics>,
    ) -> Vec<u8> {
        self.write(now, sent, heard, metrics, true)
    }

    fn write(
        &mut self,
        now: Instant,
        sent: &Sent,
        heard: Option<&mut Reception>,
        metrics: Option<VoipMetrics>,
        bye: bool,
    ) -> Vec<u8> {
        let metrics = metrics.map(|metrics| metrics.packet_body(sent.ssrc));
        let confirmed = self.asked.take();
        let confirmed = confirmed.map(|(owner, limit)| Body::notification(sent.ssrc, owner, limit));
        let wanted = self
            .wanted
            .zip(heard.as_ref().map(|reception| reception.ssrc()));
        let wanted = wanted.map(|(limit, theirs)| Body::request(sent.ssrc, theirs, limit));
        let block = heard.map(|reception| self.block(now, reception));
        let mut compound = Compound::builder();
        if sent.packets > self.packets_reported {
            let mut report = SenderReport::builder(sent.ssrc)
                .ntp_timestamp(self.ntp(now))
                .rtp_timestamp(sent.timestamp)
                .packet_count((sent.packets & 0xffff_ffff) as u32)
                .octet_count((sent.octets & 0xffff_ffff) as u32);
            if let Some(block) = block {
                report = report.add_report_block(block);
            }
            compound = compound.add_packet(report);
        } else {
            let mut report = ReceiverReport::builder(sent.ssrc);
            if let Some(block) = block {
                report = report.add_report_block(block);
            }
            compound = compound.add_packet(report);
        }
        self.packets_reported = sent.packets;
        let name = SdesItem::builder(SdesItem::CNAME, &self.cname);
        compound = compound
            .add_packet(Sdes::builder().add_chunk(SdesChunk::builder(sent.ssrc).add_item(name)));
        if let Some(body) = &metrics {
            compound = compound.add_packet(UnknownBuilder::new(XR, body));
        }
        if bye {
            compound = compound.add_packet(Bye::builder().add_source(sent.ssrc));
        }
        for feedback in [&wanted, &confirmed].into_iter().flatten() {
            compound = compound.add_packet(feedback.packet());
        }
        let mut bytes = vec![0; MAX_PACKET];
        let length = compound.write_into(&mut bytes).unwrap_or_default();
        bytes.truncate(length);
        bytes
    }

    fn block(&self, now: Instant, reception: &mut Reception) -> ReportBlockBuilder {
        let mut block = ReportBlock::builder(reception.ssrc())
            .fraction_lost(reception.fraction_lost())
            .cumulative_lost(
                u32::try_from(reception.lost())
                    .unwrap_or(u32::MAX)
                    .min(0x7f_ffff),
            )
            .extended_sequence_number(reception.extended_highest())
            .interarrival_jitter(reception.jitter() as u32);
        if let Some((middle, at)) = self.last_sender_report {
            let delay = now.saturating_duration_since(at).as_secs_f64() * 65_536.0;
            block = block
                .last_sender_report_timestamp(middle)
                .delay_since_last_sender_report_timestamp(delay as u32);
        }
        block
    }

    /// Reads a compound packet of the far side; calls `told` with what concerns us.
    pub fn receive(
        &mut self,
        now: Instant,
        ours: u32,
        theirs: Option<u32>,
        bytes: &[u8],
        mut told: impl FnMut(Told),
    ) {
        let Ok(compound) = Compound::parse(bytes) else {
            return;
        };
        for packet in compound {
            match packet {
                Ok(Packet::Sr(report)) => {
                    if theirs.is_none_or(|ssrc| ssrc == report.ssrc()) {
                        let middle = (report.ntp_timestamp() >> 16 & 0xffff_ffff) as u32;
                        self.last_sender_report = Some((middle, now));
                    }
                    report
                        .report_blocks()
                        .for_each(|block| self.hear(now, ours, &block, &mut told));
                }
                Ok(Packet::Rr(report)) => {
                    report
                        .report_blocks()
                        .for_each(|block| self.hear(now, ours, &block, &mut told));
                }
                Ok(Packet::Xr(report)) => {
                    let metrics = report.block_iter();
                    metrics
                        .filter_map(|block| block.parse_into::<VoipMetrics>().ok())
                        .filter(|metrics| metrics.source == ours)
                        .for_each(|metrics| told(Told::Metrics(metrics)));
                }
                Ok(Packet::TransportFeedback(feedback)) => {
                    let requests = feedback.parse_fci::<Requests<'_>>().ok();
                    if let Some(limit) = requests.and_then(|requests| requests.to(ours)) {
                        self.asked = Some((feedback.sender_ssrc(), limit));
                        self.next_report = self.next_report.min(now + EARLY);
                        told(Told::Limit(limit));
                    }
                }
                Ok(Packet::Bye(bye)) => {
                    if bye.ssrcs().any(|ssrc| Some(ssrc) == theirs) {
                        told(Told::Bye);
                    }
                }
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }

    fn hear(
        &mut self,
        now: Instant,
        ours: u32,
        block: &ReportBlock<'_>,
        told: &mut impl FnMut(Told),
    ) {
        if block.ssrc() != ours {
            return;
        }
        told(Told::FractionLost(block.fraction_lost()));
        let last = block.last_sender_report_timestamp();
        if last == 0 {
            return;
        }
        let middle = (self.ntp(now) >> 16 & 0xffff_ffff) as u32;
        let delay = block.delay_since_last_sender_report_timestamp();
        // The peer's clock may run a little faster: a bit less than nothing is nothing.
        let units = middle.wrapping_sub(last).wrapping_sub(delay) as i32;
        let seconds = f64::from(units.max(0)) / 65_536.0;
        if seconds < MAX_ROUND_TRIP {
            self.round_trip = Some(Duration::from_secs_f64(seconds));
        }
    }

    /// NTP time: seconds in the upper half, their fraction in the lower.
    fn ntp(&self, now: Instant) -> u64 {
        let elapsed = now.saturating_duration_since(self.started);
        let fraction = (u64::from(elapsed.subsec_nanos()) << 32) / 1_000_000_000;
        (NTP_ORIGIN.wrapping_add(elapsed.as_secs()) << 32) | fraction
    }
}

/// RFC 3550 6.2: between half and one and a half times the interval, compensated.
fn interval(average: Duration, rng: &mut fastrand::Rng) -> Duration {
    average.mul_f64((rng.f64() + 0.5) / COMPENSATION)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn the_round_trip_and_the_loss_come_back_to_the_sender() {
        let start = Instant::now();
        let mut rng = fastrand::Rng::with_seed(1);
        let mut a = Rtcp::new(start, "a@test", &mut rng);
        let mut b = Rtcp::new(start, "b@test", &mut rng);
        let sent = Sent {
            ssrc: 11,
            timestamp: 960,
            packets: 100,
            octets: 16_000,
        };
        let report = a.report(start + ms(2_000), &sent, None, None, &mut rng);
        b.receive(start + ms(2_040), 22, Some(11), &report, |told| {
            panic!("{told:?}")
        });
        let mut reception = Reception::new(11, 0);
        for n in 0..64 {
            if n % 4 != 0 || n == 0 {
                reception.count(n, None);
            }
        }
        let silent = Sent {
            ssrc: 22,
            ..Sent::default()
        };
        let metrics = VoipMetrics {
            source: 11,
            loss: 0.25,
            ..VoipMetrics::default()
        };
        let answer = b.report(
            start + ms(5_000),
            &silent,
            Some(&mut reception),
            Some(metrics),
            &mut rng,
        );
        let mut heard = Vec::new();
        a.receive(start + ms(5_030), 11, Some(22), &answer, |told| {
            heard.push(told)
        });
        assert_eq!(heard, [Told::FractionLost(60), Told::Metrics(metrics)]);
        let round_trip = a.round_trip().expect("a round trip").as_secs_f64();
        assert!((round_trip - 0.070).abs() < 0.001, "{round_trip}");
    }

    #[test]
    fn a_report_says_who_sends_and_bye_ends_it() {
        let start = Instant::now();
        let mut rng = fastrand::Rng::with_seed(1);
        let mut a = Rtcp::new(start, "someone@somewhere", &mut rng);
        let sent = Sent {
            ssrc: 11,
            timestamp: 7,
            packets: 3,
            octets: 30,
        };
        let bytes = a.bye(start + ms(1), &sent, None, None);
        let packets: Vec<_> = Compound::parse(&bytes)
            .expect("a compound")
            .map(|p| p.expect("a packet"))
            .collect();
        assert!(matches!(&packets[0], Packet::Sr(report) if report.packet_count() == 3));
        let Packet::Sdes(sdes) = &packets[1] else {
            panic!("{packets:?}")
        };
        let names: Vec<String> = sdes
            .chunks()
            .flat_map(|chunk| chunk.items())
            .filter_map(|item| item.get_value_string().ok())
            .collect();
        assert_eq!(names, ["someone@somewhere"]);
        let mut heard = Vec::new();
        a.receive(start, 22, Some(11), &bytes, |told| heard.push(told));
        assert_eq!(heard, [Told::Bye]);
        // Nothing sent since: only a receiver's report.
        let bytes = a.bye(start + ms(2), &sent, None, None);
        let first = Compound::parse(&bytes).expect("a compound").next();
        assert!(matches!(first, Some(Ok(Packet::Rr(_)))));
    }

    #[test]
    fn a_limit_is_confirmed_soon_and_once() {
        let start = Instant::now();
        let mut rng = fastrand::Rng::with_seed(1);
        let mut rtcp = Rtcp::new(start, "a", &mut rng);
        let limit = BitRateLimit {
            total: 40_000,
            overhead: 40,
        };
        let request = |to| {
            let mut bytes = vec![0; 128];
            let body = Body::request(22, to, limit);
            let length = body.packet().write_into(&mut bytes).expect("room");
            bytes.truncate(length);
            bytes
        };
        rtcp.receive(start, 11, Some(22), &request(33), |told| panic!("{told:?}"));
        let mut heard = Vec::new();
        rtcp.receive(start, 11, Some(22), &request(11), |told| heard.push(told));
        assert_eq!(heard, [Told::Limit(limit)]);
        assert_eq!(rtcp.next_report(), start + EARLY);
        let sent = Sent {
            ssrc: 11,
            ..Sent::default()
        };
        let report = rtcp.report(start + EARLY, &sent, None, None, &mut rng);
        let notification = [
            0x84, 205, 0, 4, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0, 22, 0x01, 0x38, 0x80, 0x28,
        ];
        assert!(report.ends_with(&notification), "{report:?}");
        let report = rtcp.report(start + ms(5_000), &sent, None, None, &mut rng);
        assert!(!report.windows(2).any(|head| head == [0x84, 205]));
    }

    #[test]
    fn reports_keep_to_the_intervals_of_the_rfc() {
        let start = Instant::now();
        let mut rng = fastrand::Rng::with_seed(1);
        let mut rtcp = Rtcp::new(start, "a", &mut rng);
        let first = rtcp.next_report() - start;
        assert!(first >= ms(1_020) && first <= ms(3_080), "{first:?}");
        let mut sum = Duration::ZERO;
        for _ in 0..100 {
            let now = rtcp.next_report();
            rtcp.report(now, &Sent::default(), None, None, &mut rng);
            let next = rtcp.next_report() - now;
            assert!(next >= ms(2_050) && next <= ms(6_160), "{next:?}");
            sum += next;
        }
        assert!(sum > ms(350_000) && sum < ms(470_000), "{sum:?}");
    }

    #[test]
    fn a_canonical_name_too_long_is_cut_at_a_character() {
        let start = Instant::now();
        let mut rng = fastrand::Rng::with_seed(1);
        let mut rtcp = Rtcp::new(start, &"я".repeat(400), &mut rng);
        assert!(!rtcp.bye(start, &Sent::default(), None, None).is_empty());
    }
}
