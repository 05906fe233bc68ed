//! What a subscription to somebody's dialogs tells (RFC 4235): whether he is free, and which call
//! rings there.

use roxmltree::{Document, Node, ParsingOptions};

use super::{Replaces, Uri};

/// The longest document that is read, bytes.
const MAX_BODY: usize = 64 * 1024;
/// The most elements of a document.
const MAX_NODES: u32 = 4096;
/// The most dialogs of one document that are looked at.
const MAX_DIALOGS: usize = 64;

/// One document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialogInfo {
    /// Goes up by one with each document of a subscription.
    pub version: u32,
    /// Whether it tells of all dialogs, and not only of those that changed.
    pub full: bool,
    /// The dialogs.
    pub dialogs: Vec<DialogState>,
}

/// One dialog of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialogState {
    /// Its name in the documents of the subscription.
    pub id: String,
    /// Where it stands.
    pub stage: DialogStage,
    /// Whether he is called in it, and does not call himself.
    pub called: bool,
    /// Call-ID, his own tag and that of the other, if all are told.
    pub tags: Option<(String, String, String)>,
    /// Where the other is to be reached, if it is told.
    pub remote: Option<Uri>,
    /// The name of the other, if it is told.
    pub remote_name: Option<String>,
}

/// Where a dialog stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DialogStage {
    /// It rings, or is about to.
    Early,
    /// The two speak.
    Confirmed,
    /// It is over.
    Terminated,
}

impl DialogState {
    /// The dialog as the caller has to be told of it by whoever picks the call up (RFC 3891): only
    /// while it rings, and only if all is told that is needed.
    pub fn to_replace(&self) -> Option<(Uri, Replaces)> {
        let (call_id, own, other) = self.tags.clone()?;
        let replaces = Replaces {
            call_id,
            to_tag: other,
            from_tag: own,
            early_only: true,
        };
        let rings = self.called && self.stage == DialogStage::Early;
        rings.then_some((self.remote.clone()?, replaces))
    }
}

impl DialogInfo {
    /// Reads a body of `application/dialog-info+xml`; `None` if it is none.
    pub fn read(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        if text.len() > MAX_BODY {
            return None;
        }
        let options = ParsingOptions {
            allow_dtd: false,
            nodes_limit: MAX_NODES,
            ..ParsingOptions::default()
        };
        let document = Document::parse_with_options(text, options).ok()?;
        let root = document.root_element();
        if root.tag_name().name() != "dialog-info" {
            return None;
        }
        Some(Self {
            version: root.attribute("version")?.trim().parse().ok()?,
            full: root.attribute("state") != Some("partial"),
            dialogs: children(root, "dialog")
                .take(MAX_DIALOGS)
                .filter_map(dialog)
                .collect(),
        })
    }
}

fn children<'a, 'input>(
    node: Node<'a, 'input>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children()
        .filter(move |child| child.is_element() && child.tag_name().name() == name)
}

fn dialog(node: Node<'_, '_>) -> Option<DialogState> {
    let state = children(node, "state").next()?.text()?.trim();
    let stage = match state {
        "trying" | "proceeding" | "early" => DialogStage::Early,
        "confirmed" => DialogStage::Confirmed,
        "terminated" => DialogStage::Terminated,
        _ => return None,
    };
    let filled = |name: &str| {
        let value = node.attribute(name).filter(|value| !value.is_empty());
        value.map(str::to_owned)
    };
    let tags = filled("call-id")
        .zip(filled("local-tag"))
        .zip(filled("remote-tag"));
    let remote = children(node, "remote").next();
    let identity = remote.and_then(|remote| children(remote, "identity").next());
    let target = remote.and_then(|remote| children(remote, "target").next());
    let target = target.and_then(|target| target.attribute("uri"));
    let uri = target.or(identity.and_then(|identity| identity.text()));
    Some(DialogState {
        id: node.attribute("id")?.to_owned(),
        stage,
        called: node.attribute("direction") != Some("initiator"),
        tags: tags.map(|((call_id, own), other)| (call_id, own, other)),
        remote: uri.and_then(|uri| uri.trim().parse().ok()),
        remote_name: identity
            .and_then(|identity| identity.attribute("display"))
            .filter(|name| !name.is_empty())
            .map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(state: &str, dialogs: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?>\n<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" \
             version=\"3\" state=\"{state}\" entity=\"sip:102@h\">{dialogs}</dialog-info>"
        )
    }

    #[test]
    fn a_call_that_rings_can_be_picked_up() {
        let text = body(
            "full",
            "<dialog id=\"a\" call-id=\"c@h\" local-tag=\"1\" remote-tag=\"2\" direction=\"recipient\">\
             <state event=\"x\"> early </state><remote><identity display=\"Ann\">sip:ann@h</identity>\
             <target uri=\"sip:ann@192.0.2.7:5070\"/></remote></dialog>",
        );
        let info = DialogInfo::read(text.as_bytes()).expect("a document");
        assert_eq!((info.version, info.full, info.dialogs.len()), (3, true, 1));
        let dialog = &info.dialogs[0];
        assert_eq!(dialog.remote_name.as_deref(), Some("Ann"));
        let (target, replaces) = dialog.to_replace().expect("it rings");
        assert_eq!(target.to_string(), "sip:ann@192.0.2.7:5070");
        assert_eq!(replaces.to_string(), "c@h;to-tag=2;from-tag=1;early-only");
        for (change, to) in [
            ("recipient", "initiator"),
            ("early", "confirmed"),
            ("local-tag", "x-tag"),
        ] {
            let other = text.replace(change, to);
            let info = DialogInfo::read(other.as_bytes()).expect("a document");
            assert_eq!(info.dialogs[0].to_replace(), None, "{to}");
        }
    }

    #[test]
    fn what_is_no_document_is_not_read() {
        let nothing = body(
            "partial",
            "<dialog id=\"a\"><state>odd</state></dialog><dialog/>",
        );
        let info = DialogInfo::read(nothing.as_bytes()).expect("a document");
        assert_eq!((info.full, info.dialogs.len()), (false, 0));
        let entities =
            "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><dialog-info version=\"1\">&a;</dialog-info>";
        let many = body("full", &"<dialog/>".repeat(5000));
        for text in [
            "",
            "<presence version=\"1\"/>",
            "<dialog-info/>",
            "<dialog-info",
            entities,
            &many,
        ] {
            assert_eq!(DialogInfo::read(text.as_bytes()), None);
        }
    }
}
