//! What has to be true of a call's sound.

use rtp_rs::RtpReader;

use super::network::*;
use crate::codec::{CodecId, OpusOptions};
use crate::media::{Direction, StreamEvent};

fn ms(samples: usize) -> f64 {
    samples as f64 / 48.0
}

/// Quiet blocks of 10 ms after the first that is not.
fn quiet_blocks(heard: &[f32]) -> usize {
    heard
        .chunks(480)
        .map(|block| block.iter().map(|x| x * x).sum::<f32>() / 480.0)
        .skip_while(|power| *power < 1e-4)
        .filter(|power| *power < 1e-4)
        .count()
}

#[test]
fn on_a_clean_network_sound_waits_for_its_packet_the_next_tick_and_nothing_else() {
    for codec in CodecId::ALL {
        for phase in [0.0, 1.5, 4.0, 7.0, 9.5] {
            let mut pair = Pair::same(codec, Conditions::default()).phase(phase);
            pair.run(6.0);
            let (delay, like) = pair.delay(2);
            // B's first tick is later than A's.
            let delay = ms(delay) + phase;
            // 10 ms to fill the packet, up to 12 to the next tick, and the codec's own.
            let limit = if codec == CodecId::Opus { 29.5 } else { 25.5 };
            assert!(
                delay <= limit,
                "{codec}, ticks {phase} ms later: {delay:.1} ms"
            );
            assert!(
                like > if codec == CodecId::Opus { 0.8 } else { 0.999 },
                "{like}"
            );
            let stats = pair.b.stats(pair.at(6e6));
            assert_eq!((stats.lost, stats.late, stats.concealed_ms), (0, 0, 0));
            assert!(stats.buffer_ms <= 13.0, "{} ms", stats.buffer_ms);
            assert!(stats.mos.is_some_and(|mos| mos > 4.3), "{:?}", stats.mos);
        }
    }
}

#[test]
fn packets_of_every_length_are_played() {
    for codec in [CodecId::Opus, CodecId::Alaw] {
        for ptime_ms in [10, 20, 30, 40, 50, 60] {
            let mut there = config(codec);
            there.ptime_ms = ptime_ms;
            let mut pair = Pair::new(there, config(codec), Conditions::default());
            pair.run(5.0);
            let (delay, like) = pair.delay(2);
            let limit = f64::from(ptime_ms) + 15.0;
            assert!(
                ms(delay) <= limit && like > 0.8,
                "{codec} {ptime_ms}: {}, {like}",
                ms(delay)
            );
        }
    }
}

#[test]
fn drift_of_clocks_is_taken_up_for_ten_minutes_without_a_click() {
    for drift in [200.0, -200.0] {
        let mut pair = Pair::same(CodecId::Alaw, Conditions::default());
        pair.says = tone;
        pair.tick_b = 10_000.0 * (1.0 + drift * 1e-6);
        pair.run(600.0);
        let strangest = strangest_sample(&pair.heard[96_000..]);
        assert!(
            strangest < 0.12,
            "{drift} ppm: a click of {strangest} of the tone's level"
        );
        let waits = &pair.waits[1_000..];
        let mean = waits.iter().sum::<f32>() / waits.len() as f32;
        // Between one tick and two, and for a moment what a stretch overshoots.
        let longest = waits.iter().fold(0.0f32, |a, b| a.max(*b));
        assert!(
            mean < 12.0 && longest < 26.0,
            "{drift} ppm: waits {mean} ms, up to {longest} ms"
        );
        let stats = pair.b.stats(pair.at(600e6));
        assert!(
            stats.concealed_ms < 50,
            "{drift} ppm: {} ms concealed",
            stats.concealed_ms
        );
        assert_eq!(stats.late, 0);
    }
}

