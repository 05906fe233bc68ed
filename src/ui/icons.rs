//! The one set of line icons.

use egui::{Color32, Image, ImageSource, Pos2, Rect, Sense, Ui, include_image, vec2};

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $file:literal,)*) => {
        /// An icon, drawn in any colour and size.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Icon {
            $($(#[$doc])* $name,)*
        }

        impl Icon {
            fn source(self) -> ImageSource<'static> {
                match self {
                    $(Self::$name => include_image!(concat!("../../assets/icons/", $file, ".svg")),)*
                }
            }
        }
    };
}

icons! {
    /// Do not disturb.
    BellOff = "bell-off",
    /// A check mark.
    Check = "check",
    /// More below.
    ChevronDown = "chevron-down",
    /// Leads on.
    ChevronRight = "chevron-right",
    /// Less, or move up.
    ChevronUp = "chevron-up",
    /// What was before.
    Clock = "clock",
    /// Close, refuse.
    Cross = "cross",
    /// Bring in from a file.
    Download = "download",
    /// Take back the last digit.
    Erase = "erase",
    /// Show what is hidden.
    Eye = "eye",
    /// Hide what is shown.
    EyeOff = "eye-off",
    /// Files.
    Folder = "folder",
    /// Drag to another place.
    Grip = "grip",
    /// A handset laid down.
    HangUp = "hang-up",
    /// A call that came in.
    Incoming = "incoming",
    /// Twelve keys.
    Keypad = "keypad",
    /// Lines.
    Lines = "lines",
    /// Encrypted.
    Lock = "lock",
    /// The microphone.
    Microphone = "microphone",
    /// The microphone, off.
    MicrophoneOff = "microphone-off",
    /// Hold.
    Pause = "pause",
    /// A handset.
    Phone = "phone",
    /// Resume.
    Play = "play",
    /// Telegram.
    Plane = "plane",
    /// One more.
    Plus = "plus",
    /// A code to scan.
    Qr = "qr",
    /// Recording.
    Record = "record",
    /// A call that went out.
    Outgoing = "outgoing",
    /// Once again.
    Refresh = "refresh",
    /// Find.
    Search = "search",
    /// Settings.
    Settings = "settings",
    /// A certificate.
    Shield = "shield",
    /// The speaker.
    Speaker = "speaker",
    /// Delete.
    Trash = "trash",
    /// Take back.
    Undo = "undo",
    /// Put into a file.
    Upload = "upload",
    /// A person.
    User = "user",
    /// Messages that somebody left.
    Voicemail = "voicemail",
    /// Something to look at.
    Warning = "warning",
}

/// The usual size, points.
pub const SIZE: f32 = 18.0;

impl Icon {
    /// Paints the icon around a point.
    pub fn paint(self, ui: &Ui, center: Pos2, size: f32, color: Color32) {
        let rect = Rect::from_center_size(center, vec2(size, size));
        if ui.is_rect_visible(rect) {
            Image::new(self.source())
                .tint(color)
                .show_loading_spinner(false)
                .paint_at(ui, rect);
        }
    }

    /// Takes up space for the icon and paints it; it is ornament, not a control.
    pub fn show(self, ui: &mut Ui, size: f32, color: Color32) {
        let (rect, _) = ui.allocate_exact_size(vec2(size, size), Sense::empty());
        self.paint(ui, rect.center(), size, color);
    }
}
