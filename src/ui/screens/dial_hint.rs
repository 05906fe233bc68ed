//! Under the number field: what will be dialled, and over which line.

use egui::{FontSelection, Role, Sense, TextWrapMode, Ui, WidgetInfo, WidgetText, pos2, vec2};

use crate::account::AccountId;
use crate::account::number::{Target, parse_target, request_user};
use crate::engine::AccountView;
use crate::rules::{Rules, Verdict};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, text};
use crate::ui::view::View;
use crate::ui::widgets::{focus_ring, menu, menu_item, press_tint, wrapped};

/// What will be dialled, and over which line.
pub fn dial_hint(ui: &mut Ui, view: &View<'_>, number: &str, line: &mut Option<AccountId>) {
    let palette = Palette::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.set_min_height(20.0);
        ui.spacing_mut().item_spacing = vec2(4.0, 0.0);
        ui.spacing_mut().interact_size.y = 20.0;
        let ready: Vec<&AccountView> = view.ready_lines().collect();
        let calm = |ui: &mut Ui, words: String| {
            ui.label(text(words, Size::Note, Weight::Regular, palette.text2));
        };
        let mut only_address = false;
        if !number.trim().is_empty() {
            match parse_target(number) {
                Ok(target) => {
                    let number = match &target {
                        Target::User(user) => {
                            let user = after_rules(sure_line(view, line, &ready), user);
                            request_user(&user).unwrap_or(user)
                        }
                        Target::Uri(uri) => uri.clone(),
                    };
                    only_address = matches!(target, Target::Uri(_));
                    calm(ui, view.say("phone-will-dial"));
                    let number = shorten(&number, 28);
                    ui.label(text(number, Size::Note, Weight::Semibold, palette.text));
                    if !ready.is_empty() {
                        calm(ui, "·".to_owned());
                    }
                }
                Err(_) => {
                    let words = view.say("phone-not-a-number");
                    wrapped(ui, &words, Size::Note, Weight::Regular, palette.warn);
                    return;
                }
            }
        }
        match ready.as_slice() {
            [] if only_address => {}
            [] => {
                let key = if view.lines().next().is_some() {
                    "phone-no-ready-line"
                } else {
                    "phone-no-line"
                };
                wrapped(
                    ui,
                    &view.say(key),
                    Size::Note,
                    Weight::Regular,
                    palette.warn,
                );
            }
            [only] => {
                let line = [("line", only.name.as_str().into())];
                calm(ui, view.say_with("phone-over-line", &line));
            }
            several => picker(ui, view, line, several),
        }
    });
}

/// The line that is used for sure: the chosen one, the one for all calls, or the only one.
fn sure_line<'a>(
    view: &View<'_>,
    chosen: &Option<AccountId>,
    ready: &[&'a AccountView],
) -> Option<&'a AccountView> {
    let usual = view.snapshot.preferences.default_line.as_ref();
    let is = |id: Option<&AccountId>| ready.iter().find(|line| Some(&line.id) == id).copied();
    let only = match ready {
        [only] => Some(*only),
        _ => None,
    };
    is(chosen.as_ref()).or_else(|| is(usual)).or(only)
}

/// What the rules of a line make of a number; as it is, if the line does not take it.
fn after_rules(line: Option<&AccountView>, number: &str) -> String {
    let rules = line.and_then(|line| Rules::parse(line.values.get("rules")?).ok());
    let outcome = rules.map(|rules| rules.apply(number));
    match outcome.filter(|outcome| outcome.verdict == Verdict::Dial) {
        Some(outcome) => outcome.number,
        None => number.to_owned(),
    }
}

fn picker(ui: &mut Ui, view: &View<'_>, chosen: &mut Option<AccountId>, ready: &[&AccountView]) {
    let palette = Palette::of(ui);
    let words = match sure_line(view, chosen, ready) {
        Some(line) => view.say_with("phone-over-line", &[("line", line.name.as_str().into())]),
        None => view.say("phone-over-any"),
    };
    let room = (ui.max_rect().width() - 16.0).max(40.0);
    let galley = WidgetText::from(text(&words, Size::Note, Weight::Medium, palette.accent))
        .into_galley(
            ui,
            Some(TextWrapMode::Truncate),
            room,
            FontSelection::Default,
        );
    let size = vec2(galley.size().x + 16.0, 20.0);
    let (shown, _) = ui.allocate_exact_size(size, Sense::empty());
    // The words are low; what reacts is as high as a finger needs.
    let id = ui.make_persistent_id("line picker");
    let response = ui.interact(shown.expand2(vec2(0.0, 6.0)), id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    let color = press_tint(ui, &response, palette.accent);
    let at = pos2(shown.left(), shown.center().y - galley.size().y / 2.0);
    ui.painter()
        .galley_with_override_text_color(at, galley, color);
    let at = pos2(shown.right() - 6.0, shown.center().y + 0.5);
    Icon::ChevronDown.paint(ui, at, 12.0, color);
    focus_ring(ui, &response.clone().with_new_rect(shown), 4);
    menu(&response, 240.0, |ui| {
        if menu_item(ui, &view.say("phone-any-line"), chosen.is_none()).clicked() {
            *chosen = None;
        }
        for line in ready {
            if menu_item(ui, &line.name, Some(&line.id) == chosen.as_ref()).clicked() {
                *chosen = Some(line.id.clone());
            }
        }
    });
}

fn shorten(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars()
        .take(longest.saturating_sub(1))
        .chain(['…'])
        .collect()
}
