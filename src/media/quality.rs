//! How a call probably sounds: the E-model of ITU-T G.107, simplified.

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

/// The mean opinion score, 1.0 to 4.5.
pub fn mean_opinion_score(conditions: &Conditions) -> f32 {
    // Robustness against random loss (G.113 appendix I; for Opus an estimate).
    let robustness = match (conditions.codec, conditions.repeats) {
        (CodecId::Opus, true) => 40.0,
        (CodecId::Opus, false) => 20.0,
        (CodecId::G722 | CodecId::Alaw | CodecId::Ulaw, _) => 25.1,
    };
    let loss = conditions.loss.clamp(0.0, 1.0) * 100.0;
    let equipment = 95.0 * loss / (loss + robustness);
    let delay = conditions.delay_ms.max(0.0);
    let delay_impairment = 0.024 * delay + 0.11 * (delay - 177.3).max(0.0);
    let rating = (93.2 - equipment - delay_impairment).clamp(0.0, 100.0);
    // G.107 annex B.
    let score = 1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6;
    score.clamp(1.0, 4.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(codec: CodecId, loss: f32, delay_ms: f32) -> f32 {
        mean_opinion_score(&Conditions {
            codec,
            loss,
            repeats: false,
            delay_ms,
        })
    }

    #[test]
    fn a_clean_call_is_good_and_loss_and_delay_make_it_worse() {
        assert!((score(CodecId::Alaw, 0.0, 0.0) - 4.41).abs() < 0.02);
        assert!((score(CodecId::Opus, 0.0, 60.0) - 4.38).abs() < 0.03);
        let mut before = 5.0;
        for loss in [0.0, 0.01, 0.05, 0.1, 0.3, 1.0] {
            let now = score(CodecId::Alaw, loss, 50.0);
            assert!(now < before && now >= 1.0);
            before = now;
        }
        assert!(score(CodecId::Opus, 0.0, 400.0) < score(CodecId::Opus, 0.0, 150.0) - 0.5);
        assert!(score(CodecId::Opus, 1.0, 10_000.0) >= 1.0);
    }
}
