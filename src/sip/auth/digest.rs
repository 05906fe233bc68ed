//! The computation itself (RFC 7616 3.4.1 to 3.4.3).

use secrecy::{ExposeSecret, SecretString};

use super::Algorithm;

/// The quality of protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Qop {
    Auth,
    /// The body is protected too.
    AuthInt,
}

impl Qop {
    /// The one we take of a list: `auth` if it is there, since bodies are changed on the way.
    pub fn choose(list: &str) -> Option<Self> {
        let offers = |name: &str| {
            list.split(',')
                .any(|one| one.trim().eq_ignore_ascii_case(name))
        };
        match (offers("auth"), offers("auth-int")) {
            (true, _) => Some(Self::Auth),
            (false, true) => Some(Self::AuthInt),
            (false, false) => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthInt => "auth-int",
        }
    }
}

/// The parameters of one attempt.
pub(super) struct Attempt<'a> {
    pub algorithm: Algorithm,
    pub session: bool,
    pub qop: Option<Qop>,
    pub username: &'a str,
    pub realm: &'a str,
    pub password: &'a SecretString,
    pub nonce: &'a str,
    pub cnonce: &'a str,
    /// Eight hexadecimal digits.
    pub nc: &'a str,
    pub method: &'a str,
    pub uri: &'a str,
    pub body: &'a [u8],
}

impl Attempt<'_> {
    /// The `response` parameter.
    pub fn response(&self) -> String {
        let hash = |parts: &[&[u8]]| self.algorithm.hash(parts);
        let mut a1 = hash(&[
            self.username.as_bytes(),
            self.realm.as_bytes(),
            self.password.expose_secret().as_bytes(),
        ]);
        if self.session {
            a1 = hash(&[a1.as_bytes(), self.nonce.as_bytes(), self.cnonce.as_bytes()]);
        }
        let (method, uri) = (self.method.as_bytes(), self.uri.as_bytes());
        let a2 = match self.qop {
            Some(Qop::AuthInt) => hash(&[method, uri, hash(&[self.body]).as_bytes()]),
            _ => hash(&[method, uri]),
        };
        let (a1, a2, nonce) = (a1.as_bytes(), a2.as_bytes(), self.nonce.as_bytes());
        match self.qop {
            Some(qop) => hash(&[
                a1,
                nonce,
                self.nc.as_bytes(),
                self.cnonce.as_bytes(),
                qop.name().as_bytes(),
                a2,
            ]),
            None => hash(&[a1, nonce, a2]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt<'a>(password: &'a SecretString, algorithm: Algorithm) -> Attempt<'a> {
        Attempt {
            algorithm,
            session: false,
            qop: Some(Qop::Auth),
            username: "Mufasa",
            realm: "http-auth@example.org",
            password,
            nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
            nc: "00000001",
            method: "GET",
            uri: "/dir/index.html",
            body: b"",
        }
    }

    #[test]
    fn the_examples_of_rfc_7616_come_out() {
        let password = SecretString::from("Circle of Life");
        assert_eq!(
            attempt(&password, Algorithm::Md5).response(),
            "8ca523f5e9506fed4657c9700eebdbec"
        );
        assert_eq!(
            attempt(&password, Algorithm::Sha256).response(),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
        );
    }

    #[test]
    fn the_example_of_rfc_2617_comes_out() {
        let password = SecretString::from("Circle Of Life");
        let example = Attempt {
            realm: "testrealm@host.com",
            nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
            cnonce: "0a4f113b",
            ..attempt(&password, Algorithm::Md5)
        };
        assert_eq!(example.response(), "6629fae49393a05397450978507c4ef1");
        let old = Attempt {
            qop: None,
            ..example
        };
        assert_eq!(old.response(), "670fd8c2df070c60b045671b8b24ff02");
    }

    #[test]
    fn sha_512_256_takes_the_same_way_with_its_own_hash() {
        let password = SecretString::from("Secret, or not?");
        let example = Attempt {
            username: "J\u{e4}s\u{f8}n Doe",
            realm: "api@example.org",
            nonce: "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
            cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm",
            uri: "/doe.json",
            ..attempt(&password, Algorithm::Sha512_256)
        };
        let hash = |text: String| Algorithm::Sha512_256.hash(&[text.as_bytes()]);
        let a1 = hash("J\u{e4}s\u{f8}n Doe:api@example.org:Secret, or not?".into());
        let a2 = hash("GET:/doe.json".into());
        let expected = hash(format!(
            "{a1}:{}:00000001:{}:auth:{a2}",
            example.nonce, example.cnonce
        ));
        assert_eq!(example.response(), expected);
    }

    #[test]
    fn the_session_key_holds_nonce_and_cnonce_and_auth_int_the_body() {
        let password = SecretString::from("Circle of Life");
        let plain = attempt(&password, Algorithm::Md5);
        let base = Algorithm::Md5.hash(&[b"Mufasa", b"http-auth@example.org", b"Circle of Life"]);
        let key = format!("{base}:{}:{}", plain.nonce, plain.cnonce);
        let a1 = Algorithm::Md5.hash(&[key.as_bytes()]);
        let body = Algorithm::Md5.hash(&[b"v=0"]);
        let a2 = Algorithm::Md5.hash(&[format!("GET:/dir/index.html:{body}").as_bytes()]);
        let text = format!(
            "{a1}:{}:00000001:{}:auth-int:{a2}",
            plain.nonce, plain.cnonce
        );
        let expected = Algorithm::Md5.hash(&[text.as_bytes()]);
        let session = Attempt {
            session: true,
            qop: Some(Qop::AuthInt),
            body: b"v=0",
            ..plain
        };
        assert_eq!(session.response(), expected);
    }

    #[test]
    fn auth_is_taken_from_a_list_and_auth_int_only_alone() {
        assert_eq!(Qop::choose("auth-int, AUTH"), Some(Qop::Auth));
        assert_eq!(Qop::choose("auth-int"), Some(Qop::AuthInt));
        assert_eq!(Qop::choose("token"), None);
    }
}
