//! How a call probably sounds: the E-model of ITU-T G.107 and, for wideband, G.107.1, simplified.

use crate::codec::CodecId;

/// What the estimate is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conditions {
    /// The codec heard.
    pub codec: CodecId,
    /// The part of packets lost or late, 0 to 1.
    pub loss: f32,
    /// Whether the codec repeats lost packets.
    pub repeats: bool,
    /// From mouth to ear, milliseconds.
    pub delay_ms: f32,
}

/// What it comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opinion {
    /// The transmission rating R, 0 to 100; of wideband, as a part of what that can reach.
    pub rating: f32,
    /// The mean opinion score of listening, 1.0 to 4.5.
    pub listening: f32,
    /// The mean opinion score of conversation, which delay makes worse, 1.0 to 4.5.
    pub conversation: f32,
}

/// The best rating on the scale of G.107 and on that of G.107.1.
const NARROWBAND: f32 = 93.2;
const WIDEBAND: f32 = 129.0;

/// What people would say.
pub fn opinion(conditions: &Conditions) -> Opinion {
    // The equipment's impairment and robustness against random loss (G.113 appendices I and IV;
    // the robustness of Opus and G.722 is estimated from how PESQ falls with loss).
    let (best, equipment, robustness) = match (conditions.codec, conditions.repeats) {
        (CodecId::Opus, true) => (WIDEBAND, 0.0, 40.0),
        (CodecId::Opus, false) => (WIDEBAND, 0.0, 20.0),
        (CodecId::G722, _) => (WIDEBAND, 13.0, 20.0),
        (CodecId::Alaw | CodecId::Ulaw, _) => (NARROWBAND, 0.0, 25.1),
    };
    let scale = match best == WIDEBAND {
        true => 100.0 / WIDEBAND,
        false => 1.0,
    };
    let loss = conditions.loss.clamp(0.0, 1.0) * 100.0;
    let equipment = equipment + (95.0 - equipment) * loss / (loss + robustness);
    let delay = conditions.delay_ms.max(0.0);
    let delay_impairment = 0.024 * delay + 0.11 * (delay - 177.3).max(0.0);
    let rating = |delay: f32| ((best - equipment - delay) * scale).clamp(0.0, 100.0);
    Opinion {
        rating: rating(delay_impairment),
        listening: score(rating(0.0)),
        conversation: score(rating(delay_impairment)),
    }
}

/// G.107 annex B.
fn score(rating: f32) -> f32 {
    let score = 1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6;
    score.clamp(1.0, 4.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(codec: CodecId, loss: f32, delay_ms: f32) -> Opinion {
        opinion(&Conditions {
            codec,
            loss,
            repeats: false,
            delay_ms,
        })
    }

    #[test]
    fn a_clean_call_is_good_and_loss_and_delay_make_it_worse() {
        let score = |codec, loss, delay| of(codec, loss, delay).conversation;
        assert!((score(CodecId::Alaw, 0.0, 0.0) - 4.41).abs() < 0.02);
        assert!((score(CodecId::Opus, 0.0, 60.0) - 4.48).abs() < 0.03);
        assert!((score(CodecId::G722, 0.0, 0.0) - 4.35).abs() < 0.03);
        let mut before = 5.0;
        for loss in [0.0, 0.01, 0.05, 0.1, 0.3, 1.0] {
            let now = score(CodecId::Alaw, loss, 50.0);
            assert!(now < before && now >= 1.0);
            before = now;
        }
        assert!(score(CodecId::Opus, 0.0, 400.0) < score(CodecId::Opus, 0.0, 150.0) - 0.3);
        assert!(score(CodecId::Opus, 1.0, 10_000.0) >= 1.0);
    }

    #[test]
    fn who_only_listens_minds_no_delay() {
        let slow = of(CodecId::Alaw, 0.02, 300.0);
        let quick = of(CodecId::Alaw, 0.02, 0.0);
        assert_eq!(slow.listening, quick.listening);
        assert!(slow.conversation < quick.conversation && slow.rating < quick.rating);
    }
}
