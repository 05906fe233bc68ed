//! From the command line to an engine: the running one, or one of its own.

use std::future::Future;
use std::path::{Path, PathBuf};

use crate::audio::{DeviceSpec, Processing};
use crate::call::{DeviceChoice, Problem};
use crate::cli::Args;
use crate::cli::args::Devices;
use crate::engine::{AccountView, Engine, Options, Snapshot};
use crate::locale;
use crate::store::{Profile, StoreError};

/// The profile the arguments name; beside a running Gudok it can be read, not changed.
///
/// # Errors
/// [`Problem::File`].
pub fn profile(args: &Args) -> Result<Profile, Problem> {
    let dir = Profile::locate(args.profile.as_deref())?;
    match Profile::open(&dir) {
        Err(StoreError::InUse { dir }) => Ok(Profile::beside(&dir)?),
        other => Ok(other?),
    }
}

/// The profile once more if another Gudok owns it.
pub fn beside(profile: &Profile) -> Option<Profile> {
    let other = (!profile.is_owned()).then(|| Profile::beside(profile.dir()));
    other?.ok()
}

/// Starts an engine for one task of the command line.
///
/// # Errors
/// What the engine says.
pub fn engine(
    args: &Args,
    profile: Profile,
    devices: Option<DeviceChoice>,
    processing: Option<Processing>,
    register: bool,
) -> Result<Engine, Problem> {
    Engine::start(Options {
        profile,
        secrets: args.secrets.map(Into::into),
        listen: args.listen,
        devices,
        processing,
        words: locale::words(args.lang.map(Into::into)),
        register,
    })
}

/// The devices the arguments name; what is not named is as the system has it.
pub fn devices(devices: &Devices) -> DeviceChoice {
    DeviceChoice {
        microphone: devices.audio_in.clone().unwrap_or_default(),
        speaker: devices.audio_out.clone().unwrap_or_default(),
        ring: DeviceSpec::Silence,
        tones: false,
    }
}

/// The account with this identifier or name.
///
/// # Errors
/// [`Problem::Unknown`].
pub fn account<'a>(snapshot: &'a Snapshot, named: &str) -> Result<&'a AccountView, Problem> {
    let accounts = &snapshot.accounts;
    accounts
        .iter()
        .find(|account| account.id.as_str() == named)
        .or_else(|| accounts.iter().find(|account| account.name == named))
        .ok_or_else(|| Problem::Unknown {
            what: format!("account {named}"),
        })
}

/// A path that means the same to a Gudok that runs in another folder.
///
/// # Errors
/// [`Problem::File`].
pub fn absolute(path: &Path) -> Result<PathBuf, Problem> {
    std::path::absolute(path).map_err(|error| Problem::File {
        path: path.display().to_string(),
        reason: error.to_string(),
    })
}

/// Runs a task that waits for the engine.
///
/// # Errors
/// [`Problem::Refused`] if the system gives no runtime.
pub fn block_on<T>(task: impl Future<Output = T>) -> Result<T, Problem> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Problem::Refused {
        status: 500,
        reason: error.to_string(),
    })?;
    Ok(runtime.block_on(task))
}

/// What to say when only one Gudok may have the profile.
pub fn in_use(profile: &Profile) -> Problem {
    let dir = profile.dir().to_owned();
    StoreError::InUse { dir }.into()
}

/// Ends at Ctrl-C, and at the signal by which a service manager stops a service.
pub async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
