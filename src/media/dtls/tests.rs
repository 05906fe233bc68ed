use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::media::srtp::Suite;

fn identity() -> Arc<Identity> {
    Arc::new(Identity::make().expect("randomness"))
}

/// Two sides, their time, and what each has come to.
struct Pair {
    now: Instant,
    client: Association,
    server: Association,
    of_client: Vec<Progress>,
    of_server: Vec<Progress>,
}

impl Pair {
    fn new(client_expects: &Identity, server_expects: &Identity) -> Self {
        Self::of(&identity(), &identity(), |_, _| {
            (
                client_expects.fingerprint().clone(),
                server_expects.fingerprint().clone(),
            )
        })
    }

    fn of(
        client: &Arc<Identity>,
        server: &Arc<Identity>,
        expected: impl Fn(&Identity, &Identity) -> (Fingerprint, Fingerprint),
    ) -> Self {
        let now = Instant::now();
        let (client_expects, server_expects) = expected(client, server);
        Self {
            now,
            client: Association::new(client.clone(), true, vec![client_expects], now),
            server: Association::new(server.clone(), false, vec![server_expects], now),
            of_client: Vec::new(),
            of_server: Vec::new(),
        }
    }

    fn trusting() -> Self {
        Self::of(&identity(), &identity(), |client, server| {
            (server.fingerprint().clone(), client.fingerprint().clone())
        })
    }

    /// Goes on for so long; `lost` says of each datagram whether it is lost.
    fn run(&mut self, time: Duration, mut lost: impl FnMut() -> bool) {
        let until = self.now + time;
        while self.now < until {
            while let Some(datagram) = self.client.poll_transmit() {
                if !lost() {
                    let progress = self.server.receive(self.now, &datagram);
                    self.of_server.push(progress);
                }
            }
            while let Some(datagram) = self.server.poll_transmit() {
                if !lost() {
                    let progress = self.client.receive(self.now, &datagram);
                    self.of_client.push(progress);
                }
            }
            self.now += Duration::from_millis(50);
            self.of_client.push(self.client.handle_timeout(self.now));
            self.of_server.push(self.server.handle_timeout(self.now));
        }
    }

    fn keys(
        side: &[Progress],
    ) -> Option<(
        &crate::media::srtp::MasterKey,
        &crate::media::srtp::MasterKey,
    )> {
        side.iter().find_map(|progress| match progress {
            Progress::Keys { ours, theirs } => Some((ours, theirs)),
            _ => None,
        })
    }

    fn agreed(&self) -> bool {
        let (client, server) = (Self::keys(&self.of_client), Self::keys(&self.of_server));
        match (client, server) {
            (Some((a, b)), Some((c, d))) => a == d && b == c && a != b,
            _ => false,
        }
    }
}

#[test]
fn both_sides_come_to_the_same_keys_each_its_own_way() {
    let mut pair = Pair::trusting();
    pair.run(Duration::from_millis(500), || false);
    assert!(pair.agreed());
    let (ours, _) = Pair::keys(&pair.of_client).expect("keys");
    assert_eq!(ours.suite(), Suite::AeadAes256Gcm);
}

#[test]
fn what_is_lost_is_sent_again() {
    for seed in 0..8 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut pair = Pair::trusting();
        pair.run(Duration::from_secs(18), || rng.f64() < 0.3);
        assert!(pair.agreed(), "seed {seed}");
    }
}

#[test]
fn a_certificate_that_the_description_did_not_tell_of_gives_no_keys() {
    let other = identity();
    let mut pair = Pair::new(&other, &other);
    pair.run(Duration::from_secs(1), || false);
    assert!(Pair::keys(&pair.of_client).is_none() && Pair::keys(&pair.of_server).is_none());
    let wrong = Progress::Failed(DtlsFailure::WrongCertificate);
    assert!(pair.of_client.contains(&wrong));
}

#[test]
fn a_client_that_is_not_whom_it_should_be_gives_no_keys_to_the_server() {
    let other = identity();
    let mut pair = Pair::of(&identity(), &identity(), |_, server| {
        (server.fingerprint().clone(), other.fingerprint().clone())
    });
    pair.run(Duration::from_secs(1), || false);
    assert!(Pair::keys(&pair.of_server).is_none());
    let wrong = Progress::Failed(DtlsFailure::WrongCertificate);
    assert_eq!(pair.of_server.iter().filter(|p| **p == wrong).count(), 1);
}

