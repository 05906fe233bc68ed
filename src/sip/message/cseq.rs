use std::fmt;
use std::str::FromStr;

use rsip::Method;

use super::ReadError;
use super::names::method;
use super::text::number;

/// A CSeq value (RFC 3261 20.16).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CSeq {
    /// The sequence number, below 2^31.
    pub seq: u32,
    /// The method.
    pub method: Method,
}

/// The parts of a CSeq whose method may be unknown to us.
pub(super) fn parts(text: &str) -> Result<(u32, &str), ReadError> {
    let mut words = text.split_ascii_whitespace();
    let (Some(seq), Some(method), None) = (words.next(), words.next(), words.next()) else {
        return Err(ReadError::bad("Invalid CSeq"));
    };
    number(seq)
        .flatten()
        .filter(|seq| *seq < 1 << 31)
        .map(|seq| (seq, method))
        .ok_or_else(|| ReadError::bad("Invalid CSeq number"))
}

impl FromStr for CSeq {
    type Err = ReadError;

    fn from_str(text: &str) -> Result<Self, ReadError> {
        let (seq, name) = parts(text)?;
        let method = method(name).ok_or_else(|| ReadError::bad("Unknown method in CSeq"))?;
        Ok(Self { seq, method })
    }
}

impl fmt::Display for CSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.seq, self.method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cseq_has_a_number_below_two_to_the_31_and_a_method() {
        let read: CSeq = "0009    INVITE".parse().expect("CSeq");
        assert_eq!(read.to_string(), "9 INVITE");
        for text in [
            "",
            "1",
            "INVITE",
            "1 INVITE x",
            "-1 BYE",
            "2147483648 BYE",
            "4294967296 BYE",
            "1 bye",
            "36893488147419103232 BYE",
            "1 FANCY",
        ] {
            assert!(text.parse::<CSeq>().is_err(), "{text}");
        }
        assert!("2147483647 PRACK".parse::<CSeq>().is_ok());
    }
}
