//! The settings in their sections, in two columns where there is room.

use egui::{Align, Layout, Ui, vec2};

use super::rows::{self, Row};
use super::sheet::Sheet;
use super::shown::Shown;
use crate::account::{Section, SettingSpec, settings};
use crate::ui::icons::Icon;
use crate::ui::view::View;
use crate::ui::widgets::{Button, Kind, section};

/// From this width on the settings stand in two columns, points.
pub const TWO_COLUMNS: f32 = 520.0;

/// Shows all sections; the settings that most people never need stand under a row of their own,
/// but for a new line.
pub fn sections(
    ui: &mut Ui,
    view: &View<'_>,
    shown: &Shown,
    sheet: &mut Sheet,
    is_shown: impl Fn(&SettingSpec) -> bool,
) {
    for group in Section::ALL {
        let (advanced, common): (Vec<_>, Vec<_>) = settings()
            .iter()
            .filter(|spec| spec.section == group && spec.within.is_none() && is_shown(spec))
            .partition(|spec| spec.advanced);
        if common.is_empty() && advanced.is_empty() {
            continue;
        }
        ui.add_space(4.0);
        section(ui, &view.say(group.title_key()));
        grid(ui, view, shown, sheet, &common);
        let waits = advanced.iter().any(|spec| shown.is_waiting(spec.id));
        let all = sheet.is_new() || waits;
        if !advanced.is_empty() && (all || more(ui, view, sheet)) {
            grid(ui, view, shown, sheet, &advanced);
        }
    }
}

/// The row that shows more settings; whether they are shown.
fn more(ui: &mut Ui, view: &View<'_>, sheet: &mut Sheet) -> bool {
    let (key, icon) = match sheet.more {
        true => ("lines-less", Icon::ChevronUp),
        false => ("lines-more", Icon::ChevronDown),
    };
    let name = view.say(key);
    let button = Button::new(&name).icon(icon).kind(Kind::Link).height(32.0);
    if ui.add(button.bare()).clicked() {
        sheet.more = !sheet.more;
    }
    sheet.more
}

/// Shows settings in their order, each with what it unfolds below it.
pub fn grid(
    ui: &mut Ui,
    view: &View<'_>,
    shown: &Shown,
    sheet: &mut Sheet,
    specs: &[&'static SettingSpec],
) {
    let gap = 6.0;
    let columns = match ui.available_width() >= TWO_COLUMNS {
        true => 2,
        false => 1,
    };
    let width = (ui.available_width() - gap * (columns as f32 - 1.0)) / columns as f32;
    let before = std::mem::replace(&mut ui.spacing_mut().item_spacing, vec2(gap, gap));
    for line in specs.chunks(columns) {
        ui.horizontal_top(|ui| {
            for spec in line {
                let size = vec2(width, 0.0);
                ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
                    ui.set_width(width);
                    ui.spacing_mut().item_spacing.y = 2.0;
                    rows::show(ui, &Row { view, shown, spec }, sheet);
                });
            }
        });
        let unfolded = line.iter().find(|spec| sheet.unfolded == Some(spec.id));
        if let Some(spec) = unfolded {
            let within = |inner: &&SettingSpec| inner.within == Some(spec.id);
            let inside: Vec<&SettingSpec> = settings().iter().filter(within).collect();
            rows::unfolded(ui, &Row { view, shown, spec }, sheet, |ui, sheet| {
                if !inside.is_empty() {
                    ui.add_space(6.0);
                    grid(ui, view, shown, sheet, &inside);
                }
            });
        }
    }
    ui.spacing_mut().item_spacing = before;
}
