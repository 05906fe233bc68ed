use serde::Serialize;

use crate::account::AccountId;
use crate::call::Problem;
use crate::engine::{CallId, CallState};

/// What happened, told to every face. A face that wants the whole picture reads the
/// [`Snapshot`](crate::engine::Snapshot).
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// An account's registration changed.
    Registration {
        /// Which account.
        account: AccountId,
        /// The new state.
        registration: crate::engine::Registration,
    },
    /// A call came in and rings.
    Incoming {
        /// Which call.
        call: CallId,
        /// The account it came in on.
        account: AccountId,
        /// Who calls.
        peer: crate::engine::Peer,
    },
    /// A call went to another state.
    CallState {
        /// Which call.
        call: CallId,
        /// The new state.
        state: CallState,
    },
    /// A transfer of ours goes on.
    Transfer {
        /// Which call.
        call: CallId,
        /// How it stands.
        transfer: crate::engine::Transfer,
    },
    /// The far side asks us to call somebody else;
    /// [`FollowTransfer`](crate::engine::Command::FollowTransfer) answers.
    TransferAsked {
        /// Which call.
        call: CallId,
        /// Whom we are to call.
        to: crate::engine::Peer,
    },
    /// A digit from the far side.
    Dtmf {
        /// Which call.
        call: CallId,
        /// `0-9*#A-D`.
        digit: char,
    },
    /// A number was dialled with [`Ask`](crate::engine::Ask), and the person has to choose a line.
    ChooseLine {
        /// What was dialled.
        target: String,
        /// The lines that can take it, the one used last for this number first.
        lines: Vec<AccountId>,
    },
    /// The voicemail box of an account changed.
    Voicemail {
        /// Which account.
        account: AccountId,
        /// What is in it.
        voicemail: crate::engine::VoicemailView,
    },
    /// The state of a watched number changed.
    Favourite(crate::engine::FavouriteView),
    /// A command that did not wait for its reply failed.
    Failed {
        /// Why.
        problem: Problem,
    },
    /// The window is to come forward.
    Show,
    /// The engine has stopped; nothing more is told.
    Stopped,
    /// The Telegram account went to another state.
    Telegram {
        /// The new state.
        state: crate::engine::TelegramState,
    },
    /// A number was written to the dial chat, and waits to be dialled here.
    DialRequest {
        /// The number, and the line it will go over.
        request: crate::engine::DialRequest,
    },
    /// The sound devices changed, or one of them failed.
    Devices {
        /// What is wrong, if anything is.
        problem: Option<Problem>,
    },
}
