//! Sending one message: what to ask of Telegram, and what its answers mean.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use grammers_client::{InvocationError, tl};

use super::post::{Content, Post};
use super::trouble::Trouble;
use super::wire::Wire;
use crate::audio::recorder::{POINTS, Shape};

/// A part of a file, octets: small enough to be answered in time on a slow line.
const PART: usize = 128 << 10;
/// A part of a large file, the most there can be.
const LARGE_PART: usize = 512 << 10;
/// How many parts a file may have.
const MOST_PARTS: u64 = 4_000;
/// Files from this size on are sent in another way, octets.
const BIG: u64 = 10 << 20;
/// How often a file is sent anew in a row because Telegram has lost parts of it.
const UPLOADS: u32 = 3;
/// The longest text under a file, in characters.
const LONGEST_CAPTION: usize = 1_000;
/// The longest message, in characters.
const LONGEST_TEXT: usize = 4_000;

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sent {
    /// Telegram has it.
    Done,
    /// There is nothing in it to be sent.
    Nothing,
    /// It can't be sent until a person does something about it.
    Refused(Trouble),
    /// It can be sent later.
    Later(Trouble),
}

/// Why something was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Failure {
    /// Parts of the file are missing at Telegram.
    Anew,
    Refused(Trouble),
    Later(Trouble),
}

impl From<Failure> for Sent {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Anew => Self::Later(Trouble::unexpected("FILE_PART_MISSING")),
            Failure::Refused(trouble) => Self::Refused(trouble),
            Failure::Later(trouble) => Self::Later(trouble),
        }
    }
}

/// Sends a message. That Telegram has it already is as good.
pub(super) async fn send(wire: Wire, peer: tl::enums::InputPeer, post: Post) -> Sent {
    let chat = post.to.as_ref().map_or("", |to| to.name.as_str());
    let done = match &post.content {
        Content::Text { text, reply_to } => {
            let text = shortened(text, LONGEST_TEXT);
            words(&wire, peer, text, *reply_to, post.random_id, chat).await
        }
        Content::Voice { path, caption, .. } => {
            let shape = match shape_of(path.clone()).await {
                Ok(shape) => shape,
                Err(trouble) => return Sent::Refused(trouble),
            };
            if shape.duration.is_zero() {
                return Sent::Nothing;
            }
            let mut tries = 1;
            loop {
                let sent = voice(&wire, &peer, path, caption, &shape, post.random_id, chat).await;
                match sent {
                    Err(Failure::Anew) if tries < UPLOADS => tries += 1,
                    sent => break sent,
                }
            }
        }
    };
    match done {
        Ok(()) => Sent::Done,
        Err(failure) => failure.into(),
    }
}

/// Reads all of a recording, which would hold up everything else on this thread.
async fn shape_of(path: PathBuf) -> Result<Shape, Trouble> {
    let name = path.display().to_string();
    let shape = tokio::task::spawn_blocking(move || Shape::of(&path)).await;
    let reason = match shape {
        Ok(Ok(shape)) => return Ok(shape),
        Ok(Err(error)) => error.cause.to_string(),
        Err(error) => error.to_string(),
    };
    Err(Trouble::File { path: name, reason })
}

async fn words(
    wire: &Wire,
    peer: tl::enums::InputPeer,
    message: String,
    reply_to: Option<i32>,
    random_id: i64,
    chat: &str,
) -> Result<(), Failure> {
    let request = tl::functions::messages::SendMessage {
        no_webpage: true,
        silent: false,
        background: false,
        clear_draft: false,
        noforwards: false,
        update_stickersets_order: false,
        invert_media: false,
        allow_paid_floodskip: false,
        peer,
        reply_to: reply_to.map(reply),
        message,
        random_id,
        reply_markup: None,
        entities: None,
        schedule_date: None,
        schedule_repeat_period: None,
        send_as: None,
        quick_reply_shortcut: None,
        effect: None,
        allow_paid_stars: None,
        suggested_post: None,
        rich_message: None,
    };
    taken(wire.invoke(&request).await, chat)
}

fn reply(reply_to_msg_id: i32) -> tl::enums::InputReplyTo {
    tl::types::InputReplyToMessage {
        reply_to_msg_id,
        top_msg_id: None,
        reply_to_peer_id: None,
        quote_text: None,
        quote_entities: None,
        quote_offset: None,
        monoforum_peer_id: None,
        todo_item_id: None,
        poll_option: None,
    }
    .into()
}

