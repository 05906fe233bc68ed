//! One call in the list.

use egui::{
    Align2, CornerRadius, FontSelection, Rect, Role, Sense, TextWrapMode, Ui, WidgetInfo,
    WidgetText, pos2, vec2,
};

use super::words::{self, time};
use crate::engine::{Ask, Command, Outcome, PastCall};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, RADIUS, Size, Weight, font, text};
use crate::ui::view::View;
use crate::ui::widgets::{Kind, focus_ring, icon_button, press_tint};

/// The height of a call, points.
pub const HEIGHT: f32 = 56.0;
/// The width of the button that calls back, points.
const BUTTON: f32 = 40.0;

/// Shows a call; true if it was pressed.
pub fn show(ui: &mut Ui, view: &View<'_>, call: &PastCall, open: bool) -> bool {
    let palette = Palette::of(ui);
    let whole = ui.max_rect();
    let rect = whole.with_max_x(whole.right() - BUTTON - 8.0);
    let response = ui.interact(rect, ui.scope_id().with("row"), Sense::click());
    let (name, when) = (words::name(call), time(view, call.began.began_us));
    let outcome = words::outcome(view, call);
    let spoken = format!("{name}, {outcome}, {when}");
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, open, &spoken));
    let fill = if open {
        palette.surface
    } else {
        palette.background
    };
    let radius = CornerRadius::same(RADIUS);
    ui.painter()
        .rect_filled(rect, radius, press_tint(ui, &response, fill));
    let (icon, color) = match (call.ended.outcome, call.began.incoming) {
        (Outcome::Missed, _) => (Icon::Incoming, palette.end),
        (Outcome::Failed, _) => (Icon::Outgoing, palette.end),
        (_, true) => (Icon::Incoming, palette.text2),
        (_, false) => (Icon::Outgoing, palette.text2),
    };
    icon.paint(ui, pos2(rect.left() + 20.0, rect.center().y), 18.0, color);
    let left = rect.left() + 44.0;
    let when_width = ui
        .painter()
        .text(
            pos2(rect.right() - 10.0, rect.top() + 18.0),
            Align2::RIGHT_CENTER,
            &when,
            font(Size::Note.points(), Weight::Regular),
            palette.text2,
        )
        .width();
    let line = |ui: &Ui, words: &str, size, weight, color, room: f32| {
        WidgetText::from(text(words, size, weight, color)).into_galley(
            ui,
            Some(TextWrapMode::Truncate),
            room.max(40.0),
            FontSelection::Default,
        )
    };
    let missed = matches!(call.ended.outcome, Outcome::Missed);
    let color = if missed { palette.end } else { palette.text };
    let room = rect.right() - 20.0 - when_width - left;
    let name = line(ui, &name, Size::Body, Weight::Medium, color, room);
    ui.painter()
        .galley(pos2(left, rect.top() + 9.0), name, color);
    let below = format!("{outcome} · {}", call.began.line);
    let recorded = call.ended.recording.is_some() || call.ended.sent_to.is_some();
    let room = rect.right() - 10.0 - left - if recorded { 24.0 } else { 0.0 };
    let below = line(ui, &below, Size::Note, Weight::Regular, palette.text2, room);
    ui.painter()
        .galley(pos2(left, rect.top() + 30.0), below, palette.text2);
    if recorded {
        let at = pos2(rect.right() - 18.0, rect.top() + 38.0);
        Icon::Record.paint(ui, at, 14.0, palette.text2);
    }
    focus_ring(
        ui,
        &response.clone().with_new_rect(rect.shrink(2.0)),
        RADIUS,
    );
    call_back(ui, view, call, whole);
    response.clicked()
}

fn call_back(ui: &mut Ui, view: &View<'_>, call: &PastCall, whole: Rect) {
    let at = pos2(whole.right() - BUTTON, whole.center().y - BUTTON / 2.0);
    let rect = Rect::from_min_size(at, vec2(BUTTON, BUTTON));
    let name = words::name(call);
    let words = view.say_with("history-call", &[("name", name.as_str().into())]);
    let place = egui::UiBuilder::new().max_rect(rect);
    ui.scope_builder(place, |ui| {
        if icon_button(ui, Icon::Phone, &words, Kind::Ghost, BUTTON).clicked() {
            // Over the same line, if it is there and ready.
            let same = view
                .ready_lines()
                .find(|line| line.id.as_str() == call.began.account);
            let target = call.began.typed.as_ref().unwrap_or(&call.began.number);
            view.send(Command::Dial {
                target: target.clone(),
                account: same.map(|line| line.id.clone()),
                ask: Ask::IfSeveral,
            });
        }
    });
}
