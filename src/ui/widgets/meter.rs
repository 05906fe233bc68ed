use egui::{CornerRadius, Rect, Response, Role, Sense, Ui, WidgetInfo, vec2};

use crate::ui::theme::Palette;

/// How full the bar is at a level of 0.0 to 1.0: the ear hears in decibels, so -50 dB is empty.
fn fraction(level: f32) -> f32 {
    if level <= 0.0 {
        return 0.0;
    }
    ((20.0 * level.min(1.0).log10() + 50.0) / 50.0).clamp(0.0, 1.0)
}

/// A level meter, `level` 0.0 (silence) to 1.0 (full scale).
pub fn meter(ui: &mut Ui, name: &str, level: f32, width: f32) -> Response {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 6.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, name));
    if ui.is_rect_visible(rect) {
        ui.painter()
            .rect_filled(rect, CornerRadius::same(3), palette.line);
        let filled = fraction(level) * rect.width();
        if filled >= 1.0 {
            let color = if level >= 0.9 {
                palette.warn
            } else {
                palette.call
            };
            let bar = Rect::from_min_size(rect.min, vec2(filled, rect.height()));
            ui.painter().rect_filled(bar, CornerRadius::same(3), color);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::fraction;

    #[test]
    fn silence_is_empty_and_full_scale_is_full() {
        assert_eq!(fraction(0.0), 0.0);
        assert_eq!(fraction(1.0), 1.0);
        assert_eq!(fraction(7.0), 1.0);
        assert!(fraction(0.1) > 0.5 && fraction(0.1) < 0.7);
        assert_eq!(fraction(f32::NAN.max(0.0)), 0.0);
    }
}
