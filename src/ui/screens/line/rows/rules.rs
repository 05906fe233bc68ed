//! Dial rules: a field that is checked while one types, and a number to try them on.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{
    CornerRadius, Frame, Galley, Id, Margin, Response, Stroke, StrokeKind, TextBuffer, TextEdit,
    Ui, vec2,
};

use super::prompt::focus_field;
use super::{Row, field_id, focus_row};
use crate::rules::{Kind, Outcome, RuleError, Rules, Step, Verdict};
use crate::ui::screens::line::sheet::Sheet;
use crate::ui::theme::{Palette, RADIUS, Size, Weight, font, monospace};
use crate::ui::view::View;
use crate::ui::widgets::{Mark, error_under, help_under, wrapped};

/// Shows the field and the place to try the rules.
pub fn show(ui: &mut Ui, row: &Row<'_>, sheet: &mut Sheet, focus: bool) {
    let view = row.view;
    let setting = row.setting();
    if sheet.prompt(setting).is_none() {
        sheet.open(setting, row.shown.value(setting));
    }
    let (label, try_label) = (row.label(sheet), view.say("rules-try"));
    let mut tried = std::mem::take(&mut sheet.tried);
    let mark = row.mark(sheet);
    let Some(typed) = sheet.prompt(setting) else {
        return;
    };
    let rules = Rules::parse(typed);
    let mark = if rules.is_err() { Mark::Wrong } else { mark };
    let at = rules.as_ref().err().map(|error| error.at);
    let field = rules_field(ui, &label, mark, typed, at);
    if focus {
        focus_field(ui.ctx(), setting, typed);
    }
    match &rules {
        Err(error) => error_under(ui, &error_words(view, error)),
        Ok(_) => help_under(ui, &view.say("rules-keep-hint")),
    }
    ui.add_space(6.0);
    let id = Id::unique("rules tried");
    let trial = plain_field(ui, id, &try_label, &mut tried);
    if let (Ok(rules), false) = (&rules, tried.trim().is_empty()) {
        let margin = Margin::symmetric(12, 0);
        let frame = Frame::new().inner_margin(margin);
        let shown = frame.show(ui, |ui| outcome(ui, view, &rules.apply(tried.trim())));
        if trial.changed() {
            ui.scroll_to_rect(shown.response.rect, None);
        }
    }
    sheet.tried = tried;
    leave(ui, row, sheet, &[field, trial]);
}

/// Enter keeps, Esc drops and folds, a press elsewhere keeps what can be kept.
fn leave(ui: &Ui, row: &Row<'_>, sheet: &mut Sheet, fields: &[Response; 2]) {
    let setting = row.setting();
    let [rules, _] = fields;
    let key = |key| ui.input(|input| input.key_pressed(key));
    if !fields.iter().any(Response::lost_focus) || fields.iter().any(Response::has_focus) {
        return;
    }
    if key(egui::Key::Escape) {
        sheet.close(setting);
        sheet.unfolded = None;
        focus_row(ui.ctx(), setting);
        return;
    }
    if !sheet.is_new() {
        sheet.keep_prompt(row.view.handle, row.shown, setting);
    }
    if rules.lost_focus() && key(egui::Key::Enter) {
        rules.request_focus();
    }
}

fn error_words(view: &View<'_>, error: &RuleError) -> String {
    let reason = view.say(error.reason_key);
    if error.rule.is_empty() {
        return view.say_with("rules-invalid", &[("reason", reason.as_str().into())]);
    }
    view.say_with(
        "rules-invalid-rule",
        &[
            ("rule", error.rule.as_str().into()),
            ("at", error.at.into()),
            ("reason", reason.as_str().into()),
        ],
    )
}

/// The field of the rules, as many lines high as they need. The place of a mistake is underlined.
fn rules_field(
    ui: &mut Ui,
    label: &str,
    mark: Mark,
    typed: &mut String,
    at: Option<usize>,
) -> Response {
    let palette = Palette::of(ui);
    let mut layouter = |ui: &Ui, text: &dyn TextBuffer, width: f32| -> Arc<Galley> {
        let job = marked(palette, text.as_str(), at, width);
        ui.fonts_mut(|fonts| fonts.layout_job(job))
    };
    let id = field_id(crate::account::SettingId::Rules);
    framed(ui, id, mark, |ui| {
        let edit = TextEdit::multiline(typed)
            .id(id)
            .frame(Frame::NONE)
            .desired_rows(1)
            .desired_width(ui.available_width())
            .min_size(vec2(ui.available_width(), 24.0))
            .align(egui::Align2::LEFT_CENTER)
            .return_key(None)
            .layouter(&mut layouter);
        let response = ui.add(edit).accessible_name(label);
        // Rules have no line breaks, so that Enter is free to keep them.
        let enter = ui.input(|input| input.key_pressed(egui::Key::Enter));
        if response.has_focus() && enter {
            response.surrender_focus();
        }
        response
    })
}

