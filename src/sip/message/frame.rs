use super::head::{Head, broken, end_of_head};
use super::read::is_start_line;
use super::{MAX_LINE, MAX_MESSAGE, ReadError};

/// A piece of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// The bytes of one message, for [`read`](super::read).
    Message(Vec<u8>),
    /// A double line end: the far side asks whether we live (RFC 5626 3.5.1). Answer with one.
    Ping,
    /// A single line end: the answer to our ping.
    Pong,
}

/// Cuts a stream (TCP, TLS) into messages by their Content-Length (RFC 3261 18.3).
///
/// A double line end that arrives in two halves is a pong followed by a ping, since a half can't
/// be told from a pong when it arrives; whatever the pieces, no ping is lost. After an error the
/// place where the next message begins is unknown: nothing more comes, close the connection.
/// At most one message is held plus what was pushed since [`Framer::next`] last gave `None`.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    /// Where the unread bytes begin.
    start: usize,
    /// How far from `start` the end of a header section has been looked for.
    scanned: usize,
    /// How long the message at `start` is, once its header section is there.
    whole: Option<usize>,
    /// A lone line end was just given out as a pong.
    half_ping: bool,
    failed: bool,
}

impl Framer {
    /// A framer at the beginning of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what was read from the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed {
            return;
        }
        if self.start > 0 {
            self.buffer.drain(..self.start.min(self.buffer.len()));
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole piece, if there is one. Call until `None`.
    #[expect(
        clippy::should_implement_trait,
        reason = "None means not yet, not the end"
    )]
    pub fn next(&mut self) -> Option<Result<Frame, ReadError>> {
        if self.failed {
            return None;
        }
        let frame = self.frame().transpose();
        if let Some(Err(_)) = &frame {
            self.failed = true;
            self.buffer = Vec::new();
            self.start = 0;
        }
        frame
    }

    fn take(&mut self, length: usize) {
        self.start += length;
        self.scanned = 0;
        self.whole = None;
    }

    fn frame(&mut self) -> Result<Option<Frame>, ReadError> {
        let bytes = self.buffer.get(self.start..).unwrap_or_default();
        match bytes {
            [] | [b'\r'] => return Ok(None),
            [b'\r', b'\n', rest @ ..] => {
                let frame = match rest {
                    _ if self.half_ping => Some((Frame::Ping, 2, false)),
                    [b'\r', b'\n', ..] => Some((Frame::Ping, 4, false)),
                    [b'\r'] => None,
                    _ => Some((Frame::Pong, 2, true)),
                };
                return Ok(frame.map(|(frame, length, half)| {
                    self.half_ping = half;
                    self.take(length);
                    frame
                }));
            }
            _ => self.half_ping = false,
        }
        let whole = match self.whole {
            Some(whole) => whole,
            None => match end_of_head(bytes, self.scanned) {
                Some((end, body)) => whole_length(bytes, end, body)?,
                None => {
                    still_hopeful(bytes)?;
                    self.scanned = bytes.len();
                    return Ok(None);
                }
            },
        };
        self.whole = Some(whole);
        Ok(bytes.get(..whole).map(<[u8]>::to_vec).map(|message| {
            self.take(whole);
            Frame::Message(message)
        }))
    }
}

/// Whether a header section that has begun may still become one.
fn still_hopeful(bytes: &[u8]) -> Result<(), ReadError> {
    let hopeful = match bytes.windows(2).position(|window| window == b"\r\n") {
        Some(end) => is_start_line(bytes.get(..end).unwrap_or_default()),
        None => bytes.len() <= MAX_LINE,
    };
    if !hopeful {
        Err(ReadError::NotSip)
    } else if bytes.len() >= MAX_MESSAGE {
        Err(ReadError::TooLarge)
    } else {
        Ok(())
    }
}

/// How long a message is whose header section ends at `end` and whose body begins at `body`.
fn whole_length(bytes: &[u8], end: usize, body: usize) -> Result<usize, ReadError> {
    let head = Head::parse(bytes.get(..end).unwrap_or_default());
    let line = head.start.filter(|line| is_start_line(line.as_bytes()));
    let line = line.ok_or(ReadError::NotSip)?;
    let length = match head.content_length() {
        Ok(Some(length)) => length,
        Ok(None) => return Err(cut_off(line, &head, "Missing Content-Length")),
        Err((_, reason)) => return Err(cut_off(line, &head, reason)),
    };
    body.checked_add(length)
        .filter(|whole| *whole <= MAX_MESSAGE)
        .ok_or(ReadError::TooLarge)
}

