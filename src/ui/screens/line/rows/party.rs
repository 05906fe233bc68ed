//! A chat or a person of Telegram: the first press unfolds a button, which opens the list.

use egui::{Context, Ui};

use super::{List, Row, list};
use crate::account::{Party, SettingId, SettingKind};
use crate::engine::{TelegramPeer, TelegramPeerKind, find_telegram_peers};
use crate::ui::icons::Icon;
use crate::ui::screens::line::sheet::Sheet;
use crate::ui::view::{Place, View};
use crate::ui::widgets::{Button, Kind, Pick, Search};

/// What the row has unfolded: the way to the list, or to what it needs; and back to oneself.
pub fn show(ui: &mut Ui, row: &Row<'_>, sheet: &mut Sheet) {
    let view = row.view;
    ui.horizontal_wrapped(|ui| {
        let signed_in = view.snapshot.telegram.me.is_some();
        let name = match (signed_in, row.spec.kind) {
            (false, _) => view.say("party-sign-in"),
            (true, SettingKind::Chat) => view.say("party-choose-chat"),
            (true, _) => view.say("party-choose-user"),
        };
        if ui.add(Button::new(&name).icon(Icon::User)).clicked() {
            match signed_in {
                true => sheet.picker = Some((row.setting(), Search::default())),
                false => view.go(Place::Telegram),
            }
        }
        let is_chosen = !row.shown.value(row.setting()).is_empty();
        let own = nobody(view, row.setting());
        if is_chosen && ui.add(Button::new(&own).kind(Kind::Ghost)).clicked() {
            sheet.keep(view.handle, row.setting(), String::new());
        }
    });
}

/// The list over the window; false once it is to close.
pub fn pick(ctx: &Context, row: &Row<'_>, sheet: &mut Sheet, search: &mut Search) -> bool {
    let view = row.view;
    let words = List {
        id: row.spec.name,
        title: view.say(row.spec.title_key),
        search: view.say("party-search"),
    };
    let (picked, stays) = list(ctx, view, &words, search, |typed| picks(row, typed));
    if let Some(picked) = picked {
        sheet.keep(view.handle, row.setting(), picked.id);
        return false;
    }
    stays
}

fn picks(row: &Row<'_>, typed: &str) -> Vec<Pick> {
    let (view, telegram) = (row.view, &row.view.snapshot.telegram);
    let peers = match row.spec.kind {
        SettingKind::Chat => &telegram.chats,
        _ => &telegram.people,
    };
    let own = nobody(view, row.setting());
    let chosen = row.shown.value(row.setting());
    let found = find_telegram_peers(peers, typed, &own);
    let pick = |peer: &TelegramPeer| {
        let is_own = peer.kind == TelegramPeerKind::Saved || Some(peer.id) == telegram.me();
        let (id, name) = match is_own {
            true => (String::new(), own.clone()),
            false => {
                let party = Party {
                    id: peer.id,
                    name: peer.name.clone(),
                };
                (party.to_string(), party.name)
            }
        };
        let username = peer.username.as_ref().map(|name| format!("@{name}"));
        let note = username.into_iter().chain(peer.phone.clone());
        Pick {
            chosen: id == chosen,
            note: note.collect::<Vec<_>>().join(" · "),
            group: String::new(),
            id,
            name,
        }
    };
    found.into_iter().map(pick).collect()
}

/// What the setting says when nobody is chosen.
fn nobody(view: &View<'_>, setting: SettingId) -> String {
    match setting {
        SettingId::RecordChat => view.say("telegram-saved"),
        _ => view.say("value-me"),
    }
}
