use rsip::Method;

use super::*;
use crate::sip::auth::{Credentials, DigestClient};
use crate::sip::message::{HeadersEdit, name_and_value, request, response_to};

fn password_of(user: &str) -> Option<SecretString> {
    let passwords = [("anna", "tea \"pot\""), ("Иван", "пароль")];
    passwords
        .iter()
        .find(|(known, _)| *known == user)
        .map(|(_, password)| SecretString::from(*password))
}

/// A server and a client that talk without a network between them.
struct Line {
    now: Instant,
    server: DigestServer,
    client: DigestClient,
    credentials: Credentials,
    rng: Rng,
}

impl Line {
    fn new(algorithms: &[Algorithm], username: &str, password: &str) -> Self {
        Self {
            now: Instant::now(),
            server: DigestServer::new("gudok \"test\"", algorithms.to_vec(), 1),
            client: DigestClient::new(),
            credentials: Credentials {
                username: username.into(),
                password: SecretString::from(password),
                realm: None,
            },
            rng: Rng::with_seed(2),
        }
    }

    fn request(&mut self) -> Request {
        let uri = "sip:gudok.test;transport=tcp";
        let parsed = uri.parse().expect("URI");
        let headers = self.client.authorize(
            &Method::Register,
            uri,
            b"body",
            &self.credentials,
            &mut self.rng,
        );
        request(Method::Register, &parsed, headers, b"body".to_vec())
    }

    fn judge(&mut self, request: &Request) -> Verdict {
        self.server.verify(self.now, request, password_of)
    }

    /// The server challenges; whether the client tries again.
    fn challenge(&mut self, stale: bool) -> bool {
        let headers = if stale {
            self.server.challenge_stale(self.now)
        } else {
            self.server.challenge(self.now)
        };
        let asked = self.request();
        let response = response_to(&asked, 401, None, None, headers, vec![]);
        self.client
            .challenge(&response, &self.credentials)
            .expect("challenge")
    }
}

const ALL: [Algorithm; 3] = [Algorithm::Sha512_256, Algorithm::Sha256, Algorithm::Md5];

#[test]
fn client_and_server_agree_with_every_algorithm() {
    for algorithm in ALL {
        for (user, password) in [("anna", "tea \"pot\""), ("Иван", "пароль")] {
            let mut line = Line::new(&[algorithm], user, password);
            let first = line.request();
            assert_eq!(line.judge(&first), Verdict::Missing);
            assert!(line.challenge(false));
            for _ in 0..3 {
                let request = line.request();
                assert_eq!(line.judge(&request), Verdict::Ok(user.into()));
            }
        }
    }
}

#[test]
fn one_header_per_algorithm_is_offered_with_one_nonce() {
    let mut line = Line::new(&ALL, "anna", "");
    let headers = line.server.challenge(line.now);
    let values: Vec<_> = headers
        .iter()
        .map(|header| name_and_value(header).1)
        .collect();
    assert_eq!(values.len(), 3);
    assert!(
        values[0].starts_with(r#"Digest realm="gudok \"test\"", nonce=""#)
            && values[0].ends_with(r#", algorithm=SHA-512-256, qop="auth""#),
        "{}",
        values[0]
    );
}

#[test]
fn a_wrong_password_or_user_is_refused() {
    for (user, password) in [("anna", "teapot"), ("nobody", "tea \"pot\"")] {
        let mut line = Line::new(&ALL, user, password);
        line.challenge(false);
        let request = line.request();
        assert_eq!(line.judge(&request), Verdict::Refused);
    }
}

#[test]
fn the_same_credentials_are_not_taken_twice() {
    let mut line = Line::new(&ALL, "anna", "tea \"pot\"");
    line.challenge(false);
    let (first, second) = (line.request(), line.request());
    assert_eq!(line.judge(&second), Verdict::Ok("anna".into()));
    assert_eq!(line.judge(&second), Verdict::Stale);
    assert_eq!(line.judge(&first), Verdict::Stale);
}

#[test]
fn an_old_nonce_is_stale_and_a_new_one_heals_it() {
    let mut line = Line::new(&ALL, "anna", "tea \"pot\"");
    line.challenge(false);
    line.now += NONCE_LIFE;
    let request = line.request();
    assert_eq!(line.judge(&request), Verdict::Stale);
    assert!(line.challenge(true));
    let request = line.request();
    assert_eq!(line.judge(&request), Verdict::Ok("anna".into()));
}

#[test]
fn credentials_for_another_request_body_realm_or_nonce_are_not_taken() {
    let mut line = Line::new(&ALL, "anna", "tea \"pot\"");
    line.challenge(false);
    let good = line.request();
    let value = good.text("Authorization").expect("header").to_owned();

    let mut other = good.clone();
    other.method = Method::Invite;
    assert_eq!(line.judge(&other), Verdict::Refused);

    let elsewhere = "sip:evil.test".parse().expect("URI");
    let fields = vec![header("Authorization", value.clone())];
    let moved = request(Method::Register, &elsewhere, fields, vec![]);
    assert_eq!(line.judge(&moved), Verdict::Refused);

    for (from, to, verdict) in [
        ("realm=", "realm=\"x\", y=", Verdict::Missing),
        ("Digest", "Basic", Verdict::Missing),
        ("response=\"", "response=\"0", Verdict::Refused),
        ("nc=0000000", "nc=0000001", Verdict::Refused),
        ("nc=00000", "nc=xxxxx", Verdict::Refused),
        ("SHA-512-256", "SHA-256", Verdict::Refused),
        ("nonce=\"", "nonce=\"0", Verdict::Refused),
    ] {
        let mut changed = good.clone();
        changed
            .headers
            .set("Authorization", value.replacen(from, to, 1));
        assert_eq!(line.judge(&changed), verdict, "{from}");
    }
    assert_eq!(line.judge(&good), Verdict::Ok("anna".into()));
}

#[test]
fn a_nonce_of_another_server_is_stale() {
    let mut line = Line::new(&ALL, "anna", "tea \"pot\"");
    line.challenge(false);
    line.server = DigestServer::new("gudok \"test\"", ALL.to_vec(), 99);
    let request = line.request();
    assert_eq!(line.judge(&request), Verdict::Stale);
}

#[test]
fn nonces_in_use_are_bounded_and_the_forgotten_are_dead() {
    let mut server = DigestServer::new("r", ALL.to_vec(), 1);
    let start = Instant::now();
    let mut nonces = Vec::new();
    for step in 0..MOST_NONCES + 1 {
        let now = start + Duration::from_millis(u64::try_from(step).expect("small"));
        let stem = format!("{:x}.1", step);
        server.age_of_server(start);
        let nonce = server.nonce(&stem);
        assert!(server.use_nonce(now, &nonce, 1));
        nonces.push((now, nonce));
    }
    assert!(server.used.len() <= MOST_NONCES);
    let (now, last) = nonces.pop().expect("nonce");
    let (_, first) = nonces.swap_remove(0);
    assert!(!server.use_nonce(now, &first, 2));
    assert!(server.use_nonce(now, &last, 2));
}
