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
        let Some((end, body)) = end_of_head(bytes, self.scanned) else {
            let line_end = bytes.windows(2).position(|window| window == b"\r\n");
            let line = bytes.get(..line_end.unwrap_or(bytes.len()));
            let hopeless = match line_end {
                Some(_) => !is_start_line(line.unwrap_or_default()),
                None => bytes.len() > MAX_LINE,
            };
            if hopeless {
                return Err(ReadError::NotSip);
            }
            if bytes.len() >= MAX_MESSAGE {
                return Err(ReadError::TooLarge);
            }
            self.scanned = bytes.len();
            return Ok(None);
        };
        self.scanned = end;
        let head = Head::parse(bytes.get(..end).unwrap_or_default());
        let line = head.start.filter(|line| is_start_line(line.as_bytes()));
        let line = line.ok_or(ReadError::NotSip)?;
        let length = match head.content_length() {
            Ok(Some(length)) => length,
            Ok(None) => return Err(cut_off(line, &head, "Missing Content-Length")),
            Err((_, reason)) => return Err(cut_off(line, &head, reason)),
        };
        let whole = body
            .checked_add(length)
            .filter(|whole| *whole <= MAX_MESSAGE)
            .ok_or(ReadError::TooLarge)?;
        Ok(bytes.get(..whole).map(<[u8]>::to_vec).map(|message| {
            self.take(whole);
            Frame::Message(message)
        }))
    }
}

fn cut_off(line: &str, head: &Head, reason: &str) -> ReadError {
    let method = line.split(' ').next().unwrap_or_default();
    if is_start_line(method.as_bytes()) {
        ReadError::bad(reason)
    } else {
        broken(method, &head.headers, (400, reason))
    }
}
