//! Colours, type and spacing: the one place where the look is decided.

pub use super::fonts::Weight;
use super::fonts::{self, family};
use egui::{
    Color32, Context, CornerRadius, FontId, Margin, RichText, Shadow, Stroke, Style, TextStyle,
    Theme, Ui, Visuals, style::WidgetVisuals,
};

/// The corner radius of what can be pressed or filled in, points.
pub const RADIUS: u8 = 8;
/// The corner radius of cards, points.
pub const CARD_RADIUS: u8 = 12;
/// Below this width of the window the navigation goes to the bottom and panes stack, points.
pub const NARROW: f32 = 640.0;

/// The colours of one mode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Palette {
    /// Behind everything.
    pub background: Color32,
    /// Cards, the navigation, rows.
    pub surface: Color32,
    /// Buttons and tags on a surface.
    pub surface2: Color32,
    /// Lines of one point.
    pub line: Color32,
    /// Text.
    pub text: Color32,
    /// Text that steps back.
    pub text2: Color32,
    /// The one accent.
    pub accent: Color32,
    /// What lies behind accented text.
    pub accent_weak: Color32,
    /// Calling, and only that.
    pub call: Color32,
    /// What lies behind a running call.
    pub call_weak: Color32,
    /// Ending and losing, and only that.
    pub end: Color32,
    /// What lies behind an error.
    pub end_weak: Color32,
    /// Something to look at.
    pub warn: Color32,
    /// What lies behind a warning.
    pub warn_weak: Color32,
    /// Text and icons on accent, call and end.
    pub on_strong: Color32,
}

/// The colours of the light mode.
pub const LIGHT: Palette = Palette {
    background: rgb(0xFFFFFF),
    surface: rgb(0xF5F6F8),
    surface2: rgb(0xECEEF2),
    line: rgb(0xDDE1E7),
    text: rgb(0x16191D),
    text2: rgb(0x5B6470),
    accent: rgb(0x0B6BCB),
    accent_weak: rgb(0xE3EFFC),
    call: rgb(0x15803D),
    call_weak: rgb(0xE2F3E8),
    end: rgb(0xC62828),
    end_weak: rgb(0xFBE6E6),
    warn: rgb(0x9A5B00),
    warn_weak: rgb(0xFDF1DC),
    on_strong: rgb(0xFFFFFF),
};

/// The colours of the dark mode.
pub const DARK: Palette = Palette {
    background: rgb(0x14171B),
    surface: rgb(0x1C2026),
    surface2: rgb(0x262B33),
    line: rgb(0x343B45),
    text: rgb(0xE9ECF0),
    text2: rgb(0xA3ADBA),
    accent: rgb(0x5AA9F7),
    accent_weak: rgb(0x1B3350),
    call: rgb(0x3FBF76),
    call_weak: rgb(0x16331F),
    end: rgb(0xF0625E),
    end_weak: rgb(0x3C1D1D),
    warn: rgb(0xE0A63A),
    warn_weak: rgb(0x3A2D12),
    on_strong: rgb(0x0D1013),
};

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

impl Palette {
    /// The colours of the mode that `ui` is drawn in.
    pub fn of(ui: &Ui) -> &'static Self {
        if ui.visuals().dark_mode {
            &DARK
        } else {
            &LIGHT
        }
    }
}

/// `a` with a share of `b`, 0.0 to 1.0.
pub fn mix(a: Color32, b: Color32, share: f32) -> Color32 {
    a.lerp_to_gamma(b, share)
}

/// The sizes that exist: size and line height in points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// 12/16: notes.
    Note,
    /// 14/20: text.
    Body,
    /// 16/22: titles and large buttons.
    Title,
    /// 20/26: the number field and a caller's name.
    Number,
    /// 24/28: the timer.
    Timer,
    /// 28/34: headings.
    Heading,
}

impl Size {
    /// The size of the letters.
    pub fn points(self) -> f32 {
        match self {
            Self::Note => 12.0,
            Self::Body => 14.0,
            Self::Title => 16.0,
            Self::Number => 20.0,
            Self::Timer => 24.0,
            Self::Heading => 28.0,
        }
    }

    /// The height of a line.
    pub fn line(self) -> f32 {
        match self {
            Self::Note => 16.0,
            Self::Body => 20.0,
            Self::Title => 22.0,
            Self::Number => 26.0,
            Self::Timer => 28.0,
            Self::Heading => 34.0,
        }
    }
}

/// A font of the given size and weight.
pub fn font(points: f32, weight: Weight) -> FontId {
    FontId::new(points, family(weight))
}

/// The font of what is read sign by sign.
pub fn monospace(points: f32) -> FontId {
    FontId::monospace(points)
}

