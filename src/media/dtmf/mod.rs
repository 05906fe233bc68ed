//! Telephone keys: as RTP events (RFC 4733), and as tones in the sound (ITU-T Q.23).

mod detect;
mod merge;
mod receive;
mod send;
mod tone;

pub use detect::ToneDetector;
pub use merge::DigitMerger;
pub use receive::EventReceiver;
pub use send::EventSender;
pub use tone::ToneSender;

/// The keys in the order of their event codes (RFC 4733 3.2).
const KEYS: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D',
];

/// The event code of a key; letters in either case.
pub fn code_of(key: char) -> Option<u8> {
    let key = key.to_ascii_uppercase();
    KEYS.iter()
        .position(|known| *known == key)
        .and_then(|code| u8::try_from(code).ok())
}

/// The key of an event code.
pub fn key_of(code: u8) -> Option<char> {
    KEYS.get(usize::from(code)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_code() {
        for code in 0..16 {
            assert_eq!(key_of(code).and_then(code_of), Some(code));
        }
        assert_eq!(
            (code_of('d'), code_of('*'), code_of('#')),
            (Some(15), Some(10), Some(11))
        );
        assert_eq!((code_of('x'), key_of(16)), (None, None));
    }
}
