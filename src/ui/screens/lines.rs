//! The lines: a list, and a page for each.

use egui::{
    Align, Context, Frame, Layout, Margin, Response, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2,
    vec2,
};
use egui::{FontSelection, TextWrapMode, WidgetText};

use super::carry::{Carry, Way};
use super::line::{self, NewLine, Page};
use crate::engine::{AccountView, Handle};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, RADIUS, Size, Weight, text};
use crate::ui::view::{Place, View};
use crate::ui::widgets::{Button, Kind, focus_ring, nav_row, press_tint, title, wrapped};
use crate::ui::words::line_state;

/// What the window remembers about the lines.
#[derive(Default)]
pub struct State {
    page: Option<Page>,
    new: NewLine,
    carry: Option<Carry>,
}

impl State {
    /// Called when the window goes to a place. What was typed about a line is kept where it can
    /// be, and stays until the page of another one is opened.
    pub fn enter(&mut self, handle: &Handle, place: &Place) {
        if let Some(page) = &mut self.page {
            page.leave(handle);
        }
        if let Place::Line(id) = place
            && self.page.as_ref().is_none_or(|page| page.account() != id)
        {
            self.page = Some(Page::new(id.clone()));
        }
    }

    /// Looks whether commands that were sent have their outcome.
    pub fn poll(&mut self, ctx: &Context) {
        if let Some(page) = &mut self.page {
            page.poll(ctx);
        }
        self.new.poll(ctx);
    }
}

/// Shows the list or a page.
pub fn show(ui: &mut Ui, view: &View<'_>, state: &mut State, place: &Place, inside_scroll: bool) {
    match (place, &mut state.page) {
        (Place::Line(_), Some(page)) => line::show(ui, view, page, inside_scroll),
        (Place::NewLine, _) => line::show_new(ui, view, &mut state.new, inside_scroll),
        _ if inside_scroll => list(ui, view, &mut state.carry),
        _ => {
            ScrollArea::vertical()
                .id_salt("lines")
                .auto_shrink(false)
                .show(ui, |ui| list(ui, view, &mut state.carry));
        }
    }
}

fn list(ui: &mut Ui, view: &View<'_>, carry: &mut Option<Carry>) {
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
            if carry
                .as_mut()
                .is_some_and(|carry| !carry.show(ui.ctx(), view))
            {
                *carry = None;
            }
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
            ui.add_space(16.0);
            carry_buttons(ui, view, carry);
        });
}

/// The ways into a file and out of one.
fn carry_buttons(ui: &mut Ui, view: &View<'_>, carry: &mut Option<Carry>) {
    ui.horizontal_wrapped(|ui| {
        let ways = [
            ("carry-in-open", Icon::Download, Way::In),
            ("carry-out-open", Icon::Upload, Way::Out),
            ("carry-templates-open", Icon::Download, Way::Templates),
        ];
        for (key, icon, way) in ways {
            let any = view.lines().any(|line| view.owns(line));
            if way == Way::Out && !any {
                continue;
            }
            let name = view.say(key);
            let button = Button::new(&name).icon(icon).kind(Kind::Ghost);
            if ui.add(button).clicked() {
                *carry = Some(Carry::new(way));
            }
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
