use super::text::trim;

/// What a server tells of a voicemail box (RFC 3842 section 5.2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageSummary {
    /// Whether there are messages nobody has heard.
    pub waiting: bool,
    /// Where the box is called, if it is said.
    pub account: Option<String>,
    /// Voice messages nobody has heard; `None` if it is not said.
    pub new: Option<u32>,
    /// Voice messages that were heard.
    pub old: Option<u32>,
}

/// The longest body that is looked at, bytes.
const MAX_BODY: usize = 8 * 1024;

impl MessageSummary {
    /// Reads a body of `application/simple-message-summary`; `None` if it says nothing.
    pub fn read(body: &[u8]) -> Option<Self> {
        let body = body.get(..MAX_BODY.min(body.len()))?;
        let text = String::from_utf8_lossy(body);
        let mut summary = Self::default();
        let mut said = false;
        for line in text.lines() {
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let value = trim(value);
            match trim(name).to_ascii_lowercase().as_str() {
                "messages-waiting" => {
                    summary.waiting = value.eq_ignore_ascii_case("yes");
                    said = true;
                }
                "message-account" => {
                    summary.account = Some(value.to_owned()).filter(|uri| !uri.is_empty());
                }
                "voice-message" => {
                    let counts = value.split(['(', ' ']).next().unwrap_or_default();
                    let (new, old) = counts.split_once('/').unwrap_or((counts, ""));
                    summary.new = trim(new).parse().ok();
                    summary.old = trim(old).parse().ok();
                }
                _ => {}
            }
        }
        said.then_some(summary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_of_the_rfc_is_read() {
        let body = "Messages-Waiting: yes\r\nMessage-Account: sip:alice@vmail.example.com\r\n\
                    Voice-Message: 2/8 (0/2)\r\n";
        let expected = MessageSummary {
            waiting: true,
            account: Some("sip:alice@vmail.example.com".into()),
            new: Some(2),
            old: Some(8),
        };
        assert_eq!(MessageSummary::read(body.as_bytes()), Some(expected));
    }

    #[test]
    fn what_is_not_said_is_not_known() {
        let read = |text: &str| MessageSummary::read(text.as_bytes());
        let no = read("messages-waiting : NO\n").expect("a summary");
        assert_eq!((no.waiting, no.new, no.old), (false, None, None));
        let odd = read("Messages-Waiting: yes\nVoice-Message: many\n").expect("a summary");
        assert_eq!((odd.waiting, odd.new), (true, None));
        assert_eq!(read("Voice-Message: 1/0"), None);
        assert_eq!(read(""), None);
    }
}
