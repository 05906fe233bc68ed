//! Datagrams of DTLS at a side that waits and at one that begins: no panic, and bounded.
//!
//! The input is datagrams, each after its length.
#![no_main]

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use gudok_fuzz::media::dtls::{Association, Identity};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    static IDENTITY: OnceLock<Arc<Identity>> = OnceLock::new();
    let identity = IDENTITY.get_or_init(|| Arc::new(Identity::make().expect("randomness")));
    let mut now = Instant::now();
    for active in [false, true] {
        let known = vec![identity.fingerprint().clone()];
        let mut side = Association::new(identity.clone(), active, known, now);
        let mut rest = input;
        while let Some((length, more)) = rest.split_first() {
            let (datagram, more) = more.split_at(more.len().min(usize::from(*length)));
            rest = more;
            side.receive(now, datagram);
            now += Duration::from_millis(100);
            side.handle_timeout(now);
            let mut sent = 0;
            while side.poll_transmit().is_some() {
                sent += 1;
            }
            assert!(sent <= 64);
        }
    }
});
