//! One line: its state, its settings as rows, and how to keep or drop what was changed.

use egui::{
    Align, CornerRadius, Frame, Layout, Margin, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2,
};

use super::breadcrumb::breadcrumb;
use super::line_form::{FIRST, Form};
use super::setting_rows::{TWO_COLUMNS, rows};
use crate::account::{Account, Section, SettingId, SettingSpec, settings};
use crate::engine::{AccountView, Command, Problem, RegistrationState};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, text};
use crate::ui::view::{Place, View};
use crate::ui::widgets::{Button, Kind, Notice, Tag, Tone, note, section, wrapped};
use crate::ui::words::{LineState, line_state};

/// The height of the bar at the bottom, points.
const BAR: f32 = 64.0;

/// Shows the page.
pub fn show(ui: &mut Ui, view: &View<'_>, form: &mut Form, inside_scroll: bool) {
    let known = form.account.as_ref().and_then(|id| {
        view.snapshot
            .accounts
            .iter()
            .find(|account| account.id == *id)
    });
    match (&form.account, known) {
        (Some(_), None) if form.fresh => return,
        (Some(_), None) => return view.go(Place::Lines),
        _ => form.fresh = false,
    }
    if let Some(made) = form.made.take() {
        *form = Form::new(Some(made.clone()));
        form.fresh = true;
        return view.go(Place::Line(made));
    }
    let base = form.in_force(known);
    let has_bar = form.account.is_none() || form.is_changed();
    let submitted = if inside_scroll {
        let submitted = contents(ui, view, form, known, &base);
        if has_bar {
            bar(ui, view, form) || submitted
        } else {
            submitted
        }
    } else {
        let area = ui.available_rect_before_wrap();
        let split = if has_bar {
            area.bottom() - BAR
        } else {
            area.bottom()
        };
        let above = Rect::from_min_max(area.min, pos2(area.right(), split));
        let mut upper = ui.new_child(UiBuilder::new().id_salt("page").max_rect(above));
        let submitted = ScrollArea::vertical()
            .id_salt("line page")
            .auto_shrink(false)
            .show(&mut upper, |ui| contents(ui, view, form, known, &base))
            .inner;
        if has_bar {
            let below = Rect::from_min_max(pos2(area.left(), split), area.max);
            let mut lower = ui.new_child(UiBuilder::new().id_salt("bar").max_rect(below));
            bar(&mut lower, view, form) || submitted
        } else {
            submitted
        }
    };
    if submitted {
        form.submit(view, &base, known.is_some_and(|known| known.has_password));
    }
}

/// The settings; true if Enter was pressed in one of them.
fn contents(
    ui: &mut Ui,
    view: &View<'_>,
    form: &mut Form,
    known: Option<&AccountView>,
    base: &Account,
) -> bool {
    let side = if view.narrow { 16 } else { 24 };
    let margin = Margin {
        left: side,
        right: side,
        top: 16,
        bottom: 20,
    };
    Frame::new()
        .inner_margin(margin)
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            heading(ui, view, known);
            if let Some(problem) = &form.problem {
                let words = view.texts.problem(problem);
                let notice = Notice {
                    what: &words.what,
                    next: &words.next,
                    tone: Tone::Bad,
                    dismiss: None,
                };
                let by_file = matches!(problem, Problem::KeyStore { .. });
                let mut chosen = false;
                notice.show(ui, |ui| {
                    let name = view.say("passwords-use-file");
                    chosen = by_file && ui.add(Button::new(&name)).clicked();
                });
                if chosen {
                    view.send(Command::KeepPasswords {
                        place: "file".to_owned(),
                    });
                    form.submit(view, base, known.is_some_and(|known| known.has_password));
                }
            }
            if let Some(known) = known {
                state_notice(ui, view, known);
            }
            let submitted = match known {
                Some(known) => sections(ui, view, form, base, known),
                None => new_line(ui, view, form, base),
            };
            if let Some(known) = known {
                ui.add_space(16.0);
                delete(ui, view, form, known);
            }
            submitted
        })
        .inner
}

