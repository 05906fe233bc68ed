//! Signing in, step by step, and out: what to ask of Telegram, and what its answers mean.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grammers_client::session::Session as _;
use grammers_client::session::types::{PeerInfo, UpdateState, UpdatesState};
use grammers_client::{InvocationError, tl};
use grammers_crypto::two_factor_auth::{calculate_2fa, check_p_and_g};
use secrecy::{ExposeSecret, SecretString};

use super::api::ApiKey;
use super::dial::Clock;
use super::directory::person;
use super::peer::Peer;
use super::state::{CodeWay, unix_time};
use super::trouble::Trouble;
use super::wire::Wire;

/// How long a code to be scanned may be shown, seconds; Telegram's run out after 30.
const SHOWN: (i64, i64) = (10, 30);
/// The length of the numbers in Telegram's SRP, octets.
const SRP_LENGTH: usize = 256;

/// What Telegram wants next.
#[derive(Debug)]
pub(super) enum Step {
    /// The code that it sent.
    Code(CodeSent),
    /// The second password.
    Password {
        /// What the person wrote down to remember it by.
        hint: String,
    },
    /// That a telephone scans this.
    Scan(Token),
    /// Nothing more: this is who is signed in, and what Telegram's clock says.
    In(Peer, Clock),
}

/// A code is on its way.
#[derive(Debug, Clone)]
pub(super) struct CodeSent {
    phone: String,
    hash: String,
    /// How many characters it has, if Telegram said so.
    pub length: Option<u32>,
    /// How it was sent.
    pub how: CodeWay,
}

/// What a telephone scans.
#[derive(Debug)]
pub(super) struct Token {
    /// The link in the code.
    pub url: String,
    /// When it runs out.
    pub expires_at: Instant,
}

/// Lets Telegram send a code to a number.
pub(super) async fn send_code(wire: Wire, api: ApiKey, phone: String) -> Result<Step, Trouble> {
    let settings = tl::types::CodeSettings {
        allow_flashcall: false,
        current_number: false,
        allow_app_hash: false,
        allow_missed_call: true,
        allow_firebase: false,
        unknown_number: false,
        logout_tokens: None,
        token: None,
        app_sandbox: None,
    };
    let request = tl::functions::auth::SendCode {
        phone_number: phone.clone(),
        api_id: api.id,
        api_hash: api.hash.expose_secret().into(),
        settings: settings.into(),
    };
    let sent = wire.ask(&request).await?;
    code_sent(&wire, phone, sent).await
}

/// Lets Telegram send the code another way.
pub(super) async fn send_code_again(wire: Wire, sent: CodeSent) -> Result<Step, Trouble> {
    let request = tl::functions::auth::ResendCode {
        phone_number: sent.phone.clone(),
        phone_code_hash: sent.hash,
        reason: None,
    };
    let again = wire.ask(&request).await?;
    code_sent(&wire, sent.phone, again).await
}

async fn code_sent(
    wire: &Wire,
    phone: String,
    sent: tl::enums::auth::SentCode,
) -> Result<Step, Trouble> {
    use tl::enums::auth::{SentCode, SentCodeType};
    let sent = match sent {
        SentCode::Code(sent) => sent,
        SentCode::Success(done) => return finish(wire, done.authorization).await,
        SentCode::PaymentRequired(_) => return Err(Trouble::Unsupported),
    };
    let (how, length) = match sent.r#type {
        SentCodeType::App(way) => (CodeWay::App, Some(way.length)),
        SentCodeType::Sms(way) => (CodeWay::Sms, Some(way.length)),
        SentCodeType::FirebaseSms(way) => (CodeWay::Sms, Some(way.length)),
        SentCodeType::SmsWord(_) | SentCodeType::SmsPhrase(_) => (CodeWay::Sms, None),
        SentCodeType::Call(way) => (CodeWay::Call, Some(way.length)),
        SentCodeType::MissedCall(way) => {
            let prefix = way.prefix;
            (CodeWay::MissedCall { prefix }, Some(way.length))
        }
        SentCodeType::EmailCode(way) => {
            let address = way.email_pattern;
            (CodeWay::Email { address }, Some(way.length))
        }
        SentCodeType::FragmentSms(way) => (CodeWay::Fragment { url: way.url }, Some(way.length)),
        SentCodeType::FlashCall(_) | SentCodeType::SetUpEmailRequired(_) => {
            return Err(Trouble::Unsupported);
        }
    };
    Ok(Step::Code(CodeSent {
        phone,
        hash: sent.phone_code_hash,
        length: length.and_then(|length| u32::try_from(length).ok()),
        how,
    }))
}