fn plain_field(ui: &mut Ui, id: Id, label: &str, typed: &mut String) -> Response {
    let palette = Palette::of(ui);
    framed(ui, id, Mark::None, |ui| {
        let hint = crate::ui::theme::text(label, Size::Body, Weight::Regular, palette.text2);
        let edit = TextEdit::singleline(typed)
            .id(id)
            .frame(Frame::NONE)
            .font(font(Size::Body.points(), Weight::Regular))
            .desired_width(ui.available_width())
            .min_size(vec2(ui.available_width(), 24.0))
            .char_limit(128)
            .align(egui::Align2::LEFT_CENTER)
            .hint_text(hint);
        ui.add(edit).accessible_name(label)
    })
}

fn framed(ui: &mut Ui, id: Id, mark: Mark, field: impl FnOnce(&mut Ui) -> Response) -> Response {
    let palette = Palette::of(ui);
    let focused = ui.memory(|memory| memory.has_focus(id));
    let (fill, ring) = match focused {
        true => (palette.background, Stroke::new(2.0, palette.accent)),
        false => (palette.surface, Stroke::NONE),
    };
    let ring = match mark {
        Mark::Wrong => Stroke::new(ring.width.max(1.0), palette.end),
        Mark::Waiting if !focused => Stroke::new(1.0, palette.warn),
        _ => ring,
    };
    let shown = Frame::new()
        .fill(fill)
        .corner_radius(CornerRadius::same(RADIUS))
        .inner_margin(Margin::symmetric(12, 8))
        .show(ui, field);
    let rect = shown.response.rect;
    let radius = CornerRadius::same(RADIUS);
    ui.painter()
        .rect_stroke(rect, radius, ring, StrokeKind::Inside);
    shown.inner
}

/// The text with a line under the character a mistake begins at.
fn marked(palette: &Palette, text: &str, at: Option<usize>, width: f32) -> LayoutJob {
    let format = |color, underline| TextFormat {
        font_id: monospace(Size::Body.points()),
        color,
        underline,
        line_height: Some(Size::Body.line()),
        ..TextFormat::default()
    };
    let place = at.and_then(|at| text.char_indices().nth(at.saturating_sub(1)));
    let (start, end) = match place {
        Some((start, c)) => (start, start.saturating_add(c.len_utf8())),
        None => (text.len(), text.len()),
    };
    let mut job = LayoutJob::default();
    job.wrap.max_width = width;
    let line = Stroke::new(1.5, palette.end);
    for (part, color, underline) in [
        (text.get(..start), palette.text, Stroke::NONE),
        (text.get(start..end), palette.end, line),
        (text.get(end..), palette.text, Stroke::NONE),
    ] {
        if let Some(part) = part.filter(|part| !part.is_empty()) {
            job.append(part, 0.0, format(color, underline));
        }
    }
    job
}

/// What each rule did, and what comes of it.
fn outcome(ui: &mut Ui, view: &View<'_>, outcome: &Outcome) {
    let palette = Palette::of(ui);
    ui.add_space(4.0);
    ui.spacing_mut().item_spacing.y = 2.0;
    for step in &outcome.steps {
        wrapped(
            ui,
            &step_words(view, step),
            Size::Note,
            Weight::Regular,
            palette.text2,
        );
    }
    let (words, color) = match (outcome.verdict, outcome.stopped_by()) {
        (Verdict::Dial, _) => (verdict(view, "rules-dial", &outcome.number), palette.text),
        (Verdict::Filtered, Some(step)) => {
            let rule = [("rule", step.rule.as_str().into())];
            (view.say_with("rules-filtered-by", &rule), palette.warn)
        }
        (Verdict::Filtered, None) => (
            verdict(view, "rules-filtered", &outcome.number),
            palette.warn,
        ),
        (Verdict::Empty, _) => (view.say("rules-empty"), palette.warn),
    };
    ui.add_space(2.0);
    wrapped(ui, &words, Size::Body, Weight::Medium, color);
}

fn verdict(view: &View<'_>, key: &str, number: &str) -> String {
    view.say_with(key, &[("number", number.into())])
}

fn step_words(view: &View<'_>, step: &Step) -> String {
    let nothing = view.say("rules-nothing");
    let or_nothing = |number: &str| match number.is_empty() {
        true => nothing.clone(),
        false => number.to_owned(),
    };
    let (before, after) = (or_nothing(&step.before), or_nothing(&step.after));
    let reason = step.stop.map(|stop| view.say(stop.reason_key()));
    let key = match (step.kind, step.matched) {
        _ if reason.is_some() => "rules-stopped",
        (Kind::Replace, true) => "rules-replaced",
        (Kind::Replace, false) => "rules-unchanged",
        (Kind::Filter, true) => "rules-passed",
        (Kind::Filter, false) => "rules-refused",
    };
    view.say_with(
        key,
        &[
            ("rule", step.rule.as_str().into()),
            ("before", before.as_str().into()),
            ("after", after.as_str().into()),
            ("reason", reason.as_deref().unwrap_or_default().into()),
        ],
    )
}