fn cut_off(line: &str, head: &Head, reason: &str) -> ReadError {
    let method = line.split(' ').next().unwrap_or_default();
    if is_start_line(method.as_bytes()) {
        ReadError::bad(reason)
    } else {
        broken(method, &head.headers, (400, reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(method: &str, body: &str) -> String {
        let length = body.len();
        format!("{method} sip:h SIP/2.0\r\nl : \r\n {length}\r\nCall-ID: c\r\n\r\n{body}")
    }

    fn frames(framer: &mut Framer) -> Vec<Frame> {
        std::iter::from_fn(|| framer.next())
            .map(|frame| frame.expect("frame"))
            .collect()
    }

    fn fails(bytes: &str) -> ReadError {
        let mut framer = Framer::new();
        framer.push(bytes.as_bytes());
        match framer.next() {
            Some(Err(error)) => {
                framer.push(message("INVITE", "").as_bytes());
                assert_eq!(framer.next(), None, "the stream is lost after an error");
                error
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn messages_that_arrive_together_are_cut_apart() {
        let (one, two) = (message("INVITE", "v=0\r\n\r\n"), message("BYE", ""));
        let mut framer = Framer::new();
        framer.push(format!("\r\n\r\n{one}{two}\r\n{one}").as_bytes());
        let expected = [
            Frame::Ping,
            Frame::Message(one.clone().into_bytes()),
            Frame::Message(two.into_bytes()),
            Frame::Pong,
            Frame::Message(one.into_bytes()),
        ];
        assert_eq!(frames(&mut framer), expected);
    }

    #[test]
    fn a_message_that_arrives_byte_by_byte_comes_out_whole() {
        let text = message("MESSAGE", "Привет");
        let mut framer = Framer::new();
        let (last, first) = text.as_bytes().split_last().expect("bytes");
        for byte in first {
            framer.push(&[*byte]);
            assert_eq!(framer.next(), None);
        }
        framer.push(&[*last]);
        assert_eq!(frames(&mut framer), [Frame::Message(text.into_bytes())]);
    }

    #[test]
    fn a_pong_is_heard_at_once_and_a_torn_ping_is_still_a_ping() {
        let mut framer = Framer::new();
        framer.push(b"\r\n");
        assert_eq!(frames(&mut framer), [Frame::Pong]);
        framer.push(b"\r\n");
        assert_eq!(frames(&mut framer), [Frame::Ping]);
        framer.push(b"\r\n\r");
        assert_eq!(frames(&mut framer), []);
        framer.push(b"\n\r");
        assert_eq!(frames(&mut framer), [Frame::Ping]);
        framer.push(b"\n");
        assert_eq!(frames(&mut framer), [Frame::Pong]);
    }

    #[test]
    fn without_a_content_length_the_stream_can_not_go_on() {
        let complete = "OPTIONS sip:h SIP/2.0\r\nVia: SIP/2.0/TCP a\r\nFrom: <sip:a@b>;tag=1\r\n\
                        To: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n";
        for length in [
            "",
            "Content-Length: -1\r\n",
            "l: 1\r\nl: 2\r\n",
            "l: 1x\r\n",
        ] {
            let error = fails(&format!("{complete}{length}\r\n"));
            assert!(matches!(error, ReadError::Broken { status: 400, .. }));
            let answer = error.answer(Some("t")).expect("answer");
            assert_eq!(answer.status_code.code(), 400);
        }
        let response = fails("SIP/2.0 200 OK\r\nVia: x\r\n\r\n");
        assert_eq!(response.answer(None), None);
    }

    #[test]
    fn what_is_not_sip_is_seen_by_its_first_line() {
        assert_eq!(fails("GET / HTTP/1.1\r\nHost: x\r\n"), ReadError::NotSip);
        assert_eq!(fails("GET / HTTP/1.1\r\n\r\n"), ReadError::NotSip);
        assert_eq!(fails(&"x".repeat(MAX_LINE + 1)), ReadError::NotSip);
        assert_eq!(fails("\r\r\n"), ReadError::NotSip);
    }

    #[test]
    fn memory_is_bounded() {
        let line = "OPTIONS sip:h SIP/2.0\r\n";
        let endless = format!("{line}{}", "X: y\r\n".repeat(MAX_MESSAGE / 6));
        assert_eq!(fails(&endless), ReadError::TooLarge);
        for length in ["65536", "18446744073709551615"] {
            let error = fails(&format!("{line}Content-Length: {length}\r\n\r\n"));
            assert_eq!(error, ReadError::TooLarge);
        }
    }
}
