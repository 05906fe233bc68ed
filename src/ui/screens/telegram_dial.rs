//! The dial chat: which chat it is, and what is written there.

use egui::{Id, Ui};

use crate::account::Party;
use crate::engine::{Command, TelegramChange, TelegramPeer, TelegramPeerKind, find_telegram_peers};
use crate::ui::icons::Icon;
use crate::ui::view::View;
use crate::ui::widgets::{Modal, Pick, PickList, Search, SwitchRow, ValueRow, help_under, section};

/// What the window remembers: what is searched for while the list of chats is open.
pub type State = Option<Search>;

/// Shows the section.
pub fn show(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    let now = &view.snapshot.telegram.dial_chat;
    let change = |change: TelegramChange| view.send(Command::TelegramSet(change));
    ui.add_space(8.0);
    section(ui, &view.say("dial-chat"));
    if ui
        .add(SwitchRow::new(&view.say("dial-chat-on"), now.dial))
        .clicked()
    {
        change(TelegramChange {
            dial: Some(!now.dial),
            ..TelegramChange::default()
        });
    }
    help_under(ui, &view.say("dial-chat-note"));
    let saved = view.say("telegram-saved");
    let chat = now.chat.as_ref().map_or(saved.as_str(), |chat| &chat.name);
    let label = view.say("dial-chat-which");
    let row = ValueRow::new(&label, chat).icon(Icon::ChevronRight);
    if ui.add(row).clicked() {
        *state = Some(Search::default());
    }
    let switches = [
        ("dial-chat-callers", now.callers),
        ("dial-chat-missed", now.missed),
    ];
    for (key, on) in switches {
        if ui.add(SwitchRow::new(&view.say(key), on)).clicked() {
            let mut wanted = TelegramChange::default();
            match key {
                "dial-chat-callers" => wanted.callers = Some(!on),
                _ => wanted.missed = Some(!on),
            }
            change(wanted);
        }
    }
    pick(ui, view, state);
}

/// The list of chats over the window, while it is open.
fn pick(ui: &Ui, view: &View<'_>, state: &mut State) {
    let Some(search) = state else { return };
    let (title, close) = (view.say("dial-chat-choose"), view.say("list-close"));
    let (hint, nothing) = (view.say("party-search"), view.say("list-nothing"));
    let mut picked = None;
    let modal = Modal {
        id: "dial chat",
        title: &title,
        close: &close,
        width: 440.0,
    };
    let closed = modal.show(ui.ctx(), |ui| {
        let list = PickList {
            id: Id::unique("dial chat search"),
            search: &hint,
            nothing: &nothing,
            height: (ui.ctx().content_rect().height() - 168.0).min(400.0),
        };
        picked = list.show(ui, search, |typed| picks(view, typed));
    });
    if let Some(picked) = &picked {
        view.send(Command::TelegramSet(TelegramChange {
            dial_chat: Some(picked.id.clone()),
            ..TelegramChange::default()
        }));
    }
    if closed || picked.is_some() {
        *state = None;
    }
}

fn picks(view: &View<'_>, typed: &str) -> Vec<Pick> {
    let telegram = &view.snapshot.telegram;
    let saved = view.say("telegram-saved");
    let chosen = telegram.dial_chat.chat.as_ref().map(|chat| chat.id);
    let found = find_telegram_peers(&telegram.chats, typed, &saved);
    let pick = |peer: &TelegramPeer| {
        let is_saved = peer.kind == TelegramPeerKind::Saved;
        let party = Party {
            id: peer.id,
            name: peer.name.clone(),
        };
        let (id, name, chosen) = match is_saved {
            true => (String::new(), saved.clone(), chosen.is_none()),
            false => (party.to_string(), party.name, chosen == Some(peer.id)),
        };
        let username = peer.username.as_ref().map(|name| format!("@{name}"));
        Pick {
            id,
            name,
            note: username.unwrap_or_default(),
            group: String::new(),
            chosen,
        }
    };
    found.into_iter().map(pick).collect()
}
