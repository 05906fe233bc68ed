//! What a person does to the window.

use egui::{Event, Key};
use egui_kittest::kittest::Queryable;

use super::scenes::Scene;
use crate::engine::{Command, Problem, Reply};
use crate::locale::{Language, Texts};

/// A text in English.
pub fn texts(key: &str) -> String {
    Texts::new(Language::En).get(key)
}

/// The only one of these commands.
pub fn only(commands: Vec<Command>) -> Command {
    let [command] = <[Command; 1]>::try_from(commands).expect("one command");
    command
}

impl Scene {
    /// Presses what has this name.
    pub fn press(&mut self, name: &str) {
        self.window.get_by_label(name).click();
        self.window.run_steps(3);
    }

    /// Presses the row of a setting, whatever its value.
    pub fn press_row(&mut self, name: &str) {
        let begins = format!("{name}: ");
        self.window
            .get_by(|node| {
                let label = node.label();
                label.is_some_and(|label| label == name || label.starts_with(&begins))
            })
            .click();
        self.window.run_steps(3);
    }

    /// Whether anything has this name.
    pub fn shows(&self, name: &str) -> bool {
        self.window.query_by_label(name).is_some()
    }

    /// Whether the name of anything has this in it.
    pub fn says(&self, words: &str) -> bool {
        let mut found = self.window.query_all_by_label_contains(words);
        found.next().is_some()
    }

    /// Types, one letter after the other.
    pub fn type_keys(&mut self, text: &str) {
        for letter in text.chars() {
            self.window.event(Event::Text(letter.to_string()));
            self.window.run_steps(1);
        }
        self.window.run_steps(1);
    }

    /// Presses and releases a key.
    pub fn key(&mut self, key: Key) {
        self.window.key_press(key);
        self.window.run_steps(3);
    }

    /// The name of what has the keyboard.
    pub fn focused(&self) -> Option<String> {
        let mut nodes = self.window.query_all_by(|node| node.is_focused());
        nodes.next().and_then(|node| {
            use egui_kittest::kittest::NodeT;
            node.accesskit_node().label()
        })
    }

    /// What is in a field.
    pub fn value(&self, name: &str) -> String {
        let fields = self.window.query_all_by_label(name);
        let mut values = fields.filter_map(|field| field.value());
        values.next().unwrap_or_default()
    }

    /// What the number field has in it.
    pub fn number(&self) -> String {
        self.value(&texts("phone-number"))
    }

    /// Answers the next command that waits for its outcome.
    pub fn answer(&mut self, outcome: Result<Reply, Problem>) -> Command {
        let request = loop {
            let request = self.engine.requests.try_recv().expect("a command");
            if request.reply.is_some() {
                break request;
            }
        };
        request.reply.unwrap().send(outcome).unwrap();
        self.window.run_steps(3);
        request.command
    }
}
