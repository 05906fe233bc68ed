use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

use crate::audio::{DeviceSpec, Processing};
use crate::store::secrets::SecretsKind;

/// Gudok, a softphone.
#[derive(Debug, Parser)]
#[command(
    name = "gudok",
    version,
    about,
    args_conflicts_with_subcommands = false
)]
pub struct Args {
    /// Keeps everything of this Gudok in one folder
    #[arg(long, global = true, env = "GUDOK_PROFILE", value_name = "DIR")]
    pub profile: Option<PathBuf>,
    /// Where passwords are kept, from now on
    #[arg(long, global = true, value_name = "WHERE")]
    pub secrets: Option<Secrets>,
    /// Listens for SIP on this address (UDP and TCP)
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// The language of texts
    #[arg(long, global = true, value_name = "LANGUAGE")]
    pub lang: Option<Lang>,
    /// Prints JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do; the window if nothing is said
    #[command(subcommand)]
    pub face: Option<Face>,
    /// A number, SIP address or link to dial in the window
    #[arg(value_name = "NUMBER|LINK")]
    pub number: Option<String>,
}

/// What the command line can do.
#[derive(Debug, Subcommand)]
pub enum Face {
    /// A first call, on the built-in test line
    Demo(Demo),
    /// Calls a number or SIP address
    Call(Call),
    /// Waits for calls, answers them, reports
    Answer(Answer),
    /// Runs the engine without a window
    Run(Run),
    /// Speaks with the running Gudok
    Ctl(Ctl),
    /// Transfers a call of the running Gudok
    Transfer(Transfer),
    /// Lets the running Gudok dial again what was dialled last
    Redial,
    /// Shows what is in the voicemail of the running Gudok's accounts, or calls it
    Voicemail(Voicemail),
    /// Lists the watched numbers of the running Gudok, and whether they are busy
    Favourites,
    /// Picks up the call that rings at a watched number
    Pickup(Pickup),
    /// Shows whether calls are refused without ringing, or changes it: `dnd on`
    Dnd(Dnd),
    /// Lists and changes accounts
    #[command(subcommand)]
    Account(Account),
    /// Tries out dial rules
    #[command(subcommand)]
    Rules(Rules),
    /// Lists providers and PBXs that are known, or shows one
    Templates(Templates),
    /// Signs in to Telegram and out, finds chats and people there
    #[command(subcommand)]
    Telegram(Telegram),
    /// Lists the calls there were
    History(History),
    /// Lists the sound devices, or tries one out
    Devices(DevicesArgs),
    /// Shows how the sound is, or changes it: `sound echo_cancellation=off tones=de`
    Sound(Sound),
}

/// Arguments of `devices`.
#[derive(Debug, clap::Args)]
pub struct DevicesArgs {
    /// Tries out the chosen device: plays back what is said, or plays a sound
    #[arg(long = "try", value_name = "DEVICE")]
    pub tried: Option<Tried>,
}

/// A device that can be tried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tried {
    /// Listens for 4 s, then plays that back
    Microphone,
    /// Plays a sound
    Speaker,
    /// Rings
    Ring,
}

/// Arguments of `sound`.
#[derive(Debug, clap::Args)]
pub struct Sound {
    /// What to change: echo_cancellation, noise_suppression, gain_control and recording_tone are
    /// on or off, tones is a country or system, ring_tone is marimba, bell, chime or a file
    #[arg(value_name = "SETTING=VALUE")]
    pub values: Vec<String>,
}

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Makes the call here, without the window
    #[arg(long)]
    pub headless: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub devices: Devices,
    /// How long to talk
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub talk: Option<Duration>,
}

/// Devices of one call.
#[derive(Debug, Clone, clap::Args)]
pub struct Devices {
    /// The microphone: a name, default, direct:NAME, file:x.wav, tone:440, silence or loop
    #[arg(long, value_name = "DEVICE")]
    pub audio_in: Option<DeviceSpec>,
    /// The speaker: a name, default, direct:NAME, file:x.wav, silence or loop
    #[arg(long, value_name = "DEVICE")]
    pub audio_out: Option<DeviceSpec>,
    /// Sends the microphone as it is: echo, noise and loudness stay
    #[arg(long)]
    pub no_processing: bool,
}

impl Devices {
    /// What is to be done to the microphone's sound, if that is said.
    pub fn processing(&self) -> Option<Processing> {
        self.no_processing.then_some(Processing::NONE)
    }
}

