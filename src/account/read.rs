//! From what a person types or pastes to a value, and back.

use std::collections::BTreeMap;

use super::number::is_invisible;
use super::{
    AutoAnswer, DtmfMethod, Encryption, HostPort, KeyExchange, Party, Transport, favourite,
};
use crate::codec::CodecId;
use crate::rules::Rules;

/// The longest text a setting may hold, in characters.
const LONGEST: usize = 250;

/// A value that cannot stand in a setting, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {reason_key}")]
pub struct SettingError {
    /// The name of the setting.
    pub setting: String,
    /// The locale key of the reason.
    pub reason_key: &'static str,
    /// What stands in the text of the reason, by name.
    pub args: BTreeMap<String, String>,
}

/// Why a value was refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reason {
    /// The locale key.
    pub key: &'static str,
    /// What stands in its text.
    pub args: BTreeMap<String, String>,
}

impl From<&'static str> for Reason {
    fn from(key: &'static str) -> Self {
        Self {
            key,
            args: BTreeMap::new(),
        }
    }
}

/// A value, or the reason it was refused.
type Read<T> = Result<T, Reason>;

/// Drops what is pasted along with a value: spaces, backticks and marks that cannot be seen.
fn bare(value: &str) -> &str {
    value.trim_matches(|c: char| c.is_whitespace() || c == '`' || is_invisible(c))
}

/// Without `sip:` or `sips:` in front.
fn without_scheme(value: &str) -> &str {
    for scheme in ["sip:", "sips:"] {
        if let Some((head, rest)) = value.split_at_checked(scheme.len())
            && head.eq_ignore_ascii_case(scheme)
        {
            return rest.trim_start_matches('/');
        }
    }
    value
}

/// One line of free text.
pub(super) fn line(value: &str) -> Read<String> {
    let value = bare(value);
    if value.chars().count() > LONGEST {
        return Err("reason-too-long".into());
    }
    if value.chars().any(char::is_control) {
        return Err("reason-control".into());
    }
    Ok(value.into())
}

pub(super) fn login(value: &str) -> Read<String> {
    let value = line(without_scheme(bare(value)))?;
    if value.contains('@') {
        return Err("reason-login-domain".into());
    }
    if value.contains(char::is_whitespace) {
        return Err("reason-login-space".into());
    }
    Ok(value)
}

pub(super) fn auth_login(value: &str) -> Read<String> {
    let value = line(value)?;
    if value.contains(char::is_whitespace) {
        return Err("reason-login-space".into());
    }
    Ok(value)
}

pub(super) fn host(value: &str) -> Read<String> {
    let value = bare(value);
    if value.is_empty() {
        return Ok(String::new());
    }
    // As it stands first: a host may be called "sip" and have a port.
    let host = value
        .parse()
        .or_else(|_| without_scheme(value).parse::<HostPort>());
    host.map(|host| host.to_string())
        .map_err(|error| error.reason_key().into())
}

/// The path of a file; quotes around it are what file managers add when a path is copied.
pub(super) fn path(value: &str) -> Read<String> {
    let value = bare(value);
    let quoted = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let value = quoted.unwrap_or(value);
    if value.chars().any(char::is_control) {
        return Err("reason-control".into());
    }
    Ok(value.into())
}

/// A SHA-256 fingerprint in hexadecimal, with or without colons or spaces.
pub(super) fn fingerprint(value: &str) -> Read<String> {
    let value = bare(value);
    let value = match value.split_at_checked(7) {
        Some((head, rest)) if head.eq_ignore_ascii_case("sha-256") => rest,
        _ => value,
    };
    let digits: String = value
        .chars()
        .filter(|c| !matches!(c, ':' | ' '))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if digits.is_empty() {
        return Ok(digits);
    }
    if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err("reason-fingerprint".into());
    }
    let mut text = String::with_capacity(95);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index % 2 == 0 {
            text.push(':');
        }
        text.push(digit);
    }
    Ok(text)
}

pub(super) fn switch(value: &str) -> Read<bool> {
    match bare(value).to_lowercase().as_str() {
        "on" | "true" | "yes" | "1" | "да" | "вкл" => Ok(true),
        "off" | "false" | "no" | "0" | "нет" | "выкл" => Ok(false),
        _ => Err("reason-switch".into()),
    }
}

pub(super) fn switch_text(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

pub(super) fn transport(value: &str) -> Read<Transport> {
    match bare(value).to_ascii_lowercase().as_str() {
        "udp" => Ok(Transport::Udp),
        "tcp" => Ok(Transport::Tcp),
        "tls" => Ok(Transport::Tls),
        _ => Err("reason-transport".into()),
    }
}

pub(super) fn transport_text(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
        Transport::Tls => "tls",
    }
}

/// A comma list without repetitions; spaces and semicolons separate, too.
pub(super) fn list<T: PartialEq>(value: &str, item: fn(&str) -> Read<T>) -> Read<Vec<T>> {
    let mut items = Vec::new();
    let separator = |c: char| c == ',' || c == ';' || c.is_whitespace();
    for word in bare(value).split(separator).filter(|word| !word.is_empty()) {
        let item = item(&word.to_ascii_lowercase())?;
        if !items.contains(&item) {
            items.push(item);
        }
    }
    if items.is_empty() {
        Err("reason-list-empty".into())
    } else {
        Ok(items)
    }
}