async fn voice(
    wire: &Wire,
    peer: &tl::enums::InputPeer,
    path: &Path,
    caption: &str,
    shape: &Shape,
    random_id: i64,
    chat: &str,
) -> Result<(), Failure> {
    let file = upload(wire, path, chat).await?;
    let length = clock(shape.duration);
    let room = LONGEST_CAPTION.saturating_sub(length.len() + 2);
    let voice = tl::types::DocumentAttributeAudio {
        voice: true,
        duration: i32::try_from(shape.duration.as_secs().max(1)).unwrap_or(i32::MAX),
        title: None,
        performer: None,
        waveform: Some(waveform(&shape.loudness)),
    };
    let media = tl::types::InputMediaUploadedDocument {
        nosound_video: false,
        force_file: false,
        spoiler: false,
        file,
        thumb: None,
        mime_type: "audio/ogg".into(),
        attributes: vec![voice.into()],
        stickers: None,
        video_cover: None,
        video_timestamp: None,
        ttl_seconds: None,
    };
    let request = tl::functions::messages::SendMedia {
        silent: false,
        background: false,
        clear_draft: false,
        noforwards: false,
        update_stickersets_order: false,
        invert_media: false,
        allow_paid_floodskip: false,
        peer: peer.clone(),
        reply_to: None,
        media: media.into(),
        message: format!("{}, {length}", shortened(caption, room)),
        random_id,
        reply_markup: None,
        entities: None,
        schedule_date: None,
        schedule_repeat_period: None,
        send_as: None,
        quick_reply_shortcut: None,
        effect: None,
        allow_paid_stars: None,
        suggested_post: None,
    };
    taken(wire.invoke(&request).await, chat)
}

/// Sends a file part by part; gives what Telegram then knows it by.
async fn upload(wire: &Wire, path: &Path, chat: &str) -> Result<tl::enums::InputFile, Failure> {
    let failed = |error: io::Error| {
        let name = path.display().to_string();
        Failure::Refused(Trouble::file(&name, &error))
    };
    let mut file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let part = if size.div_ceil(PART as u64) <= MOST_PARTS {
        PART
    } else {
        LARGE_PART
    };
    let parts = size.div_ceil(part as u64);
    if parts > MOST_PARTS || parts == 0 {
        return Err(failed(io::ErrorKind::FileTooLarge.into()));
    }
    let parts = i32::try_from(parts).unwrap_or(i32::MAX);
    let file_id = fastrand::i64(..);
    let mut contents = Vec::new();
    for file_part in 0..parts {
        contents.clear();
        // A disk is as quick as this, and nothing here waits for a call.
        let read = file.by_ref().take(part as u64).read_to_end(&mut contents);
        read.map_err(failed)?;
        let bytes = contents.clone();
        let saved = if size >= BIG {
            let request = tl::functions::upload::SaveBigFilePart {
                file_id,
                file_part,
                file_total_parts: parts,
                bytes,
            };
            wire.invoke(&request).await
        } else {
            let request = tl::functions::upload::SaveFilePart {
                file_id,
                file_part,
                bytes,
            };
            wire.invoke(&request).await
        };
        if !saved.map_err(|error| failure(error, chat))? {
            return Err(Failure::Anew);
        }
    }
    let name = "voice.ogg".to_owned();
    Ok(if size >= BIG {
        let id = file_id;
        tl::types::InputFileBig { id, parts, name }.into()
    } else {
        // The sum may be left out; the transport has its own.
        tl::types::InputFile {
            id: file_id,
            parts,
            name,
            md5_checksum: String::new(),
        }
        .into()
    })
}

fn taken<T>(answer: Result<T, InvocationError>, chat: &str) -> Result<(), Failure> {
    match answer {
        Err(error) if error.is("RANDOM_ID_DUPLICATE") => Ok(()),
        Err(error) => Err(failure(error, chat)),
        Ok(_) => Ok(()),
    }
}

fn failure(error: InvocationError, chat: &str) -> Failure {
    let InvocationError::Rpc(rpc) = &error else {
        return Failure::Later(error.into());
    };
    if rpc.name.starts_with("FILE_PART") || rpc.name.starts_with("FILE_ID") {
        return Failure::Anew;
    }
    let chat = || chat.to_owned();
    match rpc.name.as_str() {
        "PEER_ID_INVALID"
        | "CHANNEL_INVALID"
        | "CHANNEL_PRIVATE"
        | "CHAT_ID_INVALID"
        | "CHAT_INVALID"
        | "USER_ID_INVALID"
        | "INPUT_USER_DEACTIVATED"
        | "CHAT_FORBIDDEN" => Failure::Refused(Trouble::ChatGone { chat: chat() }),
        "CHAT_WRITE_FORBIDDEN"
        | "CHAT_ADMIN_REQUIRED"
        | "CHAT_RESTRICTED"
        | "CHAT_GUEST_SEND_FORBIDDEN"
        | "CHAT_SEND_VOICES_FORBIDDEN"
        | "CHAT_SEND_MEDIA_FORBIDDEN"
        | "CHAT_SEND_PLAIN_FORBIDDEN"
        | "PRIVACY_PREMIUM_REQUIRED"
        | "TOPIC_CLOSED"
        | "USER_BANNED_IN_CHANNEL"
        | "USER_IS_BLOCKED"
        | "USER_IS_BOT"
        | "VOICE_MESSAGES_FORBIDDEN"
        | "YOU_BLOCKED_USER" => Failure::Refused(Trouble::MayNotPost { chat: chat() }),
        _ => match Trouble::from(error) {
            // What was asked can't be done, and asking again changes nothing.
            trouble @ Trouble::Refused {
                code: 400 | 403 | 406,
                ..
            } => Failure::Refused(trouble),
            trouble => Failure::Later(trouble),
        },
    }
}

