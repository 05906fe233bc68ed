//! What a person must never hear, however much is lost.

use crate::codec::CodecId;
use crate::media::tests::network::{Conditions, Pair, voice};

/// Ten milliseconds.
const BLOCK: usize = 480;

fn power(sound: &[f32]) -> f32 {
    sound.iter().map(|x| x * x).sum::<f32>() / sound.len() as f32
}

fn largest_step(sound: &[f32]) -> f32 {
    let steps = sound.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    steps.fold(0.0, f32::max)
}

fn poor(codec: CodecId) -> Pair {
    Pair::same(
        codec,
        Conditions {
            loss: 0.2,
            jitter_ms: 20.0,
            ..Conditions::default()
        },
    )
}

#[test]
fn with_a_fifth_lost_nothing_is_louder_than_what_was_said_around_it() {
    for codec in CodecId::ALL {
        let mut pair = poor(codec);
        pair.run(12.0);
        let said: Vec<f32> = (0..pair.heard.len()).map(voice).map(|x| x * x).collect();
        let said: Vec<f32> = said
            .chunks(BLOCK)
            .map(|b| b.iter().sum::<f32>() / 480.0)
            .collect();
        for (n, block) in pair.heard.chunks(BLOCK).enumerate() {
            // What is heard was said up to 250 ms before.
            let around = said.get(n.saturating_sub(25)..=n).unwrap_or_default();
            let loudest = around.iter().fold(0.0f32, |a, b| a.max(*b));
            // 6 dB for what coding adds, most of all where the scale of G.722 lost its way.
            assert!(
                power(block) < 4.0 * loudest + 1e-5,
                "{codec}, {} ms: {} of {loudest}",
                n * 10,
                power(block)
            );
        }
    }
}

#[test]
fn with_a_fifth_lost_nothing_clicks() {
    for codec in CodecId::ALL {
        let mut clean = Pair::same(codec, Conditions::default());
        clean.run(10.0);
        let usual = largest_step(&clean.heard);
        let mut pair = poor(codec);
        pair.run(10.0);
        let largest = largest_step(&pair.heard);
        assert!(
            largest < 2.0 * usual,
            "{codec}: {largest}, without loss {usual}"
        );
    }
}

#[test]
fn what_is_made_up_is_gone_before_it_sounds_like_a_machine() {
    for codec in CodecId::ALL {
        // Cut off at several places in the voice.
        for tenths in [20, 22, 25, 27] {
            let mut pair = Pair::same(codec, Conditions::default());
            pair.run(f64::from(tenths) * 0.1);
            let speech = pair.heard.len();
            pair.to_b.conditions.loss = 1.0;
            pair.run(0.6);
            let before = power(&pair.heard[speech - 10 * BLOCK..speech]);
            let after = &pair.heard[speech + 25 * BLOCK..];
            // 250 ms later, of which up to 50 are what was under way: 30 dB down, or a pause.
            assert!(
                power(after) < before / 1_000.0 + 1e-5,
                "{codec}: {} after {before}",
                power(after)
            );
        }
    }
}

#[test]
fn a_far_side_that_asks_is_told_how_it_is_heard() {
    let mut pair = poor(CodecId::Opus);
    pair.run(12.0);
    let told = pair.a.stats(pair.at(12e6)).heard_by_peer.expect("metrics");
    assert!((told.loss - 0.2).abs() < 0.05, "{told:?}");
    let own = pair.b.stats(pair.at(12e6));
    let (theirs, ours) = (told.mos_cq.expect("a score"), own.mos.expect("a score"));
    assert!((theirs - ours).abs() < 0.4, "{theirs} {ours}");
    assert!(own.bursts.burst_density > 0.1 && own.bursts.burst_ms > 100.0);

    let mut silent = crate::media::tests::network::config(CodecId::Opus);
    silent.voip_metrics = false;
    let mut pair = Pair::new(silent.clone(), silent, Conditions::default());
    pair.run(12.0);
    assert_eq!(pair.a.stats(pair.at(12e6)).heard_by_peer, None);
}
