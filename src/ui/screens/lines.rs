//! The lines: a list, and a page for each.

use egui::{
    Align, Frame, Layout, Margin, Response, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2,
};
use egui::{FontSelection, TextWrapMode, WidgetText};

use super::line_form::Form;
use super::line_page;
use crate::engine::AccountView;
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, RADIUS, Size, Weight, text};
use crate::ui::view::{Place, View};
use crate::ui::widgets::{Button, Kind, focus_ring, nav_row, press_tint, title, wrapped};
use crate::ui::words::line_state;

/// What the window remembers about the lines.
#[derive(Default)]
pub struct State {
    form: Option<Form>,
}

impl State {
    /// Called when the window goes to a place. What was typed about a line stays until the page
    /// of another one is opened.
    pub fn enter(&mut self, place: &Place) {
        let account = match place {
            Place::Line(id) => Some(id),
            Place::NewLine => None,
            Place::Phone | Place::Lines | Place::Telegram | Place::Settings => return,
        };
        if !self.form.as_ref().is_some_and(|form| form.is_of(account)) {
            self.form = Some(Form::new(account.cloned()));
        }
    }

    /// Looks whether a command that was sent has its outcome.
    pub fn poll(&mut self) {
        if let Some(form) = &mut self.form {
            form.poll();
        }
    }
}

/// Shows the list or a page.
pub fn show(ui: &mut Ui, view: &View<'_>, state: &mut State, place: &Place, inside_scroll: bool) {
    match (&mut state.form, place) {
        (Some(form), Place::Line(_) | Place::NewLine) => {
            line_page::show(ui, view, form, inside_scroll);
        }
        _ if inside_scroll => list(ui, view),
        _ => {
            ScrollArea::vertical()
                .id_salt("lines")
                .auto_shrink(false)
                .show(ui, |ui| list(ui, view));
        }
    }
}

fn list(ui: &mut Ui, view: &View<'_>) {
    let palette = Palette::of(ui);
    let side = if view.narrow { 16 } else { 24 };
    Frame::new()
        .inner_margin(Margin::symmetric(side, 20))
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            let add = view.say("lines-add");
            let size = vec2(ui.available_width(), 40.0);
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                title(ui, &view.say("nav-lines"));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if ui
                        .add(Button::new(&add).icon(Icon::Plus).kind(Kind::Accent))
                        .clicked()
                    {
                        view.go(Place::NewLine);
                    }
                });
            });
            ui.add_space(4.0);
            let mut any = false;
            let inset = Frame::new().outer_margin(Margin {
                left: -8,
                right: -8,
                top: 0,
                bottom: 0,
            });
            inset.show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                for account in view.lines() {
                    any = true;
                    if line_row(ui, view, account).clicked() {
                        view.go(Place::Line(account.id.clone()));
                    }
                }
            });
            if !any {
                wrapped(
                    ui,
                    &view.say("lines-empty"),
                    Size::Body,
                    Weight::Regular,
                    palette.text2,
                );
                ui.add_space(8.0);
                inset.show(ui, |ui| {
                    let (title, words) = (view.say("test-line-call"), view.say("test-line-note"));
                    if nav_row(ui, Icon::Speaker, &title, &words, Icon::Phone).clicked() {
                        view.call_test_line();
                    }
                });
            }
        });
}

/// A line in a list: its name, how it stands, and what to do if it does not.
pub fn line_row(ui: &mut Ui, view: &View<'_>, account: &AccountView) -> Response {
    let palette = Palette::of(ui);
    let state = line_state(view, palette, account);
    let width = ui.available_width();
    let room = width - 16.0 - 30.0 - 30.0;
    let galley = |ui: &Ui, words: &str, size, weight, color, wrap| {
        WidgetText::from(text(words, size, weight, color)).into_galley(
            ui,
            Some(wrap),
            room,
            FontSelection::Default,
        )
    };
    let name = galley(
        ui,
        &account.name,
        Size::Body,
        Weight::Medium,
        palette.text,
        TextWrapMode::Truncate,
    );
    let short = galley(
        ui,
        &state.short,
        Size::Note,
        Weight::Regular,
        state.color,
        TextWrapMode::Wrap,
    );
    let next = state.problem.as_ref().map(|problem| {
        galley(
            ui,
            &problem.next,
            Size::Note,
            Weight::Regular,
            palette.text2,
            TextWrapMode::Wrap,
        )
    });
    let text_height =
        name.size().y + short.size().y + next.as_ref().map_or(0.0, |next| next.size().y);
    let (rect, response) = ui.allocate_exact_size(vec2(width, text_height + 16.0), Sense::click());
    let spoken = format!("{}: {}", account.name, state.short);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
    if ui.is_rect_visible(rect) {
        if response.hovered() {
            let fill = press_tint(ui, &response, palette.surface);
            ui.painter().rect_filled(rect, f32::from(RADIUS), fill);
        }
        let left = rect.left() + 8.0 + 30.0;
        ui.painter().circle_filled(
            pos2(rect.left() + 8.0 + 9.0, rect.top() + 18.0),
            4.0,
            state.dot,
        );
        let mut top = rect.top() + 8.0;
        for (galley, color) in [
            (Some(name), palette.text),
            (Some(short), state.color),
            (next, palette.text2),
        ] {
            if let Some(galley) = galley {
                let height = galley.size().y;
                ui.painter().galley(pos2(left, top), galley, color);
                top += height;
            }
        }
        let at = pos2(rect.right() - 8.0 - 9.0, rect.center().y);
        Icon::ChevronRight.paint(ui, at, 18.0, palette.text2);
        focus_ring(ui, &response, RADIUS);
    }
    response
}