/// Shows Telegram the code that it sent.
pub(super) async fn enter_code(
    wire: Wire,
    sent: CodeSent,
    code: SecretString,
) -> Result<Step, Trouble> {
    let code = code.expose_secret().trim().to_owned();
    let by_mail = matches!(sent.how, CodeWay::Email { .. });
    let (phone_code, email_verification) = if by_mail {
        let code = tl::types::EmailVerificationCode { code };
        (None, Some(code.into()))
    } else {
        (Some(code), None)
    };
    let request = tl::functions::auth::SignIn {
        phone_number: sent.phone,
        phone_code_hash: sent.hash,
        phone_code,
        email_verification,
    };
    match wire.invoke(&request).await {
        Ok(authorization) => finish(&wire, authorization).await,
        Err(error) => password_or(&wire, error).await,
    }
}

/// Gets something to scan, or the outcome if it was scanned.
pub(super) async fn scan(wire: Wire, api: ApiKey) -> Result<Step, Trouble> {
    use tl::enums::auth::LoginToken;
    let request = tl::functions::auth::ExportLoginToken {
        api_id: api.id,
        api_hash: api.hash.expose_secret().into(),
        except_ids: Vec::new(),
    };
    let mut answer = wire.invoke(&request).await;
    if let Ok(LoginToken::MigrateTo(elsewhere)) = answer {
        wire.move_to(elsewhere.dc_id).await?;
        let token = elsewhere.token;
        let request = tl::functions::auth::ImportLoginToken { token };
        answer = wire.invoke(&request).await;
    }
    match answer {
        Ok(LoginToken::Token(token)) => Ok(Step::Scan(Token {
            url: format!("tg://login?token={}", URL_SAFE_NO_PAD.encode(token.token)),
            expires_at: shown_until(Instant::now(), unix_time(), token.expires),
        })),
        Ok(LoginToken::Success(done)) => finish(&wire, done.authorization).await,
        Ok(LoginToken::MigrateTo(_)) => Err(Trouble::unexpected("LOGIN_TOKEN_MOVED_TWICE")),
        Err(error) => password_or(&wire, error).await,
    }
}

/// When a code runs out; this computer's clock may be wrong.
fn shown_until(now: Instant, unix_now: i64, expires: i32) -> Instant {
    let (least, most) = SHOWN;
    let left = i64::from(expires).saturating_sub(unix_now);
    let left = u64::try_from(left.clamp(least, most)).unwrap_or_default();
    now.checked_add(Duration::from_secs(left)).unwrap_or(now)
}

/// The second password is the next step if that is all that was missing.
async fn password_or(wire: &Wire, error: InvocationError) -> Result<Step, Trouble> {
    if !error.is("SESSION_PASSWORD_NEEDED") {
        return Err(error.into());
    }
    let hint = password_of(wire).await?.hint.unwrap_or_default();
    Ok(Step::Password { hint })
}

async fn password_of(wire: &Wire) -> Result<tl::types::account::Password, Trouble> {
    let tl::enums::account::Password::Password(password) =
        wire.ask(&tl::functions::account::GetPassword {}).await?;
    Ok(password)
}

/// Proves to Telegram that the person knows the second password, by SRP: the password itself
/// goes nowhere.
pub(super) async fn enter_password(wire: Wire, password: SecretString) -> Result<Step, Trouble> {
    let asked = password_of(&wire).await?;
    let hint = asked.hint.clone().unwrap_or_default();
    // Takes long enough to hold up everything else on this thread.
    let proof = tokio::task::spawn_blocking(move || prove(asked, &password)).await;
    let proof = proof.unwrap_or(Err(Trouble::Unsupported))?;
    let request = tl::functions::auth::CheckPassword {
        password: proof.into(),
    };
    match wire.ask(&request).await {
        Ok(authorization) => finish(&wire, authorization).await,
        Err(Trouble::Password { .. }) => Err(Trouble::Password { hint }),
        Err(trouble) => Err(trouble),
    }
}

