//! The grammar of challenges and credentials (RFC 3261 25.1, RFC 7616 3.3 and 3.4).

use super::Algorithm;
use super::digest::Qop;
use crate::sip::message::{split_outside, unquote};

/// One scheme and its parameters in plain text, names in small letters.
pub(super) struct Scheme {
    /// `digest`, `basic`, ... in small letters.
    pub name: String,
    params: Vec<(String, String)>,
}

impl Scheme {
    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// All schemes in one header value: several challenges may share a header.
pub(super) fn schemes(value: &str) -> Vec<Scheme> {
    let mut schemes: Vec<Scheme> = Vec::new();
    for element in split_outside(value, ',') {
        let mut element = element.trim();
        let word = element
            .find(|c: char| c.is_whitespace() || c == '=')
            .unwrap_or(element.len());
        let (first, rest) = element.split_at_checked(word).unwrap_or((element, ""));
        if !first.is_empty() && !rest.trim_start().starts_with('=') {
            schemes.push(Scheme {
                name: first.to_ascii_lowercase(),
                params: Vec::new(),
            });
            element = rest.trim_start();
        }
        if let Some((name, value)) = element.split_once('=')
            && let Some(scheme) = schemes.last_mut()
        {
            let name = name.trim().to_ascii_lowercase();
            scheme.params.push((name, unquote(value.trim())));
        }
    }
    schemes
}

/// A Digest challenge that we can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Challenge {
    pub realm: String,
    pub nonce: String,
    pub opaque: Option<String>,
    /// As the server spelled it; `None` if it named none.
    pub algorithm_name: Option<String>,
    pub algorithm: Algorithm,
    /// The `-sess` variant.
    pub session: bool,
    /// `None`: the old way of RFC 2069, without `qop`.
    pub qop: Option<Qop>,
    /// The nonce was too old, the password right.
    pub stale: bool,
}

impl Challenge {
    /// `None` if it isn't Digest, lacks a realm or nonce, or needs what we don't know.
    pub fn from_scheme(scheme: &Scheme) -> Option<Self> {
        if scheme.name != "digest" {
            return None;
        }
        let algorithm_name = scheme.get("algorithm").map(str::to_owned);
        let (algorithm, session) = Algorithm::parse(algorithm_name.as_deref().unwrap_or("MD5"))?;
        let qop = match scheme.get("qop").map(str::trim) {
            None | Some("") => None,
            Some(list) => Some(Qop::choose(list)?),
        };
        Some(Self {
            realm: scheme.get("realm")?.to_owned(),
            nonce: scheme.get("nonce")?.to_owned(),
            opaque: scheme.get("opaque").map(str::to_owned),
            algorithm_name,
            algorithm,
            session,
            qop,
            stale: scheme
                .get("stale")
                .is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_challenges_in_one_header_are_told_apart() {
        let found = schemes(
            r#"Digest realm="a, b", nonce = "1" ,qop="auth,auth-int", Basic realm="c", Negotiate, DIGEST  realm="\"q\"",nonce=2,stale=TRUE,algorithm="SHA-256""#,
        );
        let names: Vec<_> = found.iter().map(|scheme| scheme.name.as_str()).collect();
        assert_eq!(names, ["digest", "basic", "negotiate", "digest"]);
        let digests: Vec<_> = found.iter().filter_map(Challenge::from_scheme).collect();
        let [first, second] = digests.as_slice() else {
            panic!("{digests:?}");
        };
        assert_eq!((first.realm.as_str(), first.nonce.as_str()), ("a, b", "1"));
        assert_eq!(
            (first.qop, first.algorithm),
            (Some(Qop::Auth), Algorithm::Md5)
        );
        assert_eq!(second.realm, "\"q\"");
        assert_eq!((second.qop, second.algorithm), (None, Algorithm::Sha256));
        assert!(second.stale && !first.stale);
    }

    #[test]
    fn a_challenge_we_can_not_answer_is_none() {
        for value in [
            "",
            ",,=",
            "realm=x",
            "Basic realm=\"x\"",
            "Digest",
            "Digest realm=\"x\"",
            "Digest nonce=\"x\"",
            "Digest realm=\"x\", nonce=\"y\", algorithm=SHA-1",
            "Digest realm=\"x\", nonce=\"y\", qop=\"auth-magic\"",
            "Digest realm=\"x",
        ] {
            let found = schemes(value);
            assert!(
                found.iter().find_map(Challenge::from_scheme).is_none(),
                "{value}"
            );
        }
    }
}