/// Arguments of `call`.
#[derive(Debug, clap::Args)]
pub struct Call {
    /// The number, SIP address or link
    pub target: String,
    /// The account to call with, by name or identifier
    #[arg(long)]
    pub account: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub devices: Devices,
    /// Hangs up after this time
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub talk: Option<Duration>,
    /// Digits to send once the call is up
    #[arg(long, value_name = "DIGITS")]
    pub dtmf: Option<String>,
    /// Records the call, even if the account doesn't ask for it
    #[arg(long)]
    pub record: bool,
    /// Calls where the far side says it has moved (3xx), up to five times
    #[arg(long)]
    pub follow_redirects: bool,
    /// Gives the far side to this number instead of hanging up
    #[arg(long, value_name = "NUMBER", requires = "talk")]
    pub transfer: Option<String>,
    /// Calls whom the far side asks to call; the account's own server is followed anyway
    #[arg(long)]
    pub follow_transfers: bool,
}

/// Arguments of `answer`.
#[derive(Debug, clap::Args)]
pub struct Answer {
    /// The account to wait on, by name or identifier
    #[arg(long)]
    pub account: String,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub devices: Devices,
    /// Stops after this many calls
    #[arg(long)]
    pub calls: Option<usize>,
    /// Hangs up each call after this time
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub talk: Option<Duration>,
    /// Gives each caller to this number instead of hanging up
    #[arg(long, value_name = "NUMBER", requires = "talk")]
    pub transfer: Option<String>,
    /// Calls whom the far side asks to call; the account's own server is followed anyway
    #[arg(long)]
    pub follow_transfers: bool,
}

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub struct Run {
    /// Without a window
    #[arg(long, required = true)]
    pub headless: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub devices: Devices,
}

/// Arguments of `ctl`.
#[derive(Debug, clap::Args)]
pub struct Ctl {
    /// The method: status, settings, events, dial, answer, hang_up, hold, ...
    pub method: String,
    /// Its parameters, a JSON object
    pub params: Option<String>,
}

/// Arguments of `voicemail`.
#[derive(Debug, clap::Args)]
pub struct Voicemail {
    /// Calls the voicemail of this account, by name or identifier
    #[arg(long, value_name = "ACCOUNT")]
    pub call: Option<String>,
}

/// Arguments of `pickup`.
#[derive(Debug, clap::Args)]
pub struct Pickup {
    /// The watched number; without it the first that rings
    pub number: Option<String>,
}

/// Arguments of `dnd`.
#[derive(Debug, clap::Args)]
pub struct Dnd {
    /// `on` or `off`
    #[arg(value_parser = ["on", "off"])]
    pub value: Option<String>,
}

/// Arguments of `transfer`.
#[derive(Debug, clap::Args)]
pub struct Transfer {
    /// The number, SIP address or link; without it two calls are connected with each other
    pub to: Option<String>,
    /// Which call, by its number in `ctl status`; the one that is spoken with if it is not said
    #[arg(long, value_name = "CALL")]
    pub call: Option<u64>,
    /// The call it is connected with
    #[arg(long, value_name = "CALL", conflicts_with = "to")]
    pub with: Option<u64>,
}

/// What `account` can do.
#[derive(Debug, Subcommand)]
pub enum Account {
    /// Adds an account: `account add Office login=101 domain=pbx.example.com`
    Add {
        /// Its name
        name: String,
        /// Settings, each as `setting=value`
        #[arg(value_name = "SETTING=VALUE")]
        values: Vec<String>,
        /// Reads the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Lists the accounts
    List,
    /// Lists the settings an account has, and what each is for
    Settings,
    /// Shows an account's settings
    Show {
        /// Its name or identifier
        account: String,
    },
    /// Changes settings of an account
    Set {
        /// Its name or identifier
        account: String,
        /// Settings, each as `setting=value`
        #[arg(value_name = "SETTING=VALUE")]
        values: Vec<String>,
        /// Reads a new password from standard input
        #[arg(long)]
        password_stdin: bool,
        /// Puts the changes in force at once
        #[arg(long)]
        apply: bool,
    },
    /// Puts changed settings in force
    Apply {
        /// Its name or identifier
        account: String,
    },
    /// Drops changed settings that are not in force yet
    Revert {
        /// Its name or identifier
        account: String,
    },
    /// Switches an account on
    Enable {
        /// Its name or identifier
        account: String,
    },
    /// Switches an account off
    Disable {
        /// Its name or identifier
        account: String,
    },
    /// Removes an account and its password
    Remove {
        /// Its name or identifier
        account: String,
    },
    /// Brings back an account that was removed from the running Gudok within the last 10 s
    Restore {
        /// Its name or identifier
        account: String,
    },
    /// Writes accounts to a file, or to the screen
    Export {
        /// Their names or identifiers; all of one's own if none is named
        accounts: Vec<String>,
        /// The file
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        /// With their passwords, sealed with a passphrase (asked for, or GUDOK_PASSPHRASE)
        #[arg(long)]
        with_passwords: bool,
    },
    /// Adds the accounts of a file
    Import {
        /// The file
        file: PathBuf,
        /// With their passwords (the passphrase is asked for, or GUDOK_PASSPHRASE)
        #[arg(long)]
        with_passwords: bool,
    },
}

/// What `rules` can do.
#[derive(Debug, Subcommand)]
pub enum Rules {
    /// Shows what dial rules make of a number: `rules test '^8=7 ^79' 89261234567`
    Test {
        /// The rules, separated by spaces
        #[arg(allow_hyphen_values = true)]
        rules: String,
        /// The number as it would be typed
        #[arg(allow_hyphen_values = true)]
        number: String,
    },
}

/// Arguments of `templates`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Templates {
    /// Words to look for, or the identifier of one to show
    pub search: Vec<String>,
    /// What to change, if anything
    #[command(subcommand)]
    pub action: Option<TemplatesAction>,
}

