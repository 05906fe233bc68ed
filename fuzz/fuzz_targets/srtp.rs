//! Packets of SRTP and SRTCP: any octets are opened or refused, and what is sealed is opened.
//!
//! The first octet of the input chooses the suite, the rest are packets, each after its length.
#![no_main]

use gudok_fuzz::media::srtp::{MasterKey, Opener, Sealer, Suite};
use libfuzzer_sys::fuzz_target;
use secrecy::zeroize::Zeroizing;

fuzz_target!(|input: &[u8]| {
    let Some((first, mut rest)) = input.split_first() else {
        return;
    };
    let suite = Suite::ALL[usize::from(*first) % Suite::ALL.len()];
    let length = suite.key_length() + suite.salt_length();
    let key = MasterKey::new(suite, Zeroizing::new(vec![7; length])).expect("a key");
    let (Some(mut sealer), Some(mut opener)) = (Sealer::new(&key), Opener::new(&key)) else {
        panic!("a key that fits")
    };
    while let Some((length, more)) = rest.split_first() {
        let (packet, more) = more.split_at(more.len().min(usize::from(*length)));
        rest = more;
        let _ = opener.open_rtp(&mut packet.to_vec());
        let _ = opener.open_rtcp(&mut packet.to_vec());
        let mut fresh = Opener::new(&key).expect("a key that fits");
        let mut sealed = packet.to_vec();
        if sealer.seal_rtp(&mut sealed).is_ok() {
            // The sealer counts on over all packets, a fresh opener begins with the first.
            let _ = opener.open_rtp(&mut sealed.clone());
            let mut again = packet.to_vec();
            let mut one = Sealer::new(&key).expect("a key that fits");
            one.seal_rtp(&mut again).expect("the same packet");
            fresh.open_rtp(&mut again).expect("what was sealed");
            assert_eq!(again, packet);
        }
        let mut sealed = packet.to_vec();
        if sealer.seal_rtcp(&mut sealed).is_ok() {
            fresh.open_rtcp(&mut sealed).expect("what was sealed");
            assert_eq!(sealed, packet);
        }
    }
});