#[test]
fn a_far_side_that_begins_anew_gets_new_keys_and_a_stranger_takes_none_away() {
    let (client, server) = (identity(), identity());
    let expected = |client: &Identity, server: &Identity| {
        (server.fingerprint().clone(), client.fingerprint().clone())
    };
    let mut pair = Pair::of(&client, &server, expected);
    pair.run(Duration::from_millis(500), || false);
    assert!(pair.agreed());
    // Somebody else says hello, with a certificate that is not awaited.
    let known = vec![server.fingerprint().clone()];
    let theirs = std::mem::replace(
        &mut pair.client,
        Association::new(identity(), true, known.clone(), pair.now),
    );
    pair.of_server.clear();
    pair.run(Duration::from_secs(30), || false);
    assert!(
        pair.of_server
            .iter()
            .all(|progress| *progress == Progress::None)
    );
    drop(theirs);
    // The client itself does.
    pair.client = Association::new(client, true, known, pair.now);
    pair.of_client.clear();
    pair.run(Duration::from_secs(1), || false);
    assert!(pair.agreed());
}

#[test]
fn a_far_side_that_says_nothing_is_given_up() {
    let mut pair = Pair::trusting();
    pair.run(Duration::from_secs(25), || true);
    let silent = Progress::Failed(DtlsFailure::NoAnswer);
    for side in [&pair.of_client, &pair.of_server] {
        assert_eq!(side.iter().filter(|p| **p == silent).count(), 1);
    }
    assert_eq!(pair.client.poll_timeout(), None);
}

#[test]
fn strangers_don_t_keep_two_sides_from_their_keys() {
    let mut pair = Pair::trusting();
    for junk in [
        &b"\x16\xfe\xfd"[..],
        &[22; 40],
        &[21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 40],
    ] {
        pair.server.receive(pair.now, junk);
        pair.client.receive(pair.now, junk);
    }
    pair.run(Duration::from_secs(5), || false);
    assert!(pair.agreed());
}

#[test]
fn a_fingerprint_is_read_in_any_case_and_of_every_hash() {
    let identity = identity();
    let certificate = &identity.certificate.certificate;
    let own = identity.fingerprint();
    assert!(own.is_of(certificate));
    assert_eq!(own.to_string().parse().as_ref(), Ok(own));
    assert_eq!(own.to_string().to_lowercase().parse().as_ref(), Ok(own));
    // RFC 3174 7.3 and FIPS 180-2 B.1, C.1: the hashes of "abc".
    for text in [
        "SHA-1 A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D",
        "sha-256 BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:F2:00:15:AD",
    ] {
        let fingerprint: Fingerprint = text.parse().expect("a fingerprint");
        assert!(fingerprint.is_of(b"abc") && !fingerprint.is_of(b"abd"));
    }
    for text in ["", "sha-256", "sha-256 AB:CD", "md5 00:11", "sha-256 É"] {
        assert!(text.parse::<Fingerprint>().is_err(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_datagram_does_harm(
        datagrams in prop::collection::vec((any::<bool>(), 20u8..64, prop::collection::vec(any::<u8>(), 0..80)), 1..40),
        flips in prop::collection::vec(any::<prop::sample::Index>(), 1..6),
    ) {
        let mut pair = Pair::trusting();
        for (to_server, kind, rest) in datagrams {
            let datagram = [vec![kind], rest].concat();
            let side = if to_server { &mut pair.server } else { &mut pair.client };
            side.receive(pair.now, &datagram);
            while side.poll_transmit().is_some() {}
        }
        // And one that is nearly right.
        let mut pair = Pair::trusting();
        for flip in flips {
            if let Some(mut hello) = pair.client.poll_transmit() {
                let at = flip.index(hello.len());
                hello[at] ^= 0x41;
                pair.server.receive(pair.now, &hello);
            }
            pair.now += Duration::from_millis(700);
            pair.client.handle_timeout(pair.now);
        }
    }
}