#[test]
fn the_worst_clocks_are_followed_too() {
    for drift in [500.0, -500.0] {
        let conditions = Conditions {
            jitter_ms: 8.0,
            ..Conditions::default()
        };
        let mut pair = Pair::same(CodecId::Ulaw, conditions);
        pair.tick_b = 10_000.0 * (1.0 + drift * 1e-6);
        pair.run(120.0);
        let longest = pair.waits[2_000..].iter().fold(0.0f32, |a, b| a.max(*b));
        assert!(longest < 33.0, "{drift} ppm: the wait grew to {longest} ms");
        let stats = pair.b.stats(pair.at(120e6));
        assert!(
            stats.concealed_ms < 200,
            "{drift} ppm: {} ms concealed",
            stats.concealed_ms
        );
    }
}

#[test]
fn jitter_is_waited_for_and_calm_shortens_the_wait_again() {
    let conditions = Conditions {
        jitter_ms: 50.0,
        ..Conditions::default()
    };
    let mut pair = Pair::same(CodecId::Alaw, conditions);
    pair.run(30.0);
    let at_first = pair.b.stats(pair.at(30e6));
    assert!(
        (40.0..70.0).contains(&at_first.buffer_ms),
        "{} ms",
        at_first.buffer_ms
    );
    let total = u64::from(at_first.concealed_ms as u32);
    assert!(total < 600, "{total} ms concealed");
    pair.to_b.conditions.jitter_ms = 0.0;
    pair.run(120.0);
    let later = pair.b.stats(pair.at(150e6));
    assert!(later.buffer_ms < 15.0, "{} ms", later.buffer_ms);
    assert!(later.concealed_ms - at_first.concealed_ms < 100);
}

#[test]
fn a_lossy_network_is_bridged_and_counted() {
    for codec in [CodecId::Opus, CodecId::Alaw] {
        let conditions = Conditions {
            delay_ms: 20.0,
            jitter_ms: 30.0,
            loss: 0.05,
            duplicates: 0.05,
            ..Conditions::default()
        };
        let mut pair = Pair::same(codec, conditions);
        pair.says = tone;
        pair.run(40.0);
        // What was lost last is played, too.
        pair.to_b.conditions.loss = 0.0;
        pair.run(0.5);
        let stats = pair.b.stats(pair.at(40e6));
        let dropped = pair.to_b.dropped;
        assert!(
            stats.lost.abs_diff(dropped) <= 2,
            "{} of {dropped}",
            stats.lost
        );
        assert!(
            stats.received_packets <= stats.lost + 2_000,
            "doubles are not counted"
        );
        let whole = stats.lost * 20;
        assert!(
            stats.concealed_ms >= whole && stats.concealed_ms < whole + 1_200,
            "{stats:?}"
        );
        assert!(
            quiet_blocks(&pair.heard) <= 12,
            "{codec}: {}",
            quiet_blocks(&pair.heard)
        );
        assert!(stats.buffer_ms < 80.0, "{} ms", stats.buffer_ms);
        assert!(
            stats.mos.is_some_and(|mos| (2.5..4.3).contains(&mos)),
            "{:?}",
            stats.mos
        );
        // Told of its loss by RTCP, and of the round trip.
        let sender = pair.a.stats(pair.at(40e6));
        assert!(
            sender.lost_by_peer.is_some_and(|lost| lost > 0.01),
            "{:?}",
            sender.lost_by_peer
        );
        let round_trip = sender.round_trip_ms.expect("a round trip");
        assert!((40.0..110.0).contains(&round_trip), "{round_trip} ms");
    }
}

#[test]
fn a_sequence_that_wraps_is_no_gap() {
    let mut pair = Pair::same(
        CodecId::Alaw,
        Conditions {
            jitter_ms: 30.0,
            ..Conditions::default()
        },
    );
    pair.tamper = Some(|n, bytes| {
        let sequence = 65_500u16.wrapping_add(n as u16);
        bytes[2..4].copy_from_slice(&sequence.to_be_bytes());
        let timestamp = (u32::MAX - 8_000).wrapping_add(n as u32 * 160);
        bytes[4..8].copy_from_slice(&timestamp.to_be_bytes());
    });
    pair.run(6.0);
    let stats = pair.b.stats(pair.at(6e6));
    assert_eq!(stats.lost, 0);
    let (_, like) = pair.delay(1);
    assert!(like > 0.99, "{like}");
}

