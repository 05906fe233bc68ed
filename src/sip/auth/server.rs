use std::collections::HashMap;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rsip::{Header, Request};
use secrecy::SecretString;

use super::Algorithm;
use super::challenge::{Scheme, schemes};
use super::digest::{Attempt, Qop};
use crate::sip::message::{HeadersView, Uri, header, quote, request_uri};

/// How long a nonce may be used.
const NONCE_LIFE: Duration = Duration::from_secs(300);
/// Most nonces in use at once; when more are, the older half dies.
const MOST_NONCES: usize = 10_000;

/// What a request's credentials are worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// This user, proven.
    Ok(String),
    /// The password is right but the nonce too old or used before: challenge again with
    /// [`DigestServer::challenge_stale`].
    Stale,
    /// A wrong user or password, or nonsense.
    Refused,
    /// No credentials for our realm: challenge.
    Missing,
}

/// The server's side of digest authentication.
///
/// A nonce holds the time it was made and a keyed hash, so that a flood of requests without
/// credentials takes no memory: only nonces that a right password used are remembered.
#[derive(Debug)]
pub struct DigestServer {
    realm: String,
    algorithms: Vec<Algorithm>,
    key: [u8; 16],
    rng: Rng,
    /// The time nonces count from.
    epoch: Option<Instant>,
    /// The last `nc` of each nonce in use, and when the nonce was made.
    used: HashMap<String, (u32, Duration)>,
    /// Nonces made up to then are dead, for lack of room to remember them.
    forgotten: Option<Duration>,
}

impl DigestServer {
    /// A server that offers these algorithms, in this order. The seed must be a secret: nonces can
    /// be forged by who knows it.
    pub fn new(realm: &str, algorithms: Vec<Algorithm>, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        Self {
            realm: realm.to_owned(),
            algorithms,
            key: rng.u128(..).to_be_bytes(),
            rng,
            epoch: None,
            used: HashMap::new(),
            forgotten: None,
        }
    }

    /// One WWW-Authenticate per algorithm, for a 401.
    pub fn challenge(&mut self, now: Instant) -> Vec<Header> {
        self.challenges(now, "")
    }

    /// The same, saying that only the nonce was too old.
    pub fn challenge_stale(&mut self, now: Instant) -> Vec<Header> {
        self.challenges(now, ", stale=true")
    }

    fn challenges(&mut self, now: Instant, stale: &str) -> Vec<Header> {
        let made = self.age_of_server(now);
        let salt = self.rng.u64(..);
        let nonce = self.nonce(&format!("{:x}.{salt:x}", made.as_millis()));
        let realm = quote(&self.realm);
        self.algorithms
            .iter()
            .map(|algorithm| {
                let value = format!(
                    "Digest realm={realm}, nonce=\"{nonce}\", algorithm={algorithm}, qop=\"auth\"{stale}"
                );
                header("WWW-Authenticate", value)
            })
            .collect()
    }

    fn age_of_server(&mut self, now: Instant) -> Duration {
        now.saturating_duration_since(*self.epoch.get_or_insert(now))
    }

    fn nonce(&self, stem: &str) -> String {
        let mac = Algorithm::Sha256.hash(&[&self.key, stem.as_bytes(), &self.key]);
        format!("{stem}.{}", mac.get(..32).unwrap_or(&mac))
    }

    /// When a nonce of ours was made.
    fn made(&self, nonce: &str) -> Option<Duration> {
        let (stem, _) = nonce.rsplit_once('.')?;
        let (millis, _) = stem.split_once('.')?;
        let millis = u64::from_str_radix(millis, 16).ok()?;
        same(&self.nonce(stem), nonce).then(|| Duration::from_millis(millis))
    }

    /// Judges the Authorization of a request.
    pub fn verify(
        &mut self,
        now: Instant,
        request: &Request,
        password_of: impl Fn(&str) -> Option<SecretString>,
    ) -> Verdict {
        let found = request
            .all("Authorization")
            .into_iter()
            .flat_map(schemes)
            .find(|scheme| {
                scheme.name == "digest" && scheme.get("realm") == Some(self.realm.as_str())
            });
        match found {
            None => Verdict::Missing,
            Some(scheme) => self
                .judge(now, request, &scheme, password_of)
                .unwrap_or(Verdict::Refused),
        }
    }

    fn judge(
        &mut self,
        now: Instant,
        request: &Request,
        scheme: &Scheme,
        password_of: impl Fn(&str) -> Option<SecretString>,
    ) -> Option<Verdict> {
        let username = scheme.get("username")?;
        let nonce = scheme.get("nonce")?;
        let uri = scheme.get("uri")?;
        let (algorithm, session) = Algorithm::parse(scheme.get("algorithm").unwrap_or("MD5"))?;
        if !self.algorithms.contains(&algorithm) || !is_for(request, uri) {
            return None;
        }
        let qop = match scheme.get("qop") {
            None => None,
            Some(qop) => Some(Qop::choose(qop)?),
        };
        let nc = scheme.get("nc").unwrap_or_default();
        let expected = Attempt {
            algorithm,
            session,
            qop,
            username,
            realm: &self.realm,
            password: &password_of(username)?,
            nonce,
            cnonce: scheme.get("cnonce").unwrap_or_default(),
            nc,
            method: &request.method.to_string(),
            uri,
            body: &request.body,
        }
        .response();
        if !same(&expected, &scheme.get("response")?.to_ascii_lowercase()) {
            return None;
        }
        let count = match qop {
            Some(_) => u32::from_str_radix(nc, 16).ok()?,
            None => 1,
        };
        Some(if self.use_nonce(now, nonce, count) {
            Verdict::Ok(username.to_owned())
        } else {
            Verdict::Stale
        })
    }

    /// Whether the nonce is ours, young enough, and its count higher than ever before.
    fn use_nonce(&mut self, now: Instant, nonce: &str, count: u32) -> bool {
        let age = self.age_of_server(now);
        let forgotten = self.forgotten;
        let alive = |made: Duration| {
            age.saturating_sub(made) < NONCE_LIFE && forgotten.is_none_or(|until| made > until)
        };
        let Some(made) = self.made(nonce).filter(|made| alive(*made)) else {
            return false;
        };
        if let Some((last, _)) = self.used.get_mut(nonce) {
            let higher = count > *last;
            *last = count.max(*last);
            return higher;
        }
        if self.used.len() >= MOST_NONCES {
            self.used.retain(|_, (_, made)| alive(*made));
        }
        if self.used.len() >= MOST_NONCES {
            self.forget_oldest();
        }
        self.used.insert(nonce.to_owned(), (count, made));
        count > 0
    }

    /// Kills the older half of the nonces in use.
    fn forget_oldest(&mut self) {
        let mut times: Vec<Duration> = self.used.values().map(|(_, made)| *made).collect();
        times.sort_unstable();
        if let Some(middle) = times.get(times.len() / 2).copied() {
            self.used.retain(|_, (_, made)| *made > middle);
            self.forgotten = Some(middle);
        }
    }
}

/// Whether the `uri` parameter names what the request asks for.
fn is_for(request: &Request, uri: &str) -> bool {
    let asked = request_uri(request);
    match (asked, uri.parse::<Uri>()) {
        (Ok(asked), Ok(uri)) => asked == uri || asked.equivalent(&uri),
        _ => false,
    }
}

/// Compares without telling by the time taken where the difference is.
fn same(one: &str, two: &str) -> bool {
    let differences = one
        .bytes()
        .zip(two.bytes())
        .fold(0, |differences, (a, b)| differences | (a ^ b));
    one.len() == two.len() && differences == 0
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
