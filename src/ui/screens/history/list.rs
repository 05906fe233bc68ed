//! A list as long as it likes, of which only what can be seen is drawn.

use egui::{Rect, Sense, Ui, UiBuilder, vec2};

use super::{details, row};
use crate::engine::PastCall;
use crate::ui::view::View;

/// Calls below the last one seen from which on more are asked for.
const AHEAD: usize = 60;

/// Where a person is in the list.
#[derive(Default)]
pub struct State {
    /// The call whose details are open.
    open: Option<i64>,
    /// The height of the open details when they were last drawn, points.
    open_height: f32,
    near_end: bool,
}

impl State {
    /// Whether the end of the list is about to be seen.
    pub fn is_near_end(&self) -> bool {
        self.near_end
    }
}

/// Shows the part of the list that can be seen.
pub fn show(ui: &mut Ui, view: &View<'_>, state: &mut State, calls: &[PastCall]) {
    let open = state
        .open
        .and_then(|id| calls.iter().position(|call| call.id == id));
    let opened = open.map_or(0.0, |_| state.open_height);
    let width = ui.available_width();
    let height = calls.len() as f32 * row::HEIGHT + opened + row::HEIGHT / 2.0;
    let (area, _) = ui.allocate_exact_size(vec2(width, height), Sense::empty());
    let seen = ui.clip_rect().intersect(area);
    let top_of = |index: usize| {
        let below_open = open.is_some_and(|open| index > open);
        let shift = if below_open { opened } else { 0.0 };
        area.top() + index as f32 * row::HEIGHT + shift
    };
    let mut last = 0;
    for (index, call) in calls.iter().enumerate() {
        let top = top_of(index);
        let is_open = open == Some(index);
        let bottom = top + row::HEIGHT + if is_open { opened } else { 0.0 };
        if bottom < seen.top() || top > seen.bottom() {
            continue;
        }
        last = index;
        let at = egui::pos2(area.left(), top);
        let rect = Rect::from_min_size(at, vec2(width, row::HEIGHT));
        let mut place = ui.new_child(UiBuilder::new().id_salt(call.id).max_rect(rect));
        if row::show(&mut place, view, call, is_open) {
            state.open = (!is_open).then_some(call.id);
            state.open_height = 0.0;
        }
        if is_open {
            let below = Rect::from_min_size(rect.left_bottom(), vec2(width, opened.max(1_000.0)));
            let mut place =
                ui.new_child(UiBuilder::new().id_salt(("open", call.id)).max_rect(below));
            details::show(&mut place, view, call);
            let drawn = place.min_rect().height();
            if drawn != state.open_height {
                state.open_height = drawn;
                ui.ctx().request_repaint();
            }
        }
    }
    state.near_end = last + AHEAD >= calls.len();
}