fn heading(ui: &mut Ui, view: &View<'_>, known: Option<&AccountView>) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| match known {
        Some(known) => {
            let state = line_state(view, palette, known);
            let tag_room = if state.wrong || ui.available_width() < TWO_COLUMNS {
                0.0
            } else {
                160.0
            };
            let width = ui.available_width() - tag_room;
            let size = vec2(width, 32.0);
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                breadcrumb(ui, view, &known.name);
            });
            if tag_room > 0.0 {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.add(state_tag(palette, &state));
                });
            }
        }
        None => breadcrumb(ui, view, &view.say("lines-new")),
    });
    match known {
        None => {
            note(ui, &view.say("lines-new-note"));
        }
        Some(known) if ui.available_width() < TWO_COLUMNS => {
            let state = line_state(view, palette, known);
            if !state.wrong {
                ui.add(state_tag(palette, &state));
            }
        }
        Some(_) => {}
    }
}

fn state_tag<'a>(palette: &Palette, state: &'a LineState) -> Tag<'a> {
    let tag = Tag::new(&state.short);
    if state.dot == palette.call {
        tag.color(palette.call).fill(palette.call_weak)
    } else {
        tag
    }
}

fn state_notice(ui: &mut Ui, view: &View<'_>, known: &AccountView) {
    let palette = Palette::of(ui);
    let state = line_state(view, palette, known);
    if !state.wrong {
        return;
    }
    let (what, next) = match state.problem {
        Some(problem) => (problem.what, problem.next),
        None => (state.short, String::new()),
    };
    let notice = Notice {
        what: &what,
        next: &next,
        tone: Tone::Warn,
        dismiss: None,
    };
    let fingerprint = match &known.registration.reason {
        Some(
            Problem::CertificateNotTrusted { fingerprint, .. }
            | Problem::CertificateWrongName { fingerprint, .. },
        ) if !fingerprint.is_empty() => Some(fingerprint),
        _ => None,
    };
    let again = known.registration.state == RegistrationState::Failed;
    notice.show(ui, |ui| {
        if fingerprint.is_none() && !again {
            return;
        }
        ui.add_space(6.0);
        ui.horizontal_wrapped(|ui| {
            let trust = view.say("lines-trust");
            if let Some(fingerprint) = fingerprint
                && ui.add(Button::new(&trust).icon(Icon::Shield)).clicked()
            {
                view.send(Command::PinCertificate {
                    account: known.id.clone(),
                    fingerprint: fingerprint.clone(),
                });
            }
            let try_now = view.say("lines-try-now");
            if again && ui.add(Button::new(&try_now).icon(Icon::Refresh)).clicked() {
                view.send(Command::Register {
                    account: known.id.clone(),
                });
            }
        });
    });
}

fn new_line(ui: &mut Ui, view: &View<'_>, form: &mut Form, base: &Account) -> bool {
    let first: Vec<&SettingSpec> = FIRST.iter().map(|setting| setting.spec()).collect();
    ui.add_space(4.0);
    let mut submitted = rows(ui, view, form, base, &first, false);
    ui.add_space(8.0);
    let (name, icon) = if form.more {
        (view.say("lines-less"), Icon::ChevronUp)
    } else {
        (view.say("lines-more"), Icon::ChevronDown)
    };
    if ui
        .add(
            Button::new(&name)
                .icon(icon)
                .kind(Kind::Link)
                .height(32.0)
                .bare(),
        )
        .clicked()
    {
        form.more = !form.more;
    }
    if form.more {
        let rest: Vec<&SettingSpec> = settings()
            .iter()
            .filter(|spec| {
                !FIRST.contains(&spec.id)
                    && !matches!(spec.id, SettingId::Enabled | SettingId::Pinned)
            })
            .collect();
        submitted |= rows(ui, view, form, base, &rest, false);
    }
    submitted
}

fn sections(
    ui: &mut Ui,
    view: &View<'_>,
    form: &mut Form,
    base: &Account,
    known: &AccountView,
) -> bool {
    let mut submitted = false;
    for group in Section::ALL {
        ui.add_space(4.0);
        section(ui, &view.say(group.title_key()));
        let specs: Vec<&SettingSpec> = settings()
            .iter()
            .filter(|spec| spec.section == group)
            .filter(|spec| spec.id != SettingId::Pinned || !base.pinned.is_empty())
            .collect();
        submitted |= rows(ui, view, form, base, &specs, known.has_password);
    }
    submitted
}

