//! Whatever comes from the network: no panic, and bounded.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::network::{Conditions, Pair, config};
use crate::codec::CodecId;
use crate::media::{FRAME, Stream};

#[derive(Debug, Clone)]
enum Step {
    Rtp(Vec<u8>),
    Rtcp(Vec<u8>),
    Likely {
        kind: u8,
        sequence: u16,
        timestamp: u32,
        ssrc: u8,
        payload: Vec<u8>,
    },
    Wait(u16),
    Play,
}

fn step() -> impl Strategy<Value = Step> {
    let bytes = prop::collection::vec(any::<u8>(), 0..80);
    let likely = (
        prop::sample::select(vec![0u8, 8, 101, 111, 0x80, 0x88, 0xe5, 0xef]),
        prop_oneof![0u16..40, any::<u16>()],
        prop_oneof![(0u32..200).prop_map(|n| n * 80), any::<u32>()],
        0u8..2,
        prop::collection::vec(any::<u8>(), 0..200),
    );
    prop_oneof![
        1 => bytes.clone().prop_map(Step::Rtp),
        1 => bytes.prop_map(Step::Rtcp),
        6 => likely.prop_map(|(kind, sequence, timestamp, ssrc, payload)| Step::Likely {
            kind, sequence, timestamp, ssrc, payload,
        }),
        1 => (0u16..400).prop_map(Step::Wait),
        4 => Just(Step::Play),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_from_the_network_does_harm(steps in prop::collection::vec(step(), 1..150)) {
        let mut now = Instant::now();
        let mut stream = Stream::new(config(CodecId::Opus), now, 1).expect("a stream");
        let mut frame = [0.0f32; FRAME];
        for step in steps {
            match step {
                Step::Rtp(bytes) => {
                    stream.receive_rtp(now, &bytes);
                }
                Step::Rtcp(bytes) => {
                    stream.receive_rtcp(now, &bytes);
                }
                Step::Likely { kind, sequence, timestamp, ssrc, payload } => {
                    let mut bytes = vec![0x80, kind];
                    bytes.extend(sequence.to_be_bytes());
                    bytes.extend(timestamp.to_be_bytes());
                    bytes.extend([0, 0, 0, ssrc]);
                    bytes.extend(payload);
                    stream.receive_rtp(now, &bytes);
                }
                Step::Wait(ms) => now += Duration::from_millis(ms.into()),
                Step::Play => {
                    now += Duration::from_millis(10);
                    stream.playout(now, &mut frame);
                    prop_assert!(frame.iter().all(|sample| sample.abs() <= 1.0));
                    stream.handle_timeout(now);
                    while stream.poll_transmit().is_some() {}
                }
            }
            let stats = stream.stats(now);
            prop_assert!(stats.buffer_ms.is_finite() && stats.jitter_ms.is_finite());
        }
    }

    #[test]
    fn reports_with_flipped_bits_do_no_harm(flips in prop::collection::vec((0usize..800, 0u8..8), 0..6)) {
        let mut pair = Pair::same(CodecId::Alaw, Conditions::default());
        pair.run(0.1);
        pair.a.bye(pair.at(1e5));
        let mut bytes = std::iter::from_fn(|| pair.a.poll_transmit()).last().expect("a bye").bytes;
        for (at, bit) in flips {
            let length = bytes.len();
            bytes[at % length] ^= 1 << bit;
        }
        let now = pair.at(1e5);
        pair.b.receive_rtcp(now, &bytes);
        pair.b.receive_rtp(now, &bytes);
    }
}

#[test]
fn a_flood_is_bounded() {
    let start = Instant::now();
    let mut stream = Stream::new(config(CodecId::Alaw), start, 1).expect("a stream");
    let mut frame = [0.0f32; FRAME];
    stream.playout(start, &mut frame);
    for n in 0..20_000u32 {
        let mut bytes = vec![0x80, 8];
        bytes.extend((n as u16).to_be_bytes());
        bytes.extend((n * 160).to_be_bytes());
        bytes.extend([0; 4]);
        bytes.extend([0x55; 160]);
        // All at once: far more sound than time.
        stream.receive_rtp(start + Duration::from_micros(n.into()), &bytes);
    }
    let now = start + Duration::from_millis(20);
    stream.playout(now, &mut frame);
    assert!(stream.stats(now).buffer_ms < 5_000.0);
}
