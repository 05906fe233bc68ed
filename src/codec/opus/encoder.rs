use std::ops::RangeInclusive;

use super::library::{self, EncoderSetting};
use super::{MAX_PAYLOAD, setup};
use crate::codec::{CodecError, CodecId, Encoder, OpusOptions};

/// The balance of processing against sound, 0 to 10.
const COMPLEXITY: u8 = 5;
/// Two octets or less are a frame of discontinuous transmission, which need not be sent.
const DTX_PAYLOAD: usize = 2;
/// The least and the most that `maxaveragebitrate` may be, bit/s (RFC 7587 7).
const BIT_RATES: RangeInclusive<u32> = 6_000..=510_000;
/// The sound that each packet repeats when loss is expected, in 10 ms.
const REDUNDANCY: u8 = 10;

/// The encoder.
pub struct OpusEncoder {
    library: library::Encoder,
    bit_rate: u32,
    dtx: bool,
    fec: bool,
    expected_loss: u8,
}

impl OpusEncoder {
    /// An encoder for speech.
    pub fn new(options: &OpusOptions) -> Result<Self, CodecError> {
        let bit_rate = bounded(options.bitrate);
        let mut library = library::Encoder::new().map_err(setup)?;
        for setting in [
            EncoderSetting::Bitrate(bit_rate),
            EncoderSetting::Complexity(COMPLEXITY),
            EncoderSetting::Fec(options.fec),
            EncoderSetting::Dtx(options.dtx),
        ] {
            library.set(setting).map_err(setup)?;
        }
        Ok(Self {
            library,
            bit_rate,
            dtx: options.dtx,
            fec: options.fec,
            expected_loss: 0,
        })
    }
}

impl Encoder for OpusEncoder {
    fn encode(&mut self, sound: &[f32], payload: &mut Vec<u8>) -> Result<(), CodecError> {
        payload.resize(MAX_PAYLOAD, 0);
        match self.library.encode(sound, payload) {
            Ok(length) if self.dtx && length <= DTX_PAYLOAD => payload.clear(),
            Ok(length) => payload.truncate(length),
            Err(error) => {
                payload.clear();
                return Err(CodecError::Encode {
                    codec: CodecId::Opus,
                    reason: error.to_string(),
                });
            }
        }
        Ok(())
    }

    /// The library divides the bit rate between the sound and what is repeated of earlier sound,
    /// by LBRR and DRED, as the loss asks. Without FEC nothing is repeated.
    fn expect_loss(&mut self, percent: u8) {
        let percent = percent.min(100);
        if percent == self.expected_loss {
            return;
        }
        self.expected_loss = percent;
        let redundancy = match self.fec && percent > 0 {
            true => REDUNDANCY,
            false => 0,
        };
        // Nothing that is in bounds is refused.
        let _ = self.library.set(EncoderSetting::ExpectedLoss(percent));
        let _ = self.library.set(EncoderSetting::Redundancy(redundancy));
    }

    fn limit(&mut self, bit_rate: u32) {
        let bit_rate = self.bit_rate.min(bounded(bit_rate));
        let _ = self.library.set(EncoderSetting::Bitrate(bit_rate));
    }
}

fn bounded(bit_rate: u32) -> u32 {
    bit_rate.clamp(*BIT_RATES.start(), *BIT_RATES.end())
}
