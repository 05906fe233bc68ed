//! One line: its state, its settings as rows, and how to keep or drop what was changed.

use std::collections::BTreeMap;

use egui::{
    Align, CornerRadius, Frame, Id, Layout, Margin, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2,
};
use secrecy::SecretString;
use tokio::sync::oneshot::{Receiver, error::TryRecvError};

use super::lines::breadcrumb;
use crate::account::{Account, AccountId, Section, SettingId, SettingKind, SettingSpec, settings};
use crate::engine::{AccountView, Command, Problem, RegistrationState, Reply};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, text};
use crate::ui::view::{Place, View};
use crate::ui::widgets::{
    Button, FieldRow, Kind, Notice, Tag, Tone, choice_row, error_under, icon_button, note, section,
    switch_row, wrapped,
};
use crate::ui::words::{LineState, codec_name, line_state};

/// From this width on the settings stand in two columns, points.
const TWO_COLUMNS: f32 = 520.0;
/// The height of the bar at the bottom, points.
const BAR: f32 = 64.0;
/// What is asked first for a new line.
const FIRST: [SettingId; 4] = [
    SettingId::Name,
    SettingId::Login,
    SettingId::Password,
    SettingId::Domain,
];

/// What is being changed on a line's page.
pub struct Form {
    account: Option<AccountId>,
    /// What was typed, where it differs from what is in force.
    values: BTreeMap<SettingId, String>,
    password: String,
    password_shown: bool,
    more: bool,
    opened: Option<SettingId>,
    /// The locale keys of what is wrong, by setting.
    wrong: BTreeMap<SettingId, String>,
    problem: Option<Problem>,
    asked: Option<Receiver<Result<Reply, Problem>>>,
    done: bool,
    deleting: bool,
    focus_first: bool,
}

impl Form {
    /// A form for a line, or for a new one.
    pub fn new(account: Option<AccountId>) -> Self {
        Self {
            focus_first: account.is_none(),
            account,
            values: BTreeMap::new(),
            password: String::new(),
            password_shown: false,
            more: false,
            opened: None,
            wrong: BTreeMap::new(),
            problem: None,
            asked: None,
            done: false,
            deleting: false,
        }
    }

    /// Whether this is the form of that line.
    pub fn is_of(&self, account: Option<&AccountId>) -> bool {
        self.account.as_ref() == account
    }

    /// Looks whether the command that was sent has its outcome.
    pub fn poll(&mut self) {
        let Some(asked) = &mut self.asked else { return };
        let outcome = match asked.try_recv() {
            Ok(outcome) => outcome,
            Err(TryRecvError::Empty) => return,
            Err(TryRecvError::Closed) => Err(Problem::WrongState),
        };
        self.asked = None;
        match outcome {
            Ok(_) => {
                self.values.clear();
                self.password.clear();
                self.password_shown = false;
                self.problem = None;
                self.wrong.clear();
                self.done = true;
            }
            Err(Problem::BadValue { setting, reason }) if setting.parse::<SettingId>().is_ok() => {
                if let Ok(setting) = setting.parse() {
                    self.wrong.insert(setting, reason);
                    self.unfold(setting);
                }
            }
            Err(Problem::WrongParameters { fields }) => {
                for setting in fields.iter().filter_map(|field| field.parse().ok()) {
                    self.wrong.insert(setting, "form-missing".into());
                    self.unfold(setting);
                }
            }
            Err(problem) => self.problem = Some(problem),
        }
    }

    fn unfold(&mut self, setting: SettingId) {
        self.more |= !FIRST.contains(&setting);
    }

    fn is_changed(&self) -> bool {
        !self.values.is_empty() || !self.password.is_empty()
    }

    /// What is in force, as far as the snapshot tells.
    fn in_force(&self, known: Option<&AccountView>) -> Account {
        let account = Account::new(
            self.account
                .clone()
                .unwrap_or_else(|| AccountId::from("new")),
        );
        match known {
            Some(known) => account.with(&known.values).unwrap_or(account),
            None => account,
        }
    }

    fn value(&self, base: &Account, setting: SettingId) -> String {
        self.values
            .get(&setting)
            .cloned()
            .unwrap_or_else(|| base.get(setting))
    }

    fn set(&mut self, base: &Account, setting: SettingId, value: String) {
        self.wrong.remove(&setting);
        if value == base.get(setting) {
            self.values.remove(&setting);
        } else {
            self.values.insert(setting, value);
        }
    }

