//! One call over an invented network: speech from a WAV file (48 kHz, one channel) through the
//! sending half of a stream, a network made of a seed or a recorded trace, and the receiving
//! half, into a WAV file. Nothing takes real time; the same arguments give the same samples.
//!
//! `loss.py` beside it runs this over many files and seeds, and judges what comes out.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use gudok::codec::{CodecId, OpusOptions};
use gudok::media::{Direction, FRAME, Packet, PacketKind, Stream, StreamConfig};

#[derive(Parser)]
struct Args {
    /// What is said.
    said: PathBuf,
    /// Where to put what is heard.
    heard: PathBuf,
    /// opus, g722, alaw or ulaw.
    #[arg(long, default_value = "opus")]
    codec: String,
    /// Target bit rate of Opus, bit/s.
    #[arg(long, default_value_t = 64_000)]
    bitrate: u32,
    /// Nothing is repeated by Opus.
    #[arg(long)]
    no_fec: bool,
    /// Of packets, ms.
    #[arg(long, default_value_t = 20)]
    ptime: u32,
    /// Percent of packets that get lost.
    #[arg(long, default_value_t = 0.0)]
    loss: f64,
    /// How many packets get lost in a row, on average (Gilbert's model).
    #[arg(long, default_value_t = 1.0)]
    burst: f64,
    /// Each packet is late by up to this much, ms; so they overtake each other.
    #[arg(long, default_value_t = 0.0)]
    jitter: f64,
    /// The receiver's clock is slower by this much, parts of a million.
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
    drift: f64,
    /// A recorded network instead: for each packet a line with its delay in ms, or `lost`; over
    /// and over.
    #[arg(long)]
    trace: Option<PathBuf>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What becomes of packets.
enum Way {
    Made {
        stay: f64,
        come: f64,
        jitter: f64,
    },
    Recorded {
        delays: Vec<Option<f64>>,
        next: usize,
    },
}

struct Network {
    way: Way,
    losing: bool,
    rng: fastrand::Rng,
    under_way: BTreeMap<(u64, u64), Packet>,
    packets: u64,
    lost: u64,
}

impl Network {
    fn new(args: &Args, seed: u64) -> Result<Self> {
        let way = match &args.trace {
            Some(path) => {
                let text = std::fs::read_to_string(path).context("the trace")?;
                let delays = text
                    .split_whitespace()
                    .map(|word| match word {
                        "lost" => Ok(None),
                        word => word.parse().map(Some).context("the trace"),
                    })
                    .collect::<Result<Vec<_>>>()?;
                ensure!(!delays.is_empty(), "the trace is empty");
                Way::Recorded { delays, next: 0 }
            }
            None => {
                let loss = args.loss / 100.0;
                ensure!((0.0..1.0).contains(&loss) && args.burst >= 1.0);
                // Two states whose average is `loss`. With single losses they come by chance.
                let (stay, come) = match args.burst > 1.0 {
                    true => (1.0 - 1.0 / args.burst, loss / (1.0 - loss) / args.burst),
                    false => (loss, loss),
                };
                Way::Made {
                    stay,
                    come,
                    jitter: args.jitter,
                }
            }
        };
        Ok(Self {
            way,
            losing: false,
            rng: fastrand::Rng::with_seed(seed),
            under_way: BTreeMap::new(),
            packets: 0,
            lost: 0,
        })
    }

    fn send(&mut self, at_us: u64, packet: Packet) {
        self.packets += 1;
        let delay = match (&mut self.way, packet.kind) {
            (_, PacketKind::Rtcp) => Some(0.0),
            (Way::Recorded { delays, next }, PacketKind::Rtp) => {
                *next += 1;
                delays[(*next - 1) % delays.len()]
            }
            (Way::Made { stay, come, jitter }, PacketKind::Rtp) => {
                let chance = if self.losing { *stay } else { *come };
                self.losing = self.rng.f64() < chance;
                let delay = self.rng.f64() * *jitter;
                (!self.losing).then_some(delay)
            }
        };
        match delay {
            None => self.lost += 1,
            Some(delay) => {
                let at = at_us + (delay.max(0.0) * 1_000.0) as u64;
                self.under_way.insert((at, self.packets), packet);
            }
        }
    }

