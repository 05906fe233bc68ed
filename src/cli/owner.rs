//! Whoever owns a profile, asked from the command line.

use serde_json::{Value, json};

use crate::call::Problem;
use crate::cli::control::{Client, ClientError, command};
use crate::cli::{Args, reach};
use crate::engine::{Command, Engine};
use crate::store::Profile;

/// Does something with whoever owns the profile.
///
/// # Errors
/// What the engine says.
pub(super) fn with<T>(
    args: &Args,
    profile: Profile,
    act: impl FnOnce(&mut Owner) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let mut owner = Owner::reach(args, profile)?;
    let outcome = act(&mut owner);
    owner.stop();
    outcome
}

/// Whoever owns the profile: a Gudok that runs, or an engine started for this one question.
pub(super) enum Owner {
    Running(Client),
    Own(Box<Engine>),
}

impl Owner {
    fn reach(args: &Args, profile: Profile) -> Result<Self, Problem> {
        match Client::connect(&profile) {
            Ok(client) => Ok(Self::Running(client)),
            Err(_) => Ok(Self::Own(Box::new(reach::engine(
                args, profile, None, None, false,
            )?))),
        }
    }

    pub fn request(&mut self, method: &str, params: Value) -> Result<Value, Problem> {
        match self {
            Self::Running(client) => client
                .request(method, &params)
                .map_err(|error| match error {
                    ClientError::Refused(problem) => problem,
                    ClientError::NotRunning => Problem::WrongState,
                    ClientError::Broken(reason) => Problem::Refused {
                        status: 500,
                        reason,
                    },
                }),
            Self::Own(engine) if method == "status" => {
                serde_json::to_value(&*engine.handle.snapshot()).map_err(|error| Problem::Refused {
                    status: 500,
                    reason: error.to_string(),
                })
            }
            Self::Own(engine) => {
                let command: Command =
                    command(method, Some(params)).map_err(|(_, reason)| Problem::Refused {
                        status: 400,
                        reason,
                    })?;
                engine
                    .handle
                    .request(command)
                    .blocking_recv()
                    .unwrap_or(Err(Problem::WrongState))
            }
        }
    }

    /// A list of the snapshot: `accounts` or `removed`.
    pub fn list(&mut self, list: &str) -> Result<Vec<Value>, Problem> {
        let mut status = self.request("status", json!({}))?;
        match status.get_mut(list).map(Value::take) {
            Some(Value::Array(accounts)) => Ok(accounts),
            _ => Err(Problem::WrongState),
        }
    }

    /// An account by its name or identifier.
    pub fn account(&mut self, named: &str) -> Result<Value, Problem> {
        self.named("accounts", named)
    }

    /// Asks for something that is done to one account.
    pub fn about(&mut self, method: &str, named: &str) -> Result<(), Problem> {
        let id = self.account(named)?.get("id").cloned();
        self.request(method, json!({ "account": id }))?;
        Ok(())
    }

    pub fn switch(&mut self, named: &str, value: &str) -> Result<(), Problem> {
        let id = self.account(named)?.get("id").cloned();
        let params = json!({ "account": id, "values": { "enabled": value } });
        self.request("set_account", params)?;
        Ok(())
    }

    /// What has this name or identifier in a list of the snapshot.
    pub fn named(&mut self, list: &str, named: &str) -> Result<Value, Problem> {
        let accounts = self.list(list)?;
        let by = |key: &str| {
            accounts
                .iter()
                .find(|a| a.get(key) == Some(&json!(named)))
                .cloned()
        };
        by("id")
            .or_else(|| by("name"))
            .ok_or_else(|| Problem::Unknown {
                what: format!("account {named}"),
            })
    }

    fn stop(self) {
        if let Self::Own(engine) = self {
            engine.stop();
        }
    }
}