    /// Says at each field what is wrong with it; true if nothing is.
    fn check(&mut self, base: &Account, has_password: bool) -> bool {
        let mut account = base.clone();
        self.wrong.clear();
        for (setting, value) in &self.values {
            if let Err(error) = account.set(*setting, value) {
                self.wrong.insert(*setting, error.reason_key.into());
            }
        }
        for setting in account.missing(has_password || !self.password.is_empty()) {
            self.wrong
                .entry(setting)
                .or_insert_with(|| "form-missing".into());
        }
        for setting in self.wrong.keys().copied().collect::<Vec<_>>() {
            self.unfold(setting);
        }
        self.wrong.is_empty()
    }

    fn submit(&mut self, view: &View<'_>, base: &Account, has_password: bool) {
        if self.asked.is_some() || !self.check(base, has_password) {
            return;
        }
        let values = self
            .values
            .iter()
            .map(|(id, value)| (id.as_str().to_owned(), value.clone()))
            .collect();
        let password =
            (!self.password.is_empty()).then(|| SecretString::from(self.password.clone()));
        self.problem = None;
        self.asked = Some(view.handle.request(match self.account.clone() {
            Some(account) => Command::SetAccount {
                account,
                values,
                password,
            },
            None => Command::AddAccount { values, password },
        }));
    }
}

/// Shows the page.
pub fn show(ui: &mut Ui, view: &View<'_>, form: &mut Form, inside_scroll: bool) {
    let known = form.account.as_ref().and_then(|id| {
        view.snapshot
            .accounts
            .iter()
            .find(|account| account.id == *id)
    });
    if form.account.is_some() && known.is_none() {
        return view.go(Place::Lines);
    }
    if std::mem::take(&mut form.done) && form.account.is_none() {
        return view.go(Place::Lines);
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
                notice.show(ui, |_| ());
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
    notice.show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            let reason = known.registration.reason.as_ref();
            if let Some(
                Problem::CertificateNotTrusted { fingerprint, .. }
                | Problem::CertificateWrongName { fingerprint, .. },
            ) = reason
                && !fingerprint.is_empty()
            {
                let trust = view.say("lines-trust");
                if ui.add(Button::new(&trust).icon(Icon::Shield)).clicked() {
                    view.send(Command::PinCertificate {
                        account: known.id.clone(),
                        fingerprint: fingerprint.clone(),
                    });
                }
            }
            let again = view.say("lines-try-now");
            if known.registration.state == RegistrationState::Failed
                && ui.add(Button::new(&again).icon(Icon::Refresh)).clicked()
            {
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
        .add(Button::new(&name).icon(icon).kind(Kind::Link))
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

fn rows(
    ui: &mut Ui,
    view: &View<'_>,
    form: &mut Form,
    base: &Account,
    specs: &[&SettingSpec],
    has_password: bool,
) -> bool {
    let gap = 6.0;
    let columns = if ui.available_width() >= TWO_COLUMNS {
        2
    } else {
        1
    };
    let width = (ui.available_width() - gap * (columns as f32 - 1.0)) / columns as f32;
    let mut submitted = false;
    ui.spacing_mut().item_spacing = vec2(gap, gap);
    for pair in specs.chunks(columns) {
        ui.horizontal_top(|ui| {
            for spec in pair {
                let size = vec2(width, 0.0);
                ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
                    ui.set_width(width);
                    ui.spacing_mut().item_spacing.y = 2.0;
                    submitted |= row(ui, view, form, base, spec, has_password);
                });
            }
        });
    }
    ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
    submitted
}

/// One setting; true if Enter was pressed in it.
fn row(
    ui: &mut Ui,
    view: &View<'_>,
    form: &mut Form,
    base: &Account,
    spec: &SettingSpec,
    has_password: bool,
) -> bool {
    let setting = spec.id;
    let label = view.say(spec.title_key);
    let changed = form.account.is_some() && form.values.contains_key(&setting);
    let value = form.value(base, setting);
    let mut submitted = false;
    match spec.kind {
        SettingKind::Text | SettingKind::File => {
            let mut typed = value.clone();
            let hint = field_hint(view, setting);
            let field = FieldRow {
                id: field_id(setting),
                label: &label,
                hint: &hint,
                changed,
                wrong: form.wrong.contains_key(&setting),
                secret: None,
            };
            let response = field.show(ui, &mut typed);
            if setting == SettingId::Name && std::mem::take(&mut form.focus_first) {
                response.request_focus();
            }
            if typed != value {
                form.set(base, setting, typed);
            }
            submitted = left_by_enter(ui, &response);
            if response.lost_focus() && !submitted {
                check_one(form, base, setting);
            }
        }
        SettingKind::Secret => {
            let (show, hide) = (view.say("password-show"), view.say("password-hide"));
            let hint = if has_password {
                view.say("password-kept")
            } else {
                String::new()
            };
            let mut shown = form.password_shown;
            let field = FieldRow {
                id: field_id(setting),
                label: &label,
                hint: &hint,
                changed: form.account.is_some() && !form.password.is_empty(),
                wrong: form.wrong.contains_key(&setting),
                secret: Some((&mut shown, &show, &hide)),
            };
            let response = field.show(ui, &mut form.password);
            form.password_shown = shown;
            if response.changed() {
                form.wrong.remove(&setting);
            }
            submitted = left_by_enter(ui, &response);
        }
        SettingKind::Choice(choices) => {
            let shown = value_name(setting, &value);
            if choice_row(ui, &label, &shown, Icon::Refresh, changed).clicked() {
                let at = choices
                    .iter()
                    .position(|choice| *choice == value)
                    .unwrap_or(0);
                if let Some(next) = choices.iter().cycle().nth(at + 1) {
                    form.set(base, setting, (*next).to_owned());
                }
            }
        }
        SettingKind::Switch => {
            let on = value == "on";
            if switch_row(ui, &label, on, changed) {
                form.set(base, setting, if on { "off" } else { "on" }.to_owned());
            }
        }
        SettingKind::Ordered(choices) => {
            let names: Vec<String> = value
                .split(',')
                .map(|item| value_name(setting, item.trim()))
                .collect();
            let open = form.opened == Some(setting);
            let icon = if open {
                Icon::ChevronUp
            } else {
                Icon::ChevronDown
            };
            if choice_row(ui, &label, &names.join(", "), icon, changed).clicked() {
                form.opened = (!open).then_some(setting);
            }
            if open && let Some(value) = ordered(ui, view, setting, choices, &value) {
                form.set(base, setting, value);
            }
        }
    }
    if let Some(key) = form.wrong.get(&setting) {
        error_under(ui, &view.say(key));
    }
    submitted
}

fn field_id(setting: SettingId) -> Id {
    Id::unique(("line field", setting.as_str()))
}

fn left_by_enter(ui: &Ui, response: &egui::Response) -> bool {
    response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter))
}

