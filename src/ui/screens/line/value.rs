use super::shown::Shown;
use crate::account::{Party, SettingId, SettingKind};
use crate::ui::view::View;
use crate::ui::words::codec_name;

/// A value in words, and whether those stand for "not given".
pub fn value_words(view: &View<'_>, shown: &Shown, setting: SettingId) -> (String, bool) {
    let value = shown.value(setting);
    if setting == SettingId::Password {
        return match shown.has_password {
            true => ("•".repeat(8), false),
            false => (view.say("value-not-set"), true),
        };
    }
    if value.is_empty() {
        return (view.say(empty_key(setting)), true);
    }
    let words = match setting.spec().kind {
        SettingKind::Ordered(_) => {
            let items = value.split(',').map(|item| item_name(view, item.trim()));
            items.collect::<Vec<_>>().join(", ")
        }
        SettingKind::Chat | SettingKind::Person => match value.parse::<Party>() {
            Ok(party) => party.name,
            Err(_) => value,
        },
        SettingKind::Choice(_) => choice_name(view, setting, &value),
        SettingKind::Template => match view.snapshot.templates.get(&value) {
            Some(template) => template.name.get(view.texts.language().code()).to_owned(),
            None => value,
        },
        _ => value,
    };
    (words, false)
}

/// What an empty value means.
fn empty_key(setting: SettingId) -> &'static str {
    match setting {
        SettingId::Registrar => "value-as-domain",
        SettingId::AuthLogin => "value-as-login",
        SettingId::Worker => "value-this-computer",
        SettingId::ForwardAlways | SettingId::ForwardBusy | SettingId::ForwardNoAnswer => {
            "value-off"
        }
        SettingId::Voicemail => "value-by-server",
        SettingId::RecordChat => "telegram-saved",
        SettingId::User => "value-me",
        SettingId::Rules | SettingId::Certificate | SettingId::Pinned => "value-none",
        SettingId::Template => "value-not-chosen",
        _ => "value-not-set",
    }
}

fn choice_name(view: &View<'_>, setting: SettingId, value: &str) -> String {
    match (setting, value) {
        (SettingId::Transport, transport) => transport.to_uppercase(),
        (SettingId::OpusBitrate | SettingId::KeyExchange, "auto") => view.say("value-auto"),
        (SettingId::Encryption, "off") => view.say("value-encryption-off"),
        (SettingId::Encryption, "optional") => view.say("value-encryption-optional"),
        (SettingId::Encryption, _) => view.say("value-encryption-required"),
        (SettingId::KeyExchange, exchange) => exchange.to_uppercase(),
        (SettingId::AutoAnswer, when) => view.say(&format!("value-auto-answer-{when}")),
        (SettingId::ForwardAfter, s) => view.say_with("value-seconds", &[("seconds", s.into())]),
        (_, other) => other.to_owned(),
    }
}

/// A codec, or a way to send digits, as it is written.
pub fn item_name(view: &View<'_>, item: &str) -> String {
    match item {
        "rfc2833" => "RFC 2833".into(),
        "info" => "SIP INFO".into(),
        "inband" => view.say("value-inband"),
        codec => codec_name(codec),
    }
}

/// What stands in a field while nothing is typed.
pub fn field_hint(view: &View<'_>, shown: &Shown, setting: SettingId) -> String {
    let template = view.snapshot.templates.get(&shown.account.template);
    let login = template.and_then(|template| template.login.as_ref());
    match setting {
        SettingId::Login if login.is_some() => {
            let language = view.texts.language().code();
            login
                .map(|login| login.get(language))
                .unwrap_or_default()
                .to_owned()
        }
        SettingId::Name => view.say("hint-name"),
        SettingId::Login => view.say("hint-login"),
        SettingId::Domain => "sip.example.com".into(),
        SettingId::Certificate => view.say("hint-certificate"),
        _ => view.say(empty_key(setting)),
    }
}
