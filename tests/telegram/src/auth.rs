//! Signing in and out.

use std::time::{SystemTime, UNIX_EPOCH};

use grammers_tl_types::{Serializable, enums, functions, types};

use crate::call::{Answer, error};
use crate::crypt::{self, KeyId};
use crate::world::{API_HASH, API_ID, World};
use crate::{make, srp};

fn check_api(id: i32, hash: &str) -> Answer<()> {
    match (id, hash) {
        (API_ID, API_HASH) => Ok(()),
        _ => error(400, "API_ID_INVALID"),
    }
}

pub fn send_code(
    world: &mut World,
    key: KeyId,
    asked: functions::auth::SendCode,
) -> Answer<enums::auth::SentCode> {
    check_api(asked.api_id, &asked.api_hash)?;
    let digits = asked.phone_number.trim_start_matches('+');
    if digits.len() < 7 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return error(400, "PHONE_NUMBER_INVALID");
    }
    let here = world.at(key).centre;
    match world.by_phone(&asked.phone_number) {
        Some(user) if user.banned => return error(400, "PHONE_NUMBER_BANNED"),
        Some(user) if user.centre != here => {
            return error(303, &format!("PHONE_MIGRATE_{}", user.centre));
        }
        // Whether somebody has the number shows after the code.
        _ => {}
    }
    let hash = format!("hash{}", world.next());
    world.codes_expired = false;
    world.at(key).code = Some((asked.phone_number, hash.clone()));
    let way = types::auth::SentCodeTypeApp { length: 5 };
    Ok(sent(hash, way.into()))
}

pub fn resend_code(
    world: &mut World,
    key: KeyId,
    asked: functions::auth::ResendCode,
) -> Answer<enums::auth::SentCode> {
    let hash = format!("hash{}", world.next());
    match &mut world.at(key).code {
        Some((phone, known)) if *phone == asked.phone_number && *known == asked.phone_code_hash => {
            known.clone_from(&hash);
        }
        _ => return error(400, "PHONE_CODE_EXPIRED"),
    }
    let way = types::auth::SentCodeTypeSms { length: 5 };
    Ok(sent(hash, way.into()))
}

fn sent(phone_code_hash: String, way: enums::auth::SentCodeType) -> enums::auth::SentCode {
    types::auth::SentCode {
        r#type: way,
        phone_code_hash,
        next_type: Some(enums::auth::CodeType::Sms),
        timeout: Some(60),
    }
    .into()
}

pub fn sign_in(
    world: &mut World,
    key: KeyId,
    asked: functions::auth::SignIn,
) -> Answer<enums::auth::Authorization> {
    let sent = (asked.phone_number, asked.phone_code_hash);
    if world.codes_expired || world.at(key).code.as_ref() != Some(&sent) {
        return error(400, "PHONE_CODE_EXPIRED");
    }
    let user = world.by_phone(&sent.0);
    let code = user.map_or("12345", |user| &user.code);
    if asked.phone_code.as_deref() != Some(code) {
        return error(400, "PHONE_CODE_INVALID");
    }
    let Some(id) = user.map(|user| user.id) else {
        let terms_of_service = None;
        return Ok(types::auth::AuthorizationSignUpRequired { terms_of_service }.into());
    };
    let_in(world, key, id)
}

/// Lets a person in, unless the second password is missing.
fn let_in(world: &mut World, key: KeyId, user: i64) -> Answer<enums::auth::Authorization> {
    if world.users[&user].password.is_some() {
        world.at(key).password_of = Some(user);
        return error(401, "SESSION_PASSWORD_NEEDED");
    }
    Ok(authorization(world, key, user))
}

fn authorization(world: &mut World, key: KeyId, user: i64) -> enums::auth::Authorization {
    let at = world.at(key);
    at.user = Some(user);
    at.code = None;
    at.password_of = None;
    at.token = None;
    at.scanned_by = None;
    types::auth::Authorization {
        setup_password_required: false,
        otherwise_relogin_days: None,
        tmp_sessions: None,
        future_auth_token: None,
        user: make::user(world, user, user),
    }
    .into()
}