fn check_one(form: &mut Form, base: &Account, setting: SettingId) {
    if let Some(value) = form.values.get(&setting)
        && let Err(error) = base.clone().set(setting, value)
    {
        form.wrong.insert(setting, error.reason_key.into());
    }
}

/// What stands in a field while nothing is typed.
fn field_hint(view: &View<'_>, setting: SettingId) -> String {
    match setting {
        SettingId::Name => view.say("hint-name"),
        SettingId::Login => view.say("hint-login"),
        SettingId::Domain => "sip.example.com".into(),
        SettingId::Registrar => view.say("hint-registrar"),
        SettingId::AuthLogin => view.say("hint-auth-login"),
        SettingId::DisplayName => view.say("hint-display-name"),
        SettingId::Certificate => view.say("hint-certificate"),
        _ => String::new(),
    }
}

fn value_name(setting: SettingId, value: &str) -> String {
    match (setting, value) {
        (SettingId::Codecs, codec) => codec_name(codec),
        (SettingId::Transport, transport) => transport.to_uppercase(),
        (SettingId::Dtmf, "rfc2833") => "RFC 2833".into(),
        (SettingId::Dtmf, "info") => "SIP INFO".into(),
        (_, other) => other.to_owned(),
    }
}

/// Switches and an order; gives back the new list.
fn ordered(
    ui: &mut Ui,
    view: &View<'_>,
    setting: SettingId,
    choices: &[&str],
    value: &str,
) -> Option<String> {
    let mut on: Vec<&str> = value
        .split(',')
        .map(str::trim)
        .filter(|item| choices.contains(item))
        .collect();
    let off: Vec<&str> = choices
        .iter()
        .copied()
        .filter(|choice| !on.contains(choice))
        .collect();
    let mut changed = false;
    for (index, item) in on.clone().into_iter().chain(off).enumerate() {
        let name = value_name(setting, item);
        let is_on = on.contains(&item);
        ui.push_id(item, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                let width = ui.available_width() - if is_on && index > 0 { 44.0 } else { 0.0 };
                let size = vec2(width, 40.0);
                ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
                    // The last one cannot be switched off: a list must not be empty.
                    if switch_row(ui, &name, is_on, false) {
                        if !is_on {
                            on.push(item);
                        } else if on.len() > 1 {
                            on.retain(|kept| *kept != item);
                        }
                        changed = true;
                    }
                });
                if is_on && index > 0 {
                    let up = view.say_with("form-move-up", &[("name", name.as_str().into())]);
                    if icon_button(ui, Icon::ChevronUp, &up, Kind::Quiet, 40.0).clicked() {
                        on.swap(index, index - 1);
                        changed = true;
                    }
                }
            });
        });
    }
    changed.then(|| on.join(","))
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
        if new {
            view.go(Place::Lines);
        } else {
            let account = form.account.clone();
            *form = Form::new(account);
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