pub(super) fn list_text<T: Copy>(items: &[T], text: fn(T) -> &'static str) -> String {
    items
        .iter()
        .map(|item| text(*item))
        .collect::<Vec<_>>()
        .join(",")
}

pub(super) fn codec(word: &str) -> Read<CodecId> {
    match word {
        "opus" => Ok(CodecId::Opus),
        "g722" => Ok(CodecId::G722),
        "alaw" | "pcma" => Ok(CodecId::Alaw),
        "ulaw" | "mulaw" | "pcmu" => Ok(CodecId::Ulaw),
        _ => Err("reason-codec".into()),
    }
}

pub(super) fn codec_text(codec: CodecId) -> &'static str {
    match codec {
        CodecId::Opus => "opus",
        CodecId::G722 => "g722",
        CodecId::Alaw => "alaw",
        CodecId::Ulaw => "ulaw",
    }
}

pub(super) fn dtmf(word: &str) -> Read<DtmfMethod> {
    match word {
        "rfc2833" | "rfc4733" => Ok(DtmfMethod::Rfc2833),
        "info" => Ok(DtmfMethod::Info),
        "inband" => Ok(DtmfMethod::Inband),
        _ => Err("reason-dtmf".into()),
    }
}

pub(super) fn dtmf_text(method: DtmfMethod) -> &'static str {
    match method {
        DtmfMethod::Rfc2833 => "rfc2833",
        DtmfMethod::Info => "info",
        DtmfMethod::Inband => "inband",
    }
}

pub(super) fn encryption(value: &str) -> Read<Encryption> {
    match bare(value).to_ascii_lowercase().as_str() {
        "off" => Ok(Encryption::Off),
        "optional" => Ok(Encryption::Optional),
        "required" => Ok(Encryption::Required),
        _ => Err("reason-encryption".into()),
    }
}

pub(super) fn encryption_text(encryption: Encryption) -> &'static str {
    match encryption {
        Encryption::Off => "off",
        Encryption::Optional => "optional",
        Encryption::Required => "required",
    }
}

pub(super) fn key_exchange(value: &str) -> Read<KeyExchange> {
    match bare(value).to_ascii_lowercase().as_str() {
        "auto" => Ok(KeyExchange::Auto),
        "sdes" => Ok(KeyExchange::Sdes),
        "dtls" => Ok(KeyExchange::Dtls),
        _ => Err("reason-key-exchange".into()),
    }
}

pub(super) fn key_exchange_text(exchange: KeyExchange) -> &'static str {
    match exchange {
        KeyExchange::Auto => "auto",
        KeyExchange::Sdes => "sdes",
        KeyExchange::Dtls => "dtls",
    }
}

/// Milliseconds of sound in a packet.
pub(super) fn packet_time(value: &str) -> Read<u32> {
    match bare(value) {
        "10" => Ok(10),
        "20" => Ok(20),
        "40" => Ok(40),
        "60" => Ok(60),
        _ => Err("reason-ptime".into()),
    }
}

/// A number or address that can be dialled, or nothing.
pub(super) fn number(value: &str) -> Read<String> {
    let value = line(value)?;
    if !value.is_empty() && super::number::parse_target(&value).is_err() {
        return Err("reason-number".into());
    }
    Ok(value)
}

/// Numbers that are watched, each with a name if it has one.
pub(super) fn favourites(value: &str) -> Read<String> {
    if value.chars().count() > LONGEST * 8 {
        return Err("reason-too-long".into());
    }
    if value.chars().any(|c| c.is_control() && c != '\n') {
        return Err("reason-control".into());
    }
    let all = favourite::favourites(value);
    let wrong = |one: &favourite::Favourite| super::number::parse_target(&one.number).is_err();
    if all.iter().any(wrong) {
        return Err("reason-number".into());
    }
    Ok(favourite::written(&all))
}

/// A code that is dialled before a number.
pub(super) fn code(value: &str) -> Read<String> {
    let value = line(value)?;
    match value
        .chars()
        .all(|c| c.is_ascii_digit() || "*#+".contains(c))
    {
        true => Ok(value),
        false => Err("reason-number".into()),
    }
}

/// After how many seconds nobody has answered.
pub(super) fn forward_after(value: &str) -> Read<u32> {
    match bare(value).parse() {
        Ok(seconds @ 5..=120) => Ok(seconds),
        _ => Err("reason-forward-after".into()),
    }
}

pub(super) fn auto_answer(value: &str) -> Read<AutoAnswer> {
    match bare(value).to_lowercase().as_str() {
        "off" | "no" | "0" | "нет" | "выкл" => Ok(AutoAnswer::Off),
        "asked" => Ok(AutoAnswer::Asked),
        "always" | "on" => Ok(AutoAnswer::Always),
        _ => Err("reason-auto-answer".into()),
    }
}

