//! `gudok account`: the settings of accounts, in the running Gudok or in the profile itself.

use std::io::Read;

use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use crate::account::{SettingSpec, settings};
use crate::call::Problem;
use crate::cli::args::Account;
use crate::cli::owner::{self, Owner};
use crate::cli::{Args, Exit, Output, reach};
use crate::locale::Texts;
use crate::store::Profile;
use crate::store::secrets::passphrase_from_environment;

/// The longest password that is read.
const MAX_PASSWORD: u64 = 4096;

pub(super) fn run(args: &Args, profile: Profile, account: &Account, output: &Output) -> Exit {
    let outcome = owner::with(args, profile, |owner| carry_out(owner, account, output));
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
            let mut values = pairs(values)?;
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
            apply,
        } => {
            let id = owner.account(account)?.get("id").cloned();
            let values = pairs(values)?;
            let password = if *password_stdin {
                password(true, output.texts())?
            } else {
                None
            };
            let params = json!({
                "account": id, "values": values, "password": password, "apply": apply,
            });
            owner.request("set_account", params)?;
            let waits = owner
                .account(account)?
                .get("draft")
                .is_some_and(Value::is_object);
            if waits {
                output.say(&output.texts().get("cli-account-waits"));
            }
        }
        Account::Settings => output.object(&json!(settings()), |texts| {
            let line = |spec: &SettingSpec| {
                let (title, help) = (texts.get(spec.title_key), texts.get(spec.help_key));
                format!("{}  {title}. {help}", spec.name)
            };
            settings().iter().map(line).collect::<Vec<_>>().join("\n")
        }),
        Account::Apply { account } => owner.about("apply_account", account)?,
        Account::Revert { account } => owner.about("revert_account", account)?,
        Account::Remove { account } => owner.about("remove_account", account)?,
        Account::Restore { account } => {
            let id = owner.named("removed", account)?.get("id").cloned();
            owner.request("restore_account", json!({ "account": id }))?;
        }
        Account::Enable { account } => owner.switch(account, "on")?,
        Account::Disable { account } => owner.switch(account, "off")?,
        Account::Export {
            accounts,
            to,
            with_passwords,
        } => {
            let mut ids = Vec::with_capacity(accounts.len());
            for account in accounts {
                ids.extend(owner.account(account)?.get("id").cloned());
            }
            let path = to.as_deref().map(reach::absolute).transpose()?;
            let passphrase = passphrase(*with_passwords, output.texts())?;
            let params = json!({ "accounts": ids, "path": path, "passphrase": passphrase });
            let reply = owner.request("export_accounts", params)?;
            output.object(&reply, |_| {
                let text = reply.get("text").and_then(Value::as_str);
                text.unwrap_or_default().trim_end().to_owned()
            });
        }
        Account::Import {
            file,
            with_passwords,
        } => {
            let path = reach::absolute(file)?;
            let passphrase = passphrase(*with_passwords, output.texts())?;
            let params = json!({ "path": path, "passphrase": passphrase });
            let reply = owner.request("import_accounts", params)?;
            output.object(&reply, |_| {
                let ids = reply.get("accounts").and_then(Value::as_array);
                let ids = ids.into_iter().flatten().filter_map(Value::as_str);
                ids.collect::<Vec<_>>().join("\n")
            });
        }
        Account::Show { account } => {
            let account = owner.account(account)?;
            output.object(&account, |_| {
                let value = |at: &str, name: &str| {
                    let value = account.pointer(at)?.get(name)?.as_str()?;
                    Some(value.to_owned())
                };
                let line = |spec: &SettingSpec| {
                    let is = value("/values", spec.name)?;
                    Some(match value("/draft/values", spec.name) {
                        Some(shall) => format!("{} = {is} → {shall}", spec.name),
                        None => format!("{} = {is}", spec.name),
                    })
                };
                settings()
                    .iter()
                    .filter_map(line)
                    .collect::<Vec<_>>()
                    .join("\n")
            });
        }
        Account::List => {
            let accounts = owner.list("accounts")?;
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
fn pairs(values: &[String]) -> Result<Map<String, Value>, Problem> {
    values
        .iter()
        .map(|pair| {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| Problem::bad_value(pair, "reason-no-value"))?;
            if key == "password" {
                return Err(Problem::bad_value(key, "reason-password-argument"));
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

/// The passphrase of a file of accounts: `GUDOK_PASSPHRASE`, or what is typed.
fn passphrase(wanted: bool, texts: &Texts) -> Result<Option<String>, Problem> {
    if !wanted {
        return Ok(None);
    }
    if let Some(passphrase) = passphrase_from_environment() {
        return Ok(Some(passphrase.expose_secret().to_owned()));
    }
    let typed = rpassword::prompt_password(texts.get("cli-passphrase"));
    let typed = typed.map_err(|_| Problem::KeyStore {
        reason: "reason-secrets-passphrase".into(),
    })?;
    Ok(Some(typed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_pairs_and_never_a_password() {
        let pairs =
            |list: &[&str]| super::pairs(&list.iter().map(|s| s.to_string()).collect::<Vec<_>>());
        assert_eq!(
            pairs(&["domain=a=b"]).unwrap().get("domain"),
            Some(&json!("a=b"))
        );
        assert!(pairs(&["domain"]).is_err());
        assert!(pairs(&["password=x"]).is_err());
    }
}