#[test]
fn a_far_side_that_begins_anew_is_followed() {
    // Another source, as after a transfer, and timestamps that jump, as after an announcement.
    let tampers: [fn(usize, &mut Vec<u8>); 3] = [
        |n, bytes| {
            if n >= 150 {
                bytes[8..12].copy_from_slice(&[1, 2, 3, 4]);
            }
        },
        |n, bytes| {
            if n >= 150 {
                bytes[4] = bytes[4].wrapping_add(0x77);
            }
        },
        |n, bytes| {
            if n >= 150 {
                bytes[2] = bytes[2].wrapping_add(0x77);
                bytes[4] = bytes[4].wrapping_sub(0x77);
            }
        },
    ];
    for (case, tamper) in tampers.into_iter().enumerate() {
        let mut pair = Pair::same(CodecId::Ulaw, Conditions::default());
        pair.says = tone;
        pair.tamper = Some(tamper);
        pair.run(6.0);
        let quiet = quiet_blocks(&pair.heard);
        assert!(quiet <= 8, "case {case}: silent for {quiet}0 ms");
        let stats = pair.b.stats(pair.at(6e6));
        assert!(
            stats.buffer_ms < 15.0,
            "case {case}: {} ms",
            stats.buffer_ms
        );
    }
}

#[test]
fn a_stray_source_or_timestamp_is_not_followed() {
    let mut pair = Pair::same(CodecId::Ulaw, Conditions::default());
    pair.says = tone;
    pair.tamper = Some(|n, bytes| match n % 50 {
        20 => bytes[8] ^= 0x55,
        40 => bytes[4] ^= 0x55,
        _ => {}
    });
    pair.run(6.0);
    assert_eq!(quiet_blocks(&pair.heard), 0);
    assert!(pair.b.stats(pair.at(6e6)).buffer_ms < 40.0);
}

#[test]
fn silence_that_is_not_sent_is_no_loss() {
    let mut there = config(CodecId::Opus);
    there.opus = OpusOptions {
        dtx: true,
        ..there.opus
    };
    let mut pair = Pair::new(there, config(CodecId::Opus), Conditions::default());
    pair.says = |n| if n / 96_000 % 2 == 1 { 0.0 } else { voice(n) };
    pair.run(16.0);
    let sent = pair.a.stats(pair.at(16e6)).sent_packets;
    assert!(sent < 700, "{sent} packets of 800");
    let stats = pair.b.stats(pair.at(16e6));
    assert_eq!((stats.lost, stats.late), (0, 0));
    assert!(stats.concealed_ms < 100, "{} ms", stats.concealed_ms);
    assert!(stats.buffer_ms < 20.0, "{} ms", stats.buffer_ms);
    // A talkspurt begins with a marker.
    let markers = pair
        .sent
        .iter()
        .filter(|bytes| RtpReader::new(bytes).is_ok_and(|packet| packet.mark()))
        .count();
    assert!((4..40).contains(&markers), "{markers}");
}

#[test]
fn a_codec_that_changes_in_mid_call_is_heard_at_once() {
    let mut pair = Pair::same(CodecId::Opus, Conditions::default());
    pair.says = tone;
    pair.run(3.0);
    for codec in [CodecId::Alaw, CodecId::Ulaw, CodecId::Opus] {
        let now = pair.at(3e6);
        let before = pair.a.stats(now).sent_packets;
        pair.a
            .reconfigure(now, config(codec))
            .expect("reconfigured");
        pair.run(3.0);
        assert!(pair.a.stats(now).sent_packets >= before + 149);
    }
    let sources: Vec<u32> = pair
        .sent
        .iter()
        .filter_map(|b| RtpReader::new(b).ok().map(|p| p.ssrc()))
        .collect();
    assert!(sources.iter().all(|ssrc| *ssrc == sources[0]));
    assert!(
        quiet_blocks(&pair.heard) <= 6,
        "{}",
        quiet_blocks(&pair.heard)
    );
    let stats = pair.b.stats(pair.at(12e6));
    assert!(stats.lost == 0 && stats.buffer_ms < 20.0, "{stats:?}");
}