    fn arrived(&mut self, now_us: u64) -> Option<(u64, Packet)> {
        let first = self.under_way.first_entry()?;
        let at = first.key().0;
        (at <= now_us).then(|| (at, first.remove()))
    }
}

fn main() -> Result<()> {
    let args = Args::parse();
    let mut file = hound::WavReader::open(&args.said).context("what is said")?;
    let spec = file.spec();
    ensure!(
        spec.sample_rate == 48_000 && spec.channels == 1 && spec.bits_per_sample == 16,
        "what is said must have 48 kHz, 16 bits and one channel"
    );
    let said = file
        .samples::<i16>()
        .map(|sample| Ok(f32::from(sample?) / 32_768.0))
        .collect::<Result<Vec<f32>>>()?;
    let codec: CodecId = args.codec.parse()?;
    let payload_type = codec.static_payload_type().unwrap_or(96);
    let config = StreamConfig {
        codec,
        payload_type,
        receive_payload_types: vec![(payload_type, codec)],
        dtmf: None,
        dtmf_receive: None,
        ptime_ms: args.ptime,
        direction: Direction::SendRecv,
        opus: OpusOptions {
            bitrate: args.bitrate,
            fec: !args.no_fec,
            dtx: false,
        },
        voip_metrics: true,
        bit_rate_requests: true,
        keying: None,
        one_port: false,
        cname: "bench".into(),
    };
    let start = Instant::now();
    let at = |us: f64| start + Duration::from_micros(us as u64);
    let mut speaker = Stream::new(config.clone(), start, args.seed)?;
    let mut listener = Stream::new(config, start, args.seed + 1)?;
    let mut there = Network::new(&args, args.seed + 2)?;
    let mut back = Network::new(&args, args.seed + 3)?;
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut heard = hound::WavWriter::create(&args.heard, spec).context("what is heard")?;
    let (mut next_said, mut next_heard) = (0.0, 4_000.0);
    let mut blocks = said.as_chunks::<FRAME>().0.iter();
    let (mut waits, mut ticks) = (0.0, 0.0f64);
    while blocks.len() > 0 {
        let now_us = f64::min(next_said, next_heard);
        while let Some((us, packet)) = there.arrived(now_us as u64) {
            match packet.kind {
                PacketKind::Rtp => listener.receive_rtp(at(us as f64), &packet.bytes),
                PacketKind::Rtcp => listener.receive_rtcp(at(us as f64), &packet.bytes),
            };
        }
        while let Some((us, packet)) = back.arrived(now_us as u64) {
            match packet.kind {
                PacketKind::Rtp => speaker.receive_rtp(at(us as f64), &packet.bytes),
                PacketKind::Rtcp => speaker.receive_rtcp(at(us as f64), &packet.bytes),
            };
        }
        let now = at(now_us);
        speaker.handle_timeout(now);
        listener.handle_timeout(now);
        let mut frame = [0.0; FRAME];
        if next_said <= next_heard {
            if let Some(block) = blocks.next() {
                speaker.capture(now, block);
            }
            speaker.playout(now, &mut frame);
            next_said += 10_000.0;
        } else {
            listener.capture(now, &frame);
            listener.playout(now, &mut frame);
            for sample in frame {
                heard.write_sample((sample * 32_767.0).round() as i16)?;
            }
            waits += f64::from(listener.stats(now).buffer_ms);
            ticks += 1.0;
            next_heard += 10_000.0 * (1.0 + args.drift * 1e-6);
        }
        while let Some(packet) = speaker.poll_transmit() {
            there.send(now_us as u64, packet);
        }
        while let Some(packet) = listener.poll_transmit() {
            back.send(now_us as u64, packet);
        }
    }
    heard.finalize()?;
    let stats = listener.stats(at(next_heard));
    let sent = speaker.stats(at(next_said));
    println!(
        "{}",
        serde_json::json!({
            "lost_percent": 100.0 * there.lost as f64 / there.packets.max(1) as f64,
            "late": stats.late,
            "wait_ms": waits / ticks.max(1.0),
            "concealed_ms": stats.concealed_ms,
            "kbit_s": sent.sent_bytes as f64 * 8.0 / (said.len() as f64 / 48.0),
            "mos": stats.mos,
        })
    );
    Ok(())
}
