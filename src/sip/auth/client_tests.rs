use secrecy::SecretString;

use super::*;
use crate::sip::auth::challenge::Scheme;
use crate::sip::message::{name_and_value, status_code};

fn credentials() -> Credentials {
    Credentials {
        username: "Mufasa".into(),
        password: SecretString::from("Circle of Life"),
        realm: None,
    }
}

fn response(status: u16, challenges: &[(&str, &str)]) -> Response {
    Response {
        status_code: status_code(status, None),
        headers: challenges
            .iter()
            .map(|(name, value)| header(name, *value))
            .collect::<Vec<_>>()
            .into(),
        ..Response::default()
    }
}

fn unauthorized(value: &str) -> Response {
    response(401, &[("WWW-Authenticate", value)])
}

/// A registering client with its answers taken apart.
struct Phone {
    client: DigestClient,
    credentials: Credentials,
    rng: Rng,
}

impl Phone {
    fn new() -> Self {
        Self {
            client: DigestClient::new(),
            credentials: credentials(),
            rng: Rng::with_seed(7),
        }
    }

    fn hears(&mut self, response: &Response) -> Result<bool, AuthError> {
        self.client.challenge(response, &self.credentials)
    }

    fn sends(&mut self) -> Vec<(String, Scheme)> {
        let uri = "sip:example.org";
        self.client
            .authorize(
                &Method::Register,
                uri,
                b"",
                &self.credentials,
                &mut self.rng,
            )
            .iter()
            .map(|header| {
                let (name, value) = name_and_value(header);
                let scheme = schemes(value).into_iter().next().expect("scheme");
                (name.to_owned(), scheme)
            })
            .collect()
    }

    fn sends_one(&mut self) -> Scheme {
        let mut sent = self.sends();
        assert_eq!(sent.len(), 1);
        sent.remove(0).1
    }
}

#[test]
fn the_first_request_goes_out_without_credentials() {
    assert!(Phone::new().sends().is_empty());
}

#[test]
fn a_challenge_is_answered_and_later_requests_count_on() {
    let mut phone = Phone::new();
    let challenge = r#"Digest realm="r", nonce="n1", opaque="o\"p", qop="auth,auth-int""#;
    assert_eq!(phone.hears(&unauthorized(challenge)), Ok(true));
    let first = phone.sends_one();
    assert_eq!(first.get("username"), Some("Mufasa"));
    assert_eq!(first.get("nc"), Some("00000001"));
    assert_eq!(first.get("qop"), Some("auth"));
    assert_eq!(first.get("opaque"), Some("o\"p"));
    assert_eq!(first.get("uri"), Some("sip:example.org"));
    assert_eq!(first.get("algorithm"), None);
    let second = phone.sends_one();
    assert_eq!(second.get("nc"), Some("00000002"));
    assert_ne!(second.get("cnonce"), first.get("cnonce"));
    assert_ne!(second.get("response"), first.get("response"));
}

#[test]
fn the_strongest_algorithm_wins_wherever_it_stands() {
    let mut phone = Phone::new();
    let offer = |algorithm: &str| {
        (
            "WWW-Authenticate",
            format!("Digest realm=\"r\", nonce=\"n\", algorithm={algorithm}, qop=\"auth\""),
        )
    };
    let lines = [
        offer("MD5"),
        offer("SHA-512-256"),
        offer("SHA-256"),
        offer("SHA-3"),
    ];
    let lines: Vec<_> = lines
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert_eq!(phone.hears(&response(401, &lines)), Ok(true));
    let sent = phone.sends_one();
    assert_eq!(sent.get("algorithm"), Some("SHA-512-256"));
    assert_eq!(sent.get("response").map(str::len), Some(64));
}

#[test]
fn several_challenges_in_one_header_are_understood() {
    let mut phone = Phone::new();
    let value = r#"Basic realm="r", Digest realm="r", nonce="a", algorithm=MD5, Digest realm="r", nonce="b", algorithm=sha-256-sess, qop="auth""#;
    assert_eq!(phone.hears(&unauthorized(value)), Ok(true));
    let sent = phone.sends_one();
    assert_eq!(
        (sent.get("nonce"), sent.get("algorithm")),
        (Some("b"), Some("sha-256-sess"))
    );
}

