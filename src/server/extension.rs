/// What a number of the test line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extension {
    /// Sends back what it hears.
    Echo,
    /// Plays the dial tone.
    Tone,
    /// Reads digits and sends them back after `#` or a pause of 2 s.
    Dtmf,
    /// Is always busy.
    Busy,
    /// Rings without end.
    Ring,
    /// Answers, hangs up and calls back.
    Callback,
}

impl Extension {
    /// All of them, by name and by number.
    pub const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::Echo, "echo", "600"),
        (Self::Tone, "tone", "601"),
        (Self::Dtmf, "dtmf", "604"),
        (Self::Ring, "ring", "605"),
        (Self::Busy, "busy", "606"),
        (Self::Callback, "callback", "607"),
    ];

    /// The one that answers to `user`, the user part of a request URI.
    pub fn find(user: &str) -> Option<Self> {
        let named = |(_, name, number): &&(Self, &str, &str)| {
            user.eq_ignore_ascii_case(name) || user == *number
        };
        Self::ALL
            .iter()
            .find(named)
            .map(|(extension, _, _)| *extension)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_lead_to_the_same_extension() {
        assert_eq!(Extension::find("echo"), Some(Extension::Echo));
        assert_eq!(Extension::find("Echo"), Some(Extension::Echo));
        assert_eq!(Extension::find("600"), Some(Extension::Echo));
        assert_eq!(Extension::find("602"), None);
    }
}