#[test]
fn on_hold_nothing_is_sent_but_reports() {
    let mut pair = Pair::same(CodecId::Opus, Conditions::default());
    pair.run(2.0);
    let mut held = config(CodecId::Opus);
    held.direction = Direction::Inactive;
    pair.a.reconfigure(pair.at(2e6), held).expect("held");
    assert!(!pair.a.send_dtmf('1'), "no key on hold");
    let before = (pair.a.stats(pair.at(2e6)).sent_packets, pair.sent.len());
    pair.run(12.0);
    assert_eq!(
        (pair.a.stats(pair.at(14e6)).sent_packets, pair.sent.len()),
        before
    );
    assert!(
        pair.a.stats(pair.at(14e6)).round_trip_ms.is_some(),
        "reports went on"
    );
    pair.a
        .reconfigure(pair.at(14e6), config(CodecId::Opus))
        .expect("resumed");
    pair.run(2.0);
    let first = RtpReader::new(&pair.sent[before.1]).expect("a packet");
    let last = RtpReader::new(&pair.sent[before.1 - 1]).expect("a packet");
    assert!(first.mark());
    let pause = first.timestamp().wrapping_sub(last.timestamp());
    assert!(pause.abs_diff(12 * 48_000) < 2_000, "time went on: {pause}");
    assert_eq!(
        u16::from(first.sequence_number()),
        u16::from(last.sequence_number()) + 1
    );
    let (delay, like) = pair.delay(1);
    assert!(like > 0.8 && ms(delay) < 45.0, "{} {like}", ms(delay));
}

#[test]
fn muted_is_sent_as_silence() {
    let mut pair = Pair::same(CodecId::Alaw, Conditions::default());
    pair.a.set_muted(true);
    pair.run(2.0);
    assert!(pair.sent.len() >= 99);
    assert!(pair.heard.iter().all(|sample| sample.abs() < 0.001));
    pair.a.set_muted(false);
    pair.run(2.0);
    assert!(pair.heard.iter().any(|sample| sample.abs() > 0.1));
}

#[test]
fn keys_arrive_once_each_even_over_a_lossy_network() {
    for codec in [CodecId::Opus, CodecId::Alaw] {
        let conditions = Conditions {
            jitter_ms: 15.0,
            loss: 0.2,
            duplicates: 0.1,
            delay_ms: 5.0,
            ..Conditions::default()
        };
        let mut pair = Pair::same(codec, conditions);
        pair.run(1.0);
        for key in "0123456789*#abcd55".chars() {
            assert!(pair.a.send_dtmf(key));
        }
        assert!(!pair.a.send_dtmf('x'));
        pair.run(5.0);
        assert_eq!(keys_heard(&pair), "0123456789*#ABCD55", "{codec}");
    }
}

fn keys_heard(pair: &Pair) -> String {
    let key = |event: &StreamEvent| match event {
        StreamEvent::Dtmf(key) => Some(*key),
        _ => None,
    };
    pair.events.iter().filter_map(key).collect()
}

#[test]
fn keys_as_tones_are_heard_through_every_codec_and_a_poor_network() {
    for codec in CodecId::ALL {
        for loss in [0.0, 0.02] {
            let conditions = Conditions {
                jitter_ms: 20.0,
                loss,
                ..Conditions::default()
            };
            let mut pair = Pair::same(codec, conditions);
            pair.run(1.0);
            for key in "0123456789*#abcd55".chars() {
                assert!(pair.a.send_tone(key));
            }
            assert!(!pair.a.send_tone('x'));
            pair.run(5.0);
            assert_eq!(
                keys_heard(&pair),
                "0123456789*#ABCD55",
                "{codec}, loss {loss}"
            );
        }
    }
}

#[test]
fn a_key_that_comes_as_an_event_and_as_a_tone_is_one() {
    let mut pair = Pair::same(CodecId::Alaw, Conditions::default());
    pair.run(1.0);
    for key in "1157".chars() {
        assert!(pair.a.send_dtmf(key) && pair.a.send_tone(key));
        pair.run(0.5);
    }
    pair.run(0.5);
    assert_eq!(keys_heard(&pair), "1157");
}