/// A piece of text in one of the sizes and weights.
pub fn text(text: impl Into<String>, size: Size, weight: Weight, color: Color32) -> RichText {
    let tighten = match size {
        Size::Heading => -0.5,
        _ => 0.0,
    };
    RichText::new(text)
        .font(font(size.points(), weight))
        .line_height(Some(size.line()))
        .extra_letter_spacing(tighten)
        .color(color)
}

/// Puts the look into the context: both modes, fonts and the image loader for the icons.
pub fn install(ctx: &Context) {
    fonts::install(ctx);
    egui_extras::install_image_loaders(ctx);
    // Where the system does not say what it looks like.
    ctx.options_mut(|options| options.fallback_theme = Theme::Light);
    ctx.set_style_of(Theme::Light, style(&LIGHT, Visuals::light()));
    ctx.set_style_of(Theme::Dark, style(&DARK, Visuals::dark()));
}

fn style(palette: &Palette, mut visuals: Visuals) -> Style {
    let radius = CornerRadius::same(RADIUS);
    let widget = |fill: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::NONE,
        corner_radius: radius,
        fg_stroke: Stroke::new(1.0, palette.text),
        expansion: 0.0,
    };
    visuals.widgets.noninteractive = WidgetVisuals {
        bg_stroke: Stroke::new(1.0, palette.line),
        ..widget(palette.surface)
    };
    visuals.widgets.inactive = widget(palette.surface2);
    visuals.widgets.hovered = widget(mix(palette.surface2, palette.text, 0.06));
    visuals.widgets.active = widget(mix(palette.surface2, palette.text, 0.12));
    visuals.widgets.open = widget(palette.surface2);
    visuals.selection.bg_fill = mix(palette.accent_weak, palette.accent, 0.25);
    visuals.selection.stroke = Stroke::new(1.0, palette.text);
    visuals.hyperlink_color = palette.accent;
    visuals.weak_text_color = Some(palette.text2);
    visuals.faint_bg_color = palette.surface;
    visuals.extreme_bg_color = palette.surface;
    visuals.text_edit_bg_color = Some(Color32::TRANSPARENT);
    visuals.warn_fg_color = palette.warn;
    visuals.error_fg_color = palette.end;
    visuals.panel_fill = palette.background;
    visuals.window_fill = palette.background;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.window_corner_radius = CornerRadius::same(CARD_RADIUS);
    visuals.menu_corner_radius = CornerRadius::same(CARD_RADIUS);
    let shadow = Shadow {
        offset: [0, 6],
        blur: 20,
        spread: 0,
        color: Color32::from_black_alpha(if visuals.dark_mode { 110 } else { 36 }),
    };
    visuals.window_shadow = shadow;
    visuals.popup_shadow = shadow;
    visuals.text_cursor.stroke = Stroke::new(2.0, palette.accent);
    visuals.text_cursor.blink = false;

    let mut style = Style {
        visuals,
        animation_time: 0.12,
        ..Style::default()
    };
    for (name, size, weight) in [
        (TextStyle::Small, Size::Note, Weight::Regular),
        (TextStyle::Body, Size::Body, Weight::Regular),
        (TextStyle::Monospace, Size::Note, Weight::Regular),
        (TextStyle::Button, Size::Body, Weight::Medium),
        (TextStyle::Heading, Size::Title, Weight::Semibold),
    ] {
        style.text_styles.insert(name, font(size.points(), weight));
    }
    style.spacing.item_spacing = egui::vec2(8.0, 8.0);
    style.spacing.button_padding = egui::vec2(12.0, 8.0);
    style.spacing.interact_size = egui::vec2(32.0, 32.0);
    style.spacing.menu_margin = Margin::same(4);
    style.spacing.scroll = egui::style::ScrollStyle::floating();
    style.spacing.scroll.foreground_color = false;
    style.spacing.scroll.fade.strength = 0.0;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(color: Color32) -> f32 {
        let channel = |c: u8| {
            let c = f32::from(c) / 255.0;
            if c <= 0.03928 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(color.r()) + 0.7152 * channel(color.g()) + 0.0722 * channel(color.b())
    }

    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_can_be_read_on_everything_it_stands_on() {
        for palette in [LIGHT, DARK] {
            for behind in [palette.background, palette.surface, palette.surface2] {
                assert!(contrast(palette.text, behind) >= 7.0);
                assert!(contrast(palette.text2, behind) >= 4.5);
            }
            for strong in [palette.accent, palette.call, palette.end] {
                assert!(contrast(palette.on_strong, strong) >= 4.5);
            }
            assert!(contrast(palette.accent, palette.accent_weak) >= 4.5);
            assert!(contrast(palette.warn, palette.warn_weak) >= 4.5);
            assert!(contrast(palette.end, palette.end_weak) >= 4.5);
        }
    }
}
