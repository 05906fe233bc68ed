use std::fmt;
use std::str::FromStr;

use super::text::{SPACE, trim};
use super::{Params, ReadError};

/// The dialog that an INVITE takes the place of (RFC 3891 section 6.1), named as the one who gets
/// the INVITE knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaces {
    /// Call-ID.
    pub call_id: String,
    /// The tag of whoever gets the INVITE.
    pub to_tag: String,
    /// The tag of his peer.
    pub from_tag: String,
    /// Only if the dialog is not answered yet.
    pub early_only: bool,
}

impl Replaces {
    /// Whether this names a dialog with these tags. A tag of `0` stands for none (RFC 3891
    /// section 4): the peer speaks RFC 2543.
    pub fn names(&self, call_id: &str, local_tag: &str, remote_tag: &str) -> bool {
        let same = |own: &str, tag: &str| own == tag || (own.is_empty() && tag == "0");
        self.call_id == call_id && same(local_tag, &self.to_tag) && same(remote_tag, &self.from_tag)
    }
}

impl FromStr for Replaces {
    type Err = ReadError;

    fn from_str(text: &str) -> Result<Self, ReadError> {
        let (call_id, params) = match text.find(';') {
            Some(at) => text.split_at_checked(at).unwrap_or((text, "")),
            None => (text, ""),
        };
        let call_id = trim(call_id);
        let params = Params::parse(params)?;
        let tag = |name: &str| {
            let tag = params.value(name).filter(|tag| !tag.is_empty());
            tag.map(str::to_owned)
                .ok_or_else(|| ReadError::bad("Replaces without a tag"))
        };
        if call_id.is_empty() || call_id.contains(SPACE) || call_id.contains(',') {
            return Err(ReadError::bad("Invalid Replaces"));
        }
        Ok(Self {
            call_id: call_id.to_owned(),
            to_tag: tag("to-tag")?,
            from_tag: tag("from-tag")?,
            early_only: params.has("early-only"),
        })
    }
}

impl fmt::Display for Replaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tag = |tag: &str| match tag {
            "" => "0".to_owned(),
            tag => tag.to_owned(),
        };
        let (to, from) = (tag(&self.to_tag), tag(&self.from_tag));
        write!(f, "{};to-tag={to};from-tag={from}", self.call_id)?;
        match self.early_only {
            true => f.write_str(";early-only"),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialog_is_named_by_its_call_id_and_both_tags() {
        let text = "98732@sip.example.com ;from-tag=r33th4x0r; To-Tag=ff87ff;early-only";
        let replaces: Replaces = text.parse().expect("Replaces");
        assert_eq!(
            replaces.to_string(),
            "98732@sip.example.com;to-tag=ff87ff;from-tag=r33th4x0r;early-only"
        );
        assert!(replaces.names("98732@sip.example.com", "ff87ff", "r33th4x0r"));
        assert!(!replaces.names("98732@sip.example.com", "r33th4x0r", "ff87ff"));
        assert_eq!(replaces.to_string().parse(), Ok(replaces));
    }

    #[test]
    fn a_tag_of_nought_is_none() {
        let replaces: Replaces = "a;to-tag=x;from-tag=0".parse().expect("Replaces");
        assert!(replaces.names("a", "x", "") && replaces.names("a", "x", "0"));
        assert!(!replaces.names("a", "x", "1"));
    }

    #[test]
    fn what_names_no_dialog_is_refused() {
        for text in [
            "",
            ";to-tag=1;from-tag=2",
            "a;to-tag=1",
            "a;from-tag=1",
            "a;to-tag;from-tag=2",
            "a,b;to-tag=1;from-tag=2",
            "a b;to-tag=1;from-tag=2",
        ] {
            assert!(text.parse::<Replaces>().is_err(), "{text}");
        }
    }
}