pub fn export_token(
    world: &mut World,
    key: KeyId,
    asked: functions::auth::ExportLoginToken,
) -> Answer<enums::auth::LoginToken> {
    check_api(asked.api_id, &asked.api_hash)?;
    let token = crypt::random::<32>().to_vec();
    if let Some(user) = world.at(key).scanned_by {
        let dc_id = world.users[&user].centre;
        if dc_id != world.at(key).centre {
            world.moved.insert(token.clone(), user);
            return Ok(types::auth::LoginTokenMigrateTo { dc_id, token }.into());
        }
        let authorization = let_in(world, key, user)?;
        return Ok(types::auth::LoginTokenSuccess { authorization }.into());
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let expires = now.as_secs() as i32 + world.token_lifetime;
    world.at(key).token = Some(token.clone());
    Ok(types::auth::LoginToken { expires, token }.into())
}

pub fn import_token(
    world: &mut World,
    key: KeyId,
    asked: functions::auth::ImportLoginToken,
) -> Answer<enums::auth::LoginToken> {
    let Some(user) = world.moved.remove(&asked.token) else {
        return error(400, "AUTH_TOKEN_INVALID");
    };
    let authorization = let_in(world, key, user)?;
    Ok(types::auth::LoginTokenSuccess { authorization }.into())
}

/// A person scans what a device shows; `told` says whether the device hears of it.
pub fn scan(world: &mut World, token: &[u8], user: i64, told: bool) -> Result<(), String> {
    let shown = world
        .keys()
        .find(|(_, key)| key.token.as_deref() == Some(token));
    let (id, key) = shown.ok_or("nothing that is shown now")?;
    let id = *id;
    key.token = None;
    key.scanned_by = Some(user);
    if told {
        let update = enums::Update::LoginToken;
        let short = types::UpdateShort { update, date: 0 };
        world.say_to(id, &enums::Updates::from(short).to_bytes());
    }
    Ok(())
}

pub fn get_password(
    world: &mut World,
    key: KeyId,
    _: functions::account::GetPassword,
) -> Answer<enums::account::Password> {
    let user = world.at(key).password_of.or(world.at(key).user);
    let password = user.and_then(|user| world.users[&user].password.clone());
    let new_algo = srp::algorithm();
    let mut told = types::account::Password {
        has_recovery: false,
        has_secure_values: false,
        has_password: false,
        current_algo: None,
        srp_b: None,
        srp_id: None,
        hint: None,
        email_unconfirmed_pattern: None,
        new_algo: new_algo.clone(),
        new_secure_algo: enums::SecurePasswordKdfAlgo::Unknown,
        secure_random: crypt::random::<32>().to_vec(),
        pending_reset_date: None,
        login_email_pattern: None,
    };
    if let Some((password, hint)) = password {
        let (secret, shown) = srp::offer(&password);
        world.at(key).srp_b = secret;
        told.has_password = true;
        told.current_algo = Some(new_algo);
        told.srp_b = Some(shown);
        told.srp_id = Some(42);
        told.hint = (!hint.is_empty()).then_some(hint);
    }
    Ok(told.into())
}

pub fn check_password(
    world: &mut World,
    key: KeyId,
    asked: functions::auth::CheckPassword,
) -> Answer<enums::auth::Authorization> {
    let at = world.at(key);
    let secret = std::mem::take(&mut at.srp_b);
    let Some(user) = at.password_of else {
        return error(400, "PASSWORD_HASH_INVALID");
    };
    let enums::InputCheckPasswordSrp::Srp(proof) = asked.password else {
        return error(400, "PASSWORD_HASH_INVALID");
    };
    // One offer, one proof.
    if secret.is_empty() || proof.srp_id != 42 {
        return error(400, "SRP_ID_INVALID");
    }
    let password = world.users[&user].password.as_ref();
    let proven =
        password.is_some_and(|(password, _)| srp::is_proof(password, &secret, &proof.a, &proof.m1));
    if !proven {
        return error(400, "PASSWORD_HASH_INVALID");
    }
    Ok(authorization(world, key, user))
}

pub fn log_out(
    world: &mut World,
    key: KeyId,
    _: functions::auth::LogOut,
) -> Answer<enums::auth::LoggedOut> {
    world.at(key).user = None;
    let future_auth_token = None;
    Ok(types::auth::LoggedOut { future_auth_token }.into())
}

/// A person of another data centre takes along that he is signed in.
pub fn export_authorization(
    world: &mut World,
    key: KeyId,
    asked: functions::auth::ExportAuthorization,
) -> Answer<enums::auth::ExportedAuthorization> {
    let Some(user) = world.signed_in(key) else {
        return error(401, "AUTH_KEY_UNREGISTERED");
    };
    let bytes = crypt::random::<16>().to_vec();
    world.exported.insert(bytes.clone(), (user, asked.dc_id));
    Ok(types::auth::ExportedAuthorization { id: user, bytes }.into())
}

pub fn import_authorization(
    world: &mut World,
    key: KeyId,
    asked: functions::auth::ImportAuthorization,
) -> Answer<enums::auth::Authorization> {
    let here = world.at(key).centre;
    match world.exported.remove(&asked.bytes) {
        Some((user, centre)) if (user, centre) == (asked.id, here) => {
            if let Some(person) = world.users.get_mut(&user) {
                person.centre = here;
            }
            Ok(authorization(world, key, user))
        }
        _ => error(400, "AUTH_BYTES_INVALID"),
    }
}
