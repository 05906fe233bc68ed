//! From a message to the call in it, and to the answer.

use std::io::Read;
use std::time::Duration;

use grammers_tl_types::{
    self as tl, Cursor, Deserializable, Identifiable, RemoteCall, Serializable, enums, functions,
    types,
};

use crate::crypt::KeyId;
use crate::world::{Failing, World};
use crate::{auth, lists, post};

const CONTAINER: u32 = 0x73f1_f8dc;
const PACKED: u32 = 0x3072_cfa1;
const RESULT: u32 = 0xf35c_6d01;
const WITH_LAYER: u32 = 0xda9b_0d0d;
const INIT_CONNECTION: u32 = 0xc1cd_5ea9;

/// An answer, or the code and name of an error.
pub type Answer<T> = Result<T, (i32, String)>;

pub fn error<T>(code: i32, name: &str) -> Answer<T> {
    Err((code, name.to_owned()))
}

/// What is to be said after a message.
#[derive(Default)]
pub struct Said {
    /// The messages, and whether each wants to be acknowledged.
    pub messages: Vec<(Vec<u8>, bool)>,
    /// Whether the connection ends instead.
    pub lost: bool,
    /// How long it takes to say it.
    pub after: Duration,
}

/// All that is to be said after a message.
pub fn answer(world: &mut World, key: KeyId, message: i64, body: &[u8]) -> Said {
    let mut said = Said::default();
    take_in(world, key, message, body, &mut said);
    said
}

fn take_in(world: &mut World, key: KeyId, message: i64, body: &[u8], said: &mut Said) {
    let Some(id) = number(body, 0) else { return };
    match id {
        CONTAINER => {
            let mut at = 8;
            for _ in 0..number(body, 4).unwrap_or_default() {
                let Some(length) = number(body, at + 12) else {
                    return;
                };
                let inner = at + 16..at + 16 + length as usize;
                let name = body.get(at..at + 8).and_then(|name| name.try_into().ok());
                let (Some(name), Some(body)) = (name, body.get(inner.clone())) else {
                    return;
                };
                take_in(world, key, i64::from_le_bytes(name), body, said);
                at = inner.end;
            }
        }
        PACKED => {
            let Ok(packed) = Vec::<u8>::from_bytes(&body[4..]) else {
                return;
            };
            let mut plain = Vec::new();
            if flate2::read::GzDecoder::new(&packed[..])
                .read_to_end(&mut plain)
                .is_ok()
            {
                take_in(world, key, message, &plain, said);
            }
        }
        types::MsgsAck::CONSTRUCTOR_ID => {}
        functions::PingDelayDisconnect::CONSTRUCTOR_ID => {
            if let Ok(ping) = functions::PingDelayDisconnect::from_bytes(&body[4..]) {
                said.messages.push((pong(message, ping.ping_id), false));
            }
        }
        functions::Ping::CONSTRUCTOR_ID => {
            if let Ok(ping) = functions::Ping::from_bytes(&body[4..]) {
                said.messages.push((pong(message, ping.ping_id), false));
            }
        }
        _ => {
            let mut result = RESULT.to_le_bytes().to_vec();
            result.extend(message.to_le_bytes());
            match call(world, key, body, said) {
                Ok(answer) => result.extend(answer),
                Err((error_code, error_message)) => {
                    let error = types::RpcError {
                        error_code,
                        error_message,
                    };
                    result.extend(enums::RpcError::Error(error).to_bytes());
                }
            }
            said.messages.push((result, true));
        }
    }
}

fn pong(msg_id: i64, ping_id: i64) -> Vec<u8> {
    enums::Pong::Pong(types::Pong { msg_id, ping_id }).to_bytes()
}

fn number(body: &[u8], at: usize) -> Option<u32> {
    let octets = body.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_le_bytes(octets))
}

fn call(world: &mut World, key: KeyId, body: &[u8], said: &mut Said) -> Answer<Vec<u8>> {
    let unreadable = || (400, "INPUT_METHOD_INVALID".to_owned());
    let id = number(body, 0).ok_or_else(unreadable)?;
    match id {
        WITH_LAYER => {
            let layer = number(body, 4).ok_or_else(unreadable)?;
            if i32::try_from(layer) != Ok(tl::LAYER) {
                return error(400, "CONNECTION_LAYER_INVALID");
            }
            return call(world, key, &body[8..], said);
        }
        INIT_CONNECTION => {
            let after = init_connection(&body[4..]).ok_or_else(unreadable)?;
            return call(world, key, &body[4 + after..], said);
        }
        _ => {}
    }
    let name = tl::name_for_id(id);
    world.called(key, name);
    said.after += world.delays.get(name).copied().unwrap_or_default();
    match world.failure(name) {
        Some(Failing::Refused(code, error)) => return Err((code, error)),
        Some(Failing::Lost) => said.lost = true,
        None => {}
    }
    macro_rules! on {
        ($($method:ty => $answer:expr),* $(,)?) => {
            $(if id == <$method>::CONSTRUCTOR_ID {
                let asked = <$method>::from_bytes(&body[4..]).map_err(|_| unreadable())?;
                let answer: fn(&mut World, KeyId, $method) -> Answer<<$method as RemoteCall>::Return> = $answer;
                return answer(world, key, asked).map(|answer| answer.to_bytes());
            })*
        };
    }
    on! {
        functions::help::GetConfig => |world, _, _| Ok(world.config()),
        functions::auth::SendCode => auth::send_code,
        functions::auth::ResendCode => auth::resend_code,
        functions::auth::SignIn => auth::sign_in,
        functions::auth::ExportLoginToken => auth::export_token,
        functions::auth::ImportLoginToken => auth::import_token,
        functions::account::GetPassword => auth::get_password,
        functions::auth::CheckPassword => auth::check_password,
        functions::auth::ImportAuthorization => auth::import_authorization,
    }
    if world.signed_in(key).is_none() {
        return error(401, "AUTH_KEY_UNREGISTERED");
    }
    on! {
        functions::auth::LogOut => auth::log_out,
        functions::auth::ExportAuthorization => auth::export_authorization,
        functions::upload::SaveFilePart => post::save_part,
        functions::upload::SaveBigFilePart => post::save_big_part,
        functions::messages::SendMessage => post::send_message,
        functions::messages::SendMedia => post::send_media,
        functions::updates::GetState => lists::get_state,
        functions::updates::GetDifference => lists::get_difference,
        functions::users::GetUsers => lists::get_users,
        functions::messages::GetDialogs => lists::get_dialogs,
        functions::contacts::GetContacts => lists::get_contacts,
    }
    error(400, "METHOD_NOT_IMPLEMENTED")
}

/// How long the head of `initConnection` is, up to the call in it.
fn init_connection(body: &[u8]) -> Option<usize> {
    let cursor = &mut Cursor::from_slice(body);
    let flags = i32::deserialize(cursor).ok()?;
    i32::deserialize(cursor).ok()?;
    for _ in 0..6 {
        String::deserialize(cursor).ok()?;
    }
    // Neither a proxy nor parameters.
    (flags & 3 == 0).then(|| cursor.pos())
}