/// What was changed and what to do with it; true if it is to be kept.
fn bar(ui: &mut Ui, view: &View<'_>, form: &mut Form) -> bool {
    let palette = Palette::of(ui);
    let free = ui.available_rect_before_wrap();
    let area = Rect::from_min_size(free.min, vec2(free.width(), BAR));
    ui.painter()
        .rect_filled(area, CornerRadius::ZERO, palette.surface);
    ui.painter()
        .hline(area.x_range(), area.top() + 0.5, (1.0, palette.line));
    let side = if view.narrow { 16 } else { 24 };
    let new = form.account.is_none();
    let (keep, drop) = if new {
        let roomy = free.width() >= TWO_COLUMNS;
        let add = if roomy { "lines-add-this" } else { "lines-add" };
        (view.say(add), view.say("form-cancel"))
    } else {
        (view.say("form-keep"), view.say("form-undo"))
    };
    let waiting = form.asked.is_some();
    let mut kept = false;
    let mut dropped = false;
    Frame::new()
        .inner_margin(Margin::symmetric(side, 12))
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.horizontal(|ui| {
                let wide = ui.available_width() >= TWO_COLUMNS;
                let fixed = (ui.available_width() - 8.0) / 2.0;
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let keep_button = Button::new(&keep).icon(Icon::Check).kind(Kind::Accent);
                    let drop_icon = if new { Icon::Cross } else { Icon::Undo };
                    let drop_button = Button::new(&drop).icon(drop_icon).kind(Kind::Ghost);
                    let (keep_button, drop_button) = if wide {
                        (keep_button, drop_button)
                    } else {
                        (keep_button.width(fixed), drop_button.width(fixed))
                    };
                    kept = ui.add_enabled(!waiting, keep_button).clicked();
                    dropped = ui.add(drop_button).clicked();
                    if wide {
                        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                            let words = if waiting {
                                view.say("form-waiting")
                            } else if new {
                                String::new()
                            } else {
                                changed_words(view, form)
                            };
                            let words = text(words, Size::Body, Weight::Regular, palette.text2);
                            ui.add(egui::Label::new(words).truncate());
                        });
                    }
                });
            });
        });
    if dropped {
        *form = Form::new(form.account.clone());
        if new {
            view.go(Place::Lines);
        }
    }
    kept
}

fn changed_words(view: &View<'_>, form: &Form) -> String {
    let mut names: Vec<String> = form
        .values
        .keys()
        .map(|setting| view.say(setting.spec().title_key).to_lowercase())
        .collect();
    if !form.password.is_empty() {
        names.push(
            view.say(SettingId::Password.spec().title_key)
                .to_lowercase(),
        );
    }
    view.say_with(
        "form-changed",
        &[("names", names.join(", ").as_str().into())],
    )
}

fn delete(ui: &mut Ui, view: &View<'_>, form: &mut Form, known: &AccountView) {
    let palette = Palette::of(ui);
    let delete = view.say("lines-delete");
    if !form.deleting {
        if ui
            .add(Button::new(&delete).icon(Icon::Trash).kind(Kind::Danger))
            .clicked()
        {
            form.deleting = true;
        }
        return;
    }
    let sure = view.say_with("lines-delete-sure", &[("line", known.name.as_str().into())]);
    wrapped(ui, &sure, Size::Body, Weight::Medium, palette.text);
    note(ui, &view.say("lines-delete-note"));
    ui.horizontal_wrapped(|ui| {
        if ui
            .add(Button::new(&delete).icon(Icon::Trash).kind(Kind::End))
            .clicked()
        {
            form.deleting = false;
            view.send(Command::RemoveAccount {
                account: known.id.clone(),
            });
        }
        let keep = view.say("lines-delete-not");
        if ui.add(Button::new(&keep).kind(Kind::Ghost)).clicked() {
            form.deleting = false;
        }
    });
}
