use serde_json::{Value, json};

use crate::audio::DeviceList;
use crate::call::Problem;
use crate::cli::Args;
use crate::locale::{Language, Texts};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// The call or action failed.
    Failed,
    /// Wrong use.
    Usage,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
        })
    }
}

/// Prints for a person, or JSON for a program.
pub struct Output {
    json: bool,
    texts: Texts,
}

impl Output {
    /// As the arguments ask.
    pub fn new(args: &Args) -> Self {
        let system = || Language::from_preference("system");
        let language = args.lang.map_or_else(system, Language::from);
        Self {
            json: args.json,
            texts: Texts::new(language),
        }
    }

    /// Whether a program reads along.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// The texts in the person's language.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// What went wrong and what to do, in one text.
    pub fn explain(&self, problem: &Problem) -> String {
        let text = self.texts.problem(problem);
        format!("{} {}", text.what, text.next)
    }

    /// Prints what went wrong and gives the exit code for it.
    pub fn problem(&self, problem: &Problem) -> Exit {
        let text = self.explain(problem);
        let object = json!({ "result": "failed", "problem": problem, "text": text });
        self.failure(&object, &text)
    }

    /// Prints a failure, as JSON or for a person, and gives the exit code for it.
    pub fn failure(&self, object: &Value, text: &str) -> Exit {
        if self.json {
            self.line(object);
        } else {
            eprintln!("{text}");
        }
        Exit::Failed
    }

    /// Prints an object: as JSON if asked, else by `human`.
    pub fn object(&self, object: &Value, human: impl FnOnce(&Texts) -> String) {
        if self.json {
            self.line(object);
        } else {
            let text = human(&self.texts);
            if !text.is_empty() {
                println!("{text}");
            }
        }
    }

    /// Prints a JSON line, but nothing for a person.
    pub fn event(&self, event: &Value) {
        if self.json {
            self.line(event);
        }
    }

    /// Prints a text for a person, but nothing in JSON.
    pub fn say(&self, text: &str) {
        if !self.json {
            println!("{text}");
        }
    }

    /// Prints the devices.
    pub fn devices(&self, list: &DeviceList) -> Exit {
        let object = json!({ "inputs": list.inputs, "outputs": list.outputs });
        self.object(&object, |texts| {
            let part = |title: &str, names: &[String]| {
                let names = if names.is_empty() {
                    format!("  {}", texts.get("cli-none"))
                } else {
                    names
                        .iter()
                        .map(|name| format!("  {name}"))
                        .collect::<Vec<_>>()
                        .join("\n")
                };
                format!("{}\n{names}", texts.get(title))
            };
            let inputs = part("cli-microphones", &list.inputs);
            format!("{inputs}\n{}", part("cli-speakers", &list.outputs))
        });
        Exit::Done
    }

    fn line(&self, value: &Value) {
        use std::io::Write;
        let mut out = std::io::stdout().lock();
        // Whoever reads may be gone; there is nobody else to tell.
        let _ = writeln!(out, "{value}").and_then(|()| out.flush());
    }
}
