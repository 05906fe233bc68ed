//! What is left to the running Gudok after a call beside it.

use std::time::SystemTime;

use serde_json::json;

use crate::cli::Client;
use crate::engine::{Beginning, CallView, Direction};
use crate::store::Profile;

/// Lets the Gudok that owns the profile send the recording of a call that was made beside it; it
/// is the one that is signed in. One that is not leaves the recording where it is.
pub fn send_recording(profile: &Profile, view: &CallView) {
    let Some(recording) = &view.recording else {
        return;
    };
    let began = SystemTime::now().checked_sub(view.started_at.elapsed());
    let since = began.and_then(|began| began.duration_since(SystemTime::UNIX_EPOCH).ok());
    let micros = since.unwrap_or_default().as_micros();
    let call = Beginning {
        began_us: i64::try_from(micros).unwrap_or_default(),
        account: view.account.to_string(),
        line: view.account_name.clone(),
        incoming: view.direction == Direction::Incoming,
        name: view.peer.name.clone(),
        number: view.peer.number.clone(),
        uri: view.peer.uri.clone(),
        typed: view.peer.typed.clone(),
    };
    let params = json!({ "path": recording.path, "call": call });
    if let Ok(mut running) = Client::connect(profile)
        && let Err(error) = running.request("telegram_send_recording", &params)
    {
        tracing::info!(?error, "the recording stays here");
    }
}