#[test]
fn server_and_proxy_are_answered_at_once() {
    let mut phone = Phone::new();
    let proxy = ("Proxy-Authenticate", r#"Digest realm="p", nonce="1""#);
    let server = ("WWW-Authenticate", r#"Digest realm="s", nonce="2""#);
    assert_eq!(phone.hears(&response(407, &[proxy])), Ok(true));
    assert_eq!(phone.sends().len(), 1);
    assert_eq!(phone.hears(&response(401, &[server])), Ok(true));
    let names: Vec<_> = phone.sends().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Proxy-Authorization", "Authorization"]);

    let mut both = Phone::new();
    assert_eq!(both.hears(&response(401, &[proxy, server])), Ok(true));
    assert_eq!(both.sends().len(), 2);
}

#[test]
fn a_session_keeps_its_cnonce_as_long_as_its_nonce() {
    let mut phone = Phone::new();
    let challenge = |nonce: &str, stale: &str| {
        unauthorized(&format!(
            "Digest realm=\"r\", nonce=\"{nonce}\", algorithm=MD5-sess, qop=\"auth\"{stale}"
        ))
    };
    assert_eq!(phone.hears(&challenge("1", "")), Ok(true));
    let (first, second) = (phone.sends_one(), phone.sends_one());
    assert_eq!(first.get("cnonce"), second.get("cnonce"));
    assert_eq!(phone.hears(&challenge("2", ", stale=true")), Ok(true));
    let third = phone.sends_one();
    assert_ne!(first.get("cnonce"), third.get("cnonce"));
    assert_eq!(third.get("nc"), Some("00000001"));
}

#[test]
fn an_old_server_without_qop_gets_neither_nc_nor_cnonce() {
    let mut phone = Phone::new();
    let challenge = unauthorized(r#"Digest realm="r",nonce="n",algorithm="MD5""#);
    assert_eq!(phone.hears(&challenge), Ok(true));
    let sent = phone.sends_one();
    for name in ["qop", "nc", "cnonce"] {
        assert_eq!(sent.get(name), None);
    }
}

#[test]
fn a_wrong_password_is_tried_twice_and_not_hammered() {
    let mut phone = Phone::new();
    let challenge = |nonce: u32| {
        unauthorized(&format!(
            "Digest realm=\"r\", nonce=\"{nonce}\", qop=\"auth\""
        ))
    };
    assert_eq!(phone.hears(&challenge(1)), Ok(true));
    phone.sends_one();
    assert_eq!(phone.hears(&challenge(2)), Ok(true));
    phone.sends_one();
    assert_eq!(phone.hears(&challenge(3)), Ok(false));
    // Asked to try again by the user, it begins anew.
    assert!(phone.sends().is_empty());
    assert_eq!(phone.hears(&challenge(4)), Ok(true));
}

#[test]
fn the_same_nonce_refused_means_a_wrong_password_at_once() {
    let mut phone = Phone::new();
    let challenge = unauthorized(r#"Digest realm="r", nonce="n""#);
    assert_eq!(phone.hears(&challenge), Ok(true));
    phone.sends_one();
    assert_eq!(phone.hears(&challenge), Ok(false));
}

#[test]
fn a_nonce_that_runs_out_between_good_requests_is_no_wrong_password() {
    let mut phone = Phone::new();
    for nonce in 0..10 {
        // This server gives each nonce once and never says stale.
        let value = format!("Digest realm=\"r\", nonce=\"{nonce}\", qop=\"auth\"");
        assert_eq!(phone.hears(&unauthorized(&value)), Ok(true), "{nonce}");
        assert_eq!(phone.sends_one().get("nc"), Some("00000001"));
        phone.sends_one();
    }
}

#[test]
fn a_server_that_calls_every_nonce_stale_is_given_up() {
    let mut phone = Phone::new();
    let answers: Vec<_> = (0..8)
        .map(|nonce| {
            let value = format!("Digest realm=\"r\", nonce=\"{nonce}\", stale=true");
            let answer = phone.hears(&unauthorized(&value)).expect("challenge");
            phone.sends();
            answer
        })
        .take_while(|sensible| *sensible)
        .collect();
    assert_eq!(answers.len(), 5);
}

#[test]
fn the_password_is_not_used_outside_its_realm() {
    let mut phone = Phone::new();
    phone.credentials.realm = Some("mine".into());
    let foreign = r#"Digest realm="theirs", nonce="n""#;
    let refused = phone.hears(&unauthorized(foreign));
    let realm = "theirs".to_owned();
    assert_eq!(refused, Err(AuthError::ForeignRealm { realm }));
    assert!(phone.sends().is_empty());
    let both = format!("{foreign}, Digest realm=\"mine\", nonce=\"m\"");
    assert_eq!(phone.hears(&unauthorized(&both)), Ok(true));
    assert_eq!(phone.sends_one().get("realm"), Some("mine"));
}

#[test]
fn what_can_not_be_answered_is_said() {
    let mut phone = Phone::new();
    assert_eq!(
        phone.hears(&response(401, &[])),
        Err(AuthError::NoChallenge)
    );
    assert_eq!(
        phone.hears(&unauthorized("Basic realm=\"r\"")),
        Err(AuthError::Unsupported)
    );
}

#[test]
fn quotes_and_letters_of_every_alphabet_stand_in_a_user_name() {
    let mut phone = Phone::new();
    phone.credentials.username = r#"Иван "Грозный" \"#.into();
    let challenge = unauthorized(r#"Digest realm="r", nonce="n""#);
    assert_eq!(phone.hears(&challenge), Ok(true));
    let header = phone.client.authorize(
        &Method::Invite,
        "sip:b",
        b"",
        &phone.credentials,
        &mut phone.rng,
    );
    let text = header.first().map(ToString::to_string).expect("header");
    assert!(
        text.starts_with(r#"Authorization: Digest username="Иван \"Грозный\" \\", realm="r""#),
        "{text}"
    );
    assert_eq!(
        phone.sends_one().get("username"),
        Some(phone.credentials.username.as_str())
    );
}
