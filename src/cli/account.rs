//! `gudok account`: the settings of accounts, in the running Gudok or in the profile itself.

use std::io::Read;

use serde_json::{Map, Value, json};

use crate::call::Problem;
use crate::cli::args::Account;
use crate::cli::control::{Client, ClientError, command};
use crate::cli::{Args, Exit, Output, reach};
use crate::engine::{Command, Engine};
use crate::locale::Texts;
use crate::store::Profile;

/// The longest password that is read.
const MAX_PASSWORD: u64 = 4096;

/// Whoever owns the profile: a Gudok that runs, or an engine started for this one question.
enum Owner {
    Running(Client),
    Own(Box<Engine>),
}

impl Owner {
    fn reach(args: &Args, profile: Profile) -> Result<Self, Problem> {
        match Client::connect(&profile) {
            Ok(client) => Ok(Self::Running(client)),
            Err(_) => Ok(Self::Own(Box::new(reach::engine(
                args, profile, None, false,
            )?))),
        }
    }

    fn request(&mut self, method: &str, params: Value) -> Result<Value, Problem> {
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

    fn accounts(&mut self) -> Result<Vec<Value>, Problem> {
        let mut status = self.request("status", json!({}))?;
        match status.get_mut("accounts").map(Value::take) {
            Some(Value::Array(accounts)) => Ok(accounts),
            _ => Err(Problem::WrongState),
        }
    }

    /// An account by its name or identifier.
    fn account(&mut self, named: &str) -> Result<Value, Problem> {
        let accounts = self.accounts()?;
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

pub(super) fn run(args: &Args, profile: Profile, account: &Account, output: &Output) -> Exit {
    let outcome = Owner::reach(args, profile).and_then(|mut owner| {
        let outcome = carry_out(&mut owner, account, output);
        owner.stop();
        outcome
    });
    match outcome {
        Ok(()) => Exit::Done,
        Err(problem) => output.problem(&problem),
    }
}

fn carry_out(owner: &mut Owner, account: &Account, output: &Output) -> Result<(), Problem> {
    match account {
        Account::Add {
            name,
            values,
            password_stdin,
        } => {
            let mut values = settings(values)?;
            values.insert("name".into(), json!(name));
            let password = password(*password_stdin, output.texts())?;
            let params = json!({ "values": values, "password": password });
            let reply = owner.request("add_account", params)?;
            output.object(&reply, |_| {
                reply
                    .get("account")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            });
        }
        Account::Set {
            account,
            values,
            password_stdin,
        } => {
            let id = owner.account(account)?.get("id").cloned();
            let values = settings(values)?;
            let password = if *password_stdin {
                password(true, output.texts())?
            } else {
                None
            };
            let params = json!({ "account": id, "values": values, "password": password });
            owner.request("set_account", params)?;
        }
        Account::Remove { account } => {
            let id = owner.account(account)?.get("id").cloned();
            owner.request("remove_account", json!({ "account": id }))?;
        }
        Account::Show { account } => {
            let account = owner.account(account)?;
            output.object(&account, |_| match account.get("values") {
                Some(Value::Object(values)) => {
                    let line = |(key, value): (&String, &Value)| {
                        format!("{key} = {}", value.as_str().unwrap_or_default())
                    };
                    values.iter().map(line).collect::<Vec<_>>().join("\n")
                }
                _ => String::new(),
            });
        }
        Account::List => {
            let accounts = owner.accounts()?;
            output.object(&json!(accounts), |texts| {
                if accounts.is_empty() {
                    return texts.get("cli-no-accounts");
                }
                let text = |account: &Value, key: &str| {
                    account
                        .get(key)
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                        .to_owned()
                };
                let line =
                    |account: &Value| format!("{}  {}", text(account, "id"), text(account, "name"));
                accounts.iter().map(line).collect::<Vec<_>>().join("\n")
            });
        }
    }
    Ok(())
}

/// Reads `setting=value` pairs. A password does not belong on the command line, where every
/// other user of the computer can read it.
fn settings(values: &[String]) -> Result<Map<String, Value>, Problem> {
    let bad = |setting: &str, reason: &str| Problem::BadValue {
        setting: setting.into(),
        reason: reason.into(),
    };
    values
        .iter()
        .map(|pair| {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| bad(pair, "reason-no-value"))?;
            if key == "password" {
                return Err(bad(key, "reason-password-argument"));
            }
            Ok((key.to_owned(), json!(value)))
        })
        .collect()
}

/// The password from standard input, or from a prompt if a person sits there.
fn password(from_stdin: bool, texts: &Texts) -> Result<Option<String>, Problem> {
    use std::io::IsTerminal;
    let failed = |error: std::io::Error| Problem::KeyStore {
        reason: error.to_string(),
    };
    if from_stdin {
        let mut text = String::new();
        std::io::stdin()
            .take(MAX_PASSWORD)
            .read_to_string(&mut text)
            .map_err(failed)?;
        return Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()));
    }
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let typed = rpassword::prompt_password(texts.get("cli-password")).map_err(failed)?;
    Ok((!typed.is_empty()).then_some(typed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_pairs_and_never_a_password() {
        let pairs =
            |list: &[&str]| settings(&list.iter().map(|s| s.to_string()).collect::<Vec<_>>());
        assert_eq!(
            pairs(&["domain=a=b"]).unwrap().get("domain"),
            Some(&json!("a=b"))
        );
        assert!(pairs(&["domain"]).is_err());
        assert!(pairs(&["password=x"]).is_err());
    }
}
