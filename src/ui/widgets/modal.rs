use egui::{Context, CornerRadius, Frame, Id, Margin, Ui};

use super::{Kind, icon_button, title};
use crate::ui::icons::Icon;
use crate::ui::theme::{CARD_RADIUS, Palette};

/// A card over the window; nothing else can be pressed while it is there.
pub struct Modal<'a> {
    /// Names it.
    pub id: &'static str,
    /// Its title.
    pub title: &'a str,
    /// The name of the button that closes it.
    pub close: &'a str,
    /// The width of its contents where there is room, points.
    pub width: f32,
}

impl Modal<'_> {
    /// Shows it; true if the person closes it, by Esc, the button, or a press beside it.
    pub fn show(self, ctx: &Context, contents: impl FnOnce(&mut Ui)) -> bool {
        let window = ctx.content_rect();
        let (side, margin) = (16.0, 16.0);
        let width = self.width.min(window.width() - 2.0 * (side + margin));
        let height = window.height() - 2.0 * (side + margin);
        let style = ctx.global_style();
        let frame = Frame::popup(&style)
            .corner_radius(CornerRadius::same(CARD_RADIUS))
            .inner_margin(Margin::same(16));
        let modal = egui::Modal::new(Id::unique(self.id)).frame(frame);
        let shown = modal.show(ctx, |ui| {
            ui.set_width(width);
            ui.set_max_height(height);
            let palette = Palette::of(ui);
            ui.visuals_mut().override_text_color = Some(palette.text);
            let mut closed = false;
            ui.horizontal(|ui| {
                let room = ui.available_width() - 40.0;
                ui.allocate_ui(egui::vec2(room, 32.0), |ui| {
                    ui.set_width(room);
                    title(ui, self.title);
                });
                closed = icon_button(ui, Icon::Cross, self.close, Kind::Quiet, 32.0).clicked();
            });
            contents(ui);
            closed
        });
        shown.inner || shown.should_close()
    }
}

/// Whether a card is over the window.
pub fn is_modal_open(ctx: &Context) -> bool {
    ctx.memory(|memory| memory.top_modal_layer().is_some())
}