/// As Telegram wants it: values from 0 to 31, five bits each, the first in the lowest bits.
fn waveform(loudness: &[f32; POINTS]) -> Vec<u8> {
    let mut packed = vec![0_u8; (POINTS * 5).div_ceil(8)];
    for (number, loud) in loudness.iter().enumerate() {
        let value = (loud.clamp(0.0, 1.0) * 31.0).round() as u16;
        let (at, shift) = (number * 5 / 8, number * 5 % 8);
        let [low, high] = (value << shift).to_le_bytes();
        if let Some(octet) = packed.get_mut(at) {
            *octet |= low;
        }
        if let Some(octet) = packed.get_mut(at + 1) {
            *octet |= high;
        }
    }
    packed
}

/// A length as a clock shows it: `4:17`, `1:04:17`.
fn clock(length: Duration) -> String {
    let seconds = length.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: i32, message: &str) -> Failure {
        let error = tl::types::RpcError {
            error_code: code,
            error_message: message.into(),
        };
        failure(InvocationError::Rpc(error.into()), "Отдел")
    }

    #[test]
    fn what_a_person_has_to_see_to_is_told_from_what_passes() {
        let chat = || "Отдел".to_owned();
        for (code, message) in [(400, "PEER_ID_INVALID"), (406, "CHANNEL_PRIVATE")] {
            let gone = Failure::Refused(Trouble::ChatGone { chat: chat() });
            assert_eq!(of(code, message), gone);
        }
        for (code, message) in [
            (403, "CHAT_WRITE_FORBIDDEN"),
            (400, "VOICE_MESSAGES_FORBIDDEN"),
        ] {
            let forbidden = Failure::Refused(Trouble::MayNotPost { chat: chat() });
            assert_eq!(of(code, message), forbidden);
        }
        assert!(matches!(of(400, "MEDIA_INVALID"), Failure::Refused(_)));
        let flood = Failure::Later(Trouble::Flood { seconds: 9 });
        assert_eq!(of(420, "FLOOD_WAIT_9"), flood);
        assert_eq!(of(420, "SLOWMODE_WAIT_9"), flood);
        assert!(matches!(of(500, "INTERNAL"), Failure::Later(_)));
        assert!(matches!(of(-503, "Timeout"), Failure::Later(_)));
        assert_eq!(
            of(401, "SESSION_REVOKED"),
            Failure::Later(Trouble::SignedOut)
        );
        for message in [
            "FILE_PART_0_MISSING",
            "FILE_PARTS_INVALID",
            "FILE_PART_EMPTY",
        ] {
            assert_eq!(of(400, message), Failure::Anew, "{message}");
        }
    }

    #[test]
    fn a_message_that_telegram_has_already_is_sent() {
        let error = tl::types::RpcError {
            error_code: 500,
            error_message: "RANDOM_ID_DUPLICATE".into(),
        };
        let answer: Result<(), _> = Err(InvocationError::Rpc(error.into()));
        assert_eq!(taken(answer, ""), Ok(()));
    }

    #[test]
    fn a_waveform_is_packed_five_bits_a_value() {
        let mut loudness = [0.0; POINTS];
        loudness[0] = 1.0;
        loudness[2] = 1.0;
        loudness[99] = 1.0;
        let packed = waveform(&loudness);
        assert_eq!(packed.len(), 63);
        assert_eq!(packed[..2], [0b0001_1111, 0b0111_1100]);
        // Bits 495 to 499.
        assert_eq!(packed[61..], [0b1000_0000, 0b0000_1111]);
        assert!(
            waveform(&[1.0; POINTS])[..62]
                .iter()
                .all(|octet| *octet == 255)
        );
    }

    #[test]
    fn lengths_read_as_on_a_clock_and_texts_are_cut_at_characters() {
        for (seconds, shown) in [(0, "0:00"), (61, "1:01"), (3_661, "1:01:01")] {
            assert_eq!(clock(Duration::from_secs(seconds)), shown);
        }
        assert_eq!(shortened("Анна", 4), "Анна");
        assert_eq!(shortened("Анна", 3), "Анн…");
    }
}