#[test]
fn a_tone_takes_the_place_of_the_microphone_even_when_that_is_muted() {
    let mut pair = Pair::same(CodecId::Alaw, Conditions::default());
    pair.a.set_muted(true);
    pair.run(1.0);
    assert!(pair.a.send_tone('5'));
    pair.run(1.0);
    assert_eq!(keys_heard(&pair), "5");
    let loud = pair
        .heard
        .chunks(480)
        .filter(|block| block[0].abs().max(block[240].abs()) > 0.01);
    assert!((8..=12).contains(&loud.count()), "100 ms");
}

#[test]
fn sound_keeps_silent_during_a_key_and_time_goes_on() {
    let mut pair = Pair::same(CodecId::Alaw, Conditions::default());
    pair.run(1.0);
    pair.a.send_dtmf('7');
    pair.run(1.0);
    let stats = pair.b.stats(pair.at(2e6));
    assert_eq!((stats.lost, stats.concealed_ms), (0, 0), "a key is no loss");
    let packets: Vec<_> = pair
        .sent
        .iter()
        .map(|bytes| RtpReader::new(bytes).expect("a packet"))
        .collect();
    let events: Vec<usize> = (0..packets.len())
        .filter(|n| packets[*n].payload_type() == 101)
        .collect();
    assert_eq!(events.len(), 7);
    assert_eq!(events[6] - events[0], 6, "nothing in between");
    let before = packets[events[0] - 1].timestamp();
    let event = packets[events[0]].timestamp();
    let after = packets[events[6] + 1].timestamp();
    assert_eq!(event.wrapping_sub(before), 160);
    assert_eq!(after.wrapping_sub(event), 1_200, "150 ms");
    for pair in packets.windows(2) {
        let step =
            u16::from(pair[1].sequence_number()).wrapping_sub(pair[0].sequence_number().into());
        assert_eq!(step, 1);
    }
}

#[test]
fn goodbye_is_said_once_and_heard() {
    let mut pair = Pair::same(CodecId::Alaw, Conditions::default());
    pair.run(1.0);
    pair.a.bye(pair.at(1e6));
    pair.a.bye(pair.at(1e6));
    pair.run(1.0);
    assert_eq!(pair.events, [StreamEvent::Bye]);
    assert_eq!(pair.a.poll_timeout(), None);
}

#[test]
fn a_speaker_that_stood_still_goes_on_with_what_is_new() {
    let mut pair = Pair::same(CodecId::Alaw, Conditions::default());
    pair.run(2.0);
    pair.pause_b(3.0);
    pair.run(6.0);
    let (delay, like) = pair.delay(1);
    assert!(like > 0.9, "{like}");
    assert!(pair.b.stats(pair.at(8e6)).buffer_ms < 20.0);
    assert!(delay < 14_400);
}

#[test]
fn a_way_that_is_too_narrow_is_sent_no_more_than_it_carries() {
    let mut pair = Pair::same(CodecId::Opus, Conditions::default());
    pair.run(5.0);
    pair.to_b.conditions.bit_rate = 36_000.0;
    pair.run(40.0);
    let before = pair.a.stats(pair.at(45e6)).sent_bytes;
    pair.run(10.0);
    let rate = (pair.a.stats(pair.at(55e6)).sent_bytes - before) as f64 * 8.0 / 10.0;
    assert!(rate < 26_000.0, "{rate} bit/s of sound");
    let buffer = pair.b.stats(pair.at(55e6)).buffer_ms;
    assert!(buffer < 300.0, "{buffer} ms");
    pair.to_b.conditions.bit_rate = 0.0;
    pair.run(160.0);
    let before = pair.a.stats(pair.at(215e6)).sent_bytes;
    pair.run(10.0);
    let rate = (pair.a.stats(pair.at(225e6)).sent_bytes - before) as f64 * 8.0 / 10.0;
    assert!(rate > 35_000.0, "{rate} bit/s of sound");
}
