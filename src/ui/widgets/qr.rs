use egui::{Color32, CornerRadius, Mesh, Rect, Response, Role, Sense, Ui, WidgetInfo, vec2};
use qrcode::{Color, QrCode};

use crate::ui::theme::CARD_RADIUS;

/// The light border that a scanner needs, in modules (ISO/IEC 18004).
const QUIET: f32 = 4.0;

/// A QR code on white paper, whatever the mode: scanners want dark on light. `side` is in points.
pub fn qr(ui: &mut Ui, name: &str, says: &str, side: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    if ui.is_rect_visible(rect) {
        let paper = CornerRadius::same(CARD_RADIUS);
        ui.painter().rect_filled(rect, paper, Color32::WHITE);
        if let Ok(code) = QrCode::new(says) {
            let pixels = ui.ctx().pixels_per_point();
            ui.painter().add(drawn(&code, rect, pixels));
        }
    }
    response
}

/// The dark modules, each of whole pixels, so that they touch without a seam.
fn drawn(code: &QrCode, paper: Rect, pixels_per_point: f32) -> Mesh {
    let count = code.width();
    let modules = count as f32 + 2.0 * QUIET;
    let module = (paper.width() * pixels_per_point / modules)
        .floor()
        .max(1.0)
        / pixels_per_point;
    let side = module * count as f32;
    let snap = |x: f32| (x * pixels_per_point).round() / pixels_per_point;
    let left = snap(paper.center().x - side / 2.0);
    let top = snap(paper.center().y - side / 2.0);
    let mut mesh = Mesh::default();
    for (index, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (column, row) = ((index % count) as f32, (index / count) as f32);
            let at = egui::pos2(left + column * module, top + row * module);
            mesh.add_colored_rect(
                Rect::from_min_size(at, vec2(module, module)),
                Color32::BLACK,
            );
        }
    }
    mesh
}

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::*;

    #[test]
    fn modules_are_whole_pixels_inside_a_quiet_border() {
        let code = QrCode::new("tg://login?token=abcdefghijklmnopqrstuvwxyz0123456789").unwrap();
        for pixels in [1.0, 1.5, 2.0] {
            let paper = Rect::from_min_size(pos2(10.0, 20.0), vec2(220.0, 220.0));
            let mesh = drawn(&code, paper, pixels);
            assert!(mesh.vertices.len() > 1000);
            let bounds = mesh.calc_bounds();
            let module = bounds.width() / code.width() as f32;
            assert!((module * pixels).fract() < 0.01, "{module}");
            assert!(bounds.left() - paper.left() >= 3.0 * module, "{bounds:?}");
            assert!(
                paper.bottom() - bounds.bottom() >= 3.0 * module,
                "{bounds:?}"
            );
        }
    }
}