fn prove(
    asked: tl::types::account::Password,
    password: &SecretString,
) -> Result<tl::types::InputCheckPasswordSrp, Trouble> {
    use tl::enums::PasswordKdfAlgo as Algorithm;
    let (algorithm, their_b, srp_id) = match (asked.current_algo, asked.srp_b, asked.srp_id) {
        (
            Some(Algorithm::Sha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(algorithm)),
            Some(their_b),
            Some(srp_id),
        ) => (algorithm, their_b, srp_id),
        _ => return Err(Trouble::Unsupported),
    };
    let (p, g) = (&algorithm.p, &algorithm.g);
    let fits = their_b.len() <= SRP_LENGTH && (2..=7).contains(g) && check_p_and_g(p, g);
    if !fits {
        return Err(Trouble::Unsupported);
    }
    let mut secret = vec![0; SRP_LENGTH];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random
        .fill(&mut secret)
        .map_err(|_| Trouble::unexpected("NO_RANDOMNESS"))?;
    let (m1, a) = calculate_2fa(
        &algorithm.salt1,
        &algorithm.salt2,
        p,
        g,
        their_b,
        secret,
        password.expose_secret(),
    );
    Ok(tl::types::InputCheckPasswordSrp {
        srp_id,
        a: a.into(),
        m1: m1.into(),
    })
}

/// Remembers who has signed in, and from where on news of Telegram count.
async fn finish(
    wire: &Wire,
    authorization: tl::enums::auth::Authorization,
) -> Result<Step, Trouble> {
    use tl::enums::auth::Authorization;
    let user = match authorization {
        Authorization::Authorization(done) => done.user,
        Authorization::SignUpRequired(_) => return Err(Trouble::NoAccount),
    };
    let session = wire.session();
    if let Ok(state) = wire.ask(&tl::functions::updates::GetState {}).await {
        let tl::enums::updates::State::State(state) = state;
        let state = UpdatesState {
            pts: state.pts,
            qts: state.qts,
            date: state.date,
            seq: state.seq,
            channels: Vec::new(),
        };
        let noted = session.set_update_state(UpdateState::All(state)).await;
        noted.map_err(|error| error.0)?;
    }
    let me = met(wire, &user).await?;
    Ok(Step::In(me, clock(wire).await?))
}

/// Asks who is signed in, and what time it is.
pub(super) async fn who(wire: Wire) -> Result<(Peer, Clock), Trouble> {
    let id = vec![tl::enums::InputUser::UserSelf];
    let users = wire.ask(&tl::functions::users::GetUsers { id }).await?;
    match users.first() {
        Some(user) => Ok((met(&wire, user).await?, clock(&wire).await?)),
        None => Err(Trouble::unexpected("NOBODY")),
    }
}

async fn clock(wire: &Wire) -> Result<Clock, Trouble> {
    let tl::enums::Config::Config(config) = wire.ask(&tl::functions::help::GetConfig {}).await?;
    Ok(Clock {
        at: Instant::now(),
        said: config.date.into(),
    })
}

async fn met(wire: &Wire, user: &tl::enums::User) -> Result<Peer, Trouble> {
    let me = person(user).ok_or_else(|| Trouble::unexpected("NOBODY"))?;
    let session = wire.session();
    let noted = session.cache_peer(PeerInfo::from(user)).await;
    noted.map_err(|error| error.0)?;
    session.set_me(me.clone())?;
    Ok(me)
}

/// Ends the session at Telegram. One that has ended already is as good.
pub(super) async fn sign_out(wire: Wire) -> Result<(), Trouble> {
    match wire.ask(&tl::functions::auth::LogOut {}).await {
        Ok(_) | Err(Trouble::SignedOut) => Ok(()),
        Err(trouble) => Err(trouble),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_shown_as_long_as_it_lasts_whatever_the_clock_says() {
        let now = Instant::now();
        let shown = |unix_now, expires| (shown_until(now, unix_now, expires) - now).as_secs();
        assert_eq!(shown(1_000, 1_020), 20);
        assert_eq!(shown(9_000, 1_020), 10, "a clock that is ahead");
        assert_eq!(shown(0, 1_020), 30, "a clock that is behind");
    }
}