pub(super) fn auto_answer_text(when: AutoAnswer) -> &'static str {
    match when {
        AutoAnswer::Off => "off",
        AutoAnswer::Asked => "asked",
        AutoAnswer::Always => "always",
    }
}

/// The bit rates of Opus, kbit/s (RFC 6716 2.1.1), or `auto`.
pub(super) fn bit_rate(value: &str) -> Read<Option<u32>> {
    match bare(value).to_ascii_lowercase().as_str() {
        "auto" | "" => Ok(None),
        number => match number.parse() {
            Ok(kbit @ 6..=510) => Ok(Some(kbit)),
            _ => Err("reason-bitrate".into()),
        },
    }
}

/// Dial rules.
pub(super) fn rules(value: &str) -> Read<Rules> {
    Rules::parse(value).map_err(|error| Reason {
        key: "reason-rules",
        args: [
            ("rule".to_owned(), error.rule),
            ("at".to_owned(), error.at.to_string()),
            ("why".to_owned(), error.reason_key.to_owned()),
        ]
        .into(),
    })
}

/// Somebody at Telegram; nothing is nobody.
pub(super) fn party(value: &str) -> Read<Option<Party>> {
    match bare(value) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| "reason-party".into()),
    }
}

pub(super) fn party_text(party: Option<&Party>) -> String {
    party.map(Party::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_hosts_lose_what_was_pasted_along() {
        let table = [
            (" `sip.example.com` ", "sip.example.com"),
            ("sip:sip.example.com", "sip.example.com"),
            ("SIPS:example.com:5061", "example.com:5061"),
            ("sip://example.com", "example.com"),
            ("sip:5060", "sip:5060"),
            ("\u{200e}example.com\u{feff}", "example.com"),
            ("", ""),
            ("  ", ""),
        ];
        for (typed, value) in table {
            assert_eq!(host(typed), Ok(value.into()), "{typed:?}");
        }
        assert_eq!(host("sip:me@example.com"), Err("reason-host-user".into()));
        assert_eq!(host("https://example.com"), Err("reason-host-extra".into()));
        assert_eq!(
            host("sip.example.com;transport=tls"),
            Err("reason-host-extra".into())
        );
    }

    #[test]
    fn a_login_is_one_word_without_the_domain() {
        assert_eq!(login(" `101` "), Ok("101".into()));
        assert_eq!(login("sip:101"), Ok("101".into()));
        assert_eq!(login("иван"), Ok("иван".into()));
        assert_eq!(login("101@example.com"), Err("reason-login-domain".into()));
        assert_eq!(login("1 01"), Err("reason-login-space".into()));
        assert_eq!(login("1\u{7}01"), Err("reason-control".into()));
        assert_eq!(login(&"1".repeat(251)), Err("reason-too-long".into()));
        assert_eq!(auth_login("101@example.com"), Ok("101@example.com".into()));
    }

    #[test]
    fn codecs_are_a_list_in_ones_own_order_and_mulaw_is_ulaw() {
        use CodecId::{Alaw, G722, Opus, Ulaw};
        let all = list("opus,g722,alaw,ulaw", codec);
        assert_eq!(all, Ok(vec![Opus, G722, Alaw, Ulaw]));
        assert_eq!(list(" MuLaw , PCMA ulaw", codec), Ok(vec![Ulaw, Alaw]));
        assert_eq!(list("opus,g729", codec), Err("reason-codec".into()));
        assert_eq!(list(" , ", codec), Err("reason-list-empty".into()));
        assert_eq!(
            list("INFO,RFC4733", dtmf),
            Ok(vec![DtmfMethod::Info, DtmfMethod::Rfc2833])
        );
        assert_eq!(list("smoke", dtmf), Err("reason-dtmf".into()));
    }

    #[test]
    fn a_fingerprint_is_kept_in_one_spelling() {
        let colons = ["AB"; 32].join(":");
        assert_eq!(fingerprint(&"ab".repeat(32)), Ok(colons.clone()));
        assert_eq!(
            fingerprint(&format!(" {} ", ["aB"; 32].join(" "))),
            Ok(colons.clone())
        );
        assert_eq!(
            fingerprint(&format!("SHA-256 {colons}")),
            Ok(colons.clone())
        );
        assert_eq!(fingerprint(&colons), Ok(colons));
        assert_eq!(fingerprint(""), Ok(String::new()));
        assert_eq!(fingerprint("ab:cd"), Err("reason-fingerprint".into()));
        assert_eq!(
            fingerprint(&"xy".repeat(32)),
            Err("reason-fingerprint".into())
        );
    }

    #[test]
    fn switches_transports_and_paths_take_what_people_write() {
        assert_eq!(switch("ON"), Ok(true));
        assert_eq!(switch("нет"), Ok(false));
        assert_eq!(switch("maybe"), Err("reason-switch".into()));
        assert_eq!(transport(" TLS "), Ok(Transport::Tls));
        assert_eq!(transport("sctp"), Err("reason-transport".into()));
        assert_eq!(path("\"/etc/my ca.pem\""), Ok("/etc/my ca.pem".into()));
        assert_eq!(path("/etc/\u{0}ca.pem"), Err("reason-control".into()));
    }
}