/// Arguments of `history`.
#[derive(Debug, clap::Args)]
pub struct History {
    /// Parts of a name or number to look for
    pub search: Vec<String>,
    /// Only calls of this kind
    #[arg(long, value_name = "KIND")]
    pub only: Option<HistoryKind>,
    /// How many at most
    #[arg(long, default_value_t = 50, value_name = "NUMBER")]
    pub limit: usize,
    /// Writes all that fit into a CSV file instead
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
}

/// A kind of past calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HistoryKind {
    /// Nobody took them here
    Missed,
    /// They came in
    Incoming,
    /// They went out
    Outgoing,
    /// They have a recording
    Recorded,
}

/// What `templates` can change.
#[derive(Debug, Subcommand)]
pub enum TemplatesAction {
    /// Adds the templates of a file to one's own
    Import {
        /// The file, TOML
        file: PathBuf,
    },
    /// Removes a template of one's own
    Remove {
        /// Its identifier
        id: String,
    },
}

/// What `telegram` can do.
#[derive(Debug, Subcommand)]
pub enum Telegram {
    /// Signs in: asks for the number, the code, and the password if there is one
    SignIn {
        /// Shows a code for a telephone where Telegram is open instead
        #[arg(long)]
        qr: bool,
    },
    /// Signs out, which ends the session at Telegram
    SignOut,
    /// Shows who is signed in
    Status,
    /// Sets api_id and api_hash of my.telegram.org
    Api {
        /// api_id
        id: i32,
        /// Reads api_hash from standard input
        #[arg(long)]
        hash_stdin: bool,
    },
    /// Shows what the dial chat does, or changes it: `telegram set dial=on chat=Dial missed=on`
    Set {
        /// What to change: dial, callers and missed are on or off; chat is a chat by identifier,
        /// name or username, and empty is Saved Messages
        #[arg(value_name = "SETTING=VALUE")]
        values: Vec<String>,
    },
    /// Lists the numbers of the dial chat that wait to be dialled here
    Requests {
        /// Dials the one with this number
        #[arg(long, value_name = "NUMBER")]
        dial: Option<u64>,
        /// Doesn't dial the one with this number
        #[arg(long, value_name = "NUMBER", conflicts_with = "dial")]
        dismiss: Option<u64>,
    },
    /// Sends a recording of the history to the chat of its line
    Send {
        /// The file
        recording: PathBuf,
    },
    /// Lists what waits to be sent: recordings and notes
    Queue {
        /// Tries what can't be sent again, or only the message with this number
        #[arg(long, value_name = "NUMBER", num_args = 0..=1)]
        again: Option<Option<i64>>,
        /// Doesn't send the message with this number; a recording stays on this computer
        #[arg(long, value_name = "NUMBER", conflicts_with = "again")]
        drop: Option<i64>,
    },
    /// Finds chats that may be posted to
    Chats {
        /// A name, @username, number or identifier
        search: Option<String>,
    },
    /// Finds people
    People {
        /// A name, @username, number or identifier
        search: Option<String>,
    },
}

/// Where passwords are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Secrets {
    /// The key store of the system
    Keyring,
    /// A file sealed with a passphrase (GUDOK_PASSPHRASE)
    Sealed,
    /// A plain file that only you can read
    File,
}

impl From<Secrets> for SecretsKind {
    fn from(secrets: Secrets) -> Self {
        match secrets {
            Secrets::Keyring => Self::Keyring,
            Secrets::Sealed => Self::Sealed,
            Secrets::File => Self::File,
        }
    }
}

/// A language for texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// Русский
    Ru,
    /// English
    En,
}

impl From<Lang> for crate::locale::Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Ru => Self::Ru,
            Lang::En => Self::En,
        }
    }
}

/// Reads `10s`, `500ms`, `2m` or bare seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let split = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let scale = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(format!("{text}: 10s, 500ms, 2m")),
    };
    let number: f64 = number
        .parse()
        .map_err(|_| format!("{text}: 10s, 500ms, 2m"))?;
    Duration::try_from_secs_f64(number * scale).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(duration("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(duration("2"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        for wrong in ["", "s", "-1s", "1 week", "1e999s", "NaN"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_arguments_hold_together() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }
}
