//! Some values in an order of one's own, each with a switch.

use egui::Ui;

use super::Row;
use crate::ui::screens::line::sheet::Sheet;
use crate::ui::screens::line::value::item_name;
use crate::ui::view::View;
use crate::ui::widgets::{Change, OrderItem, order_list};

/// Shows the list.
pub fn show(ui: &mut Ui, row: &Row<'_>, sheet: &mut Sheet, choices: &[&str]) {
    let value = row.shown.value(row.setting());
    let on: Vec<&str> = value
        .split(',')
        .filter(|item| choices.contains(item))
        .collect();
    let off = choices
        .iter()
        .copied()
        .filter(|choice| !on.contains(choice));
    let all: Vec<&str> = on.iter().copied().chain(off).collect();
    let items: Vec<OrderItem> = all
        .iter()
        .map(|item| order_item(row.view, item, on.contains(item)))
        .collect();
    let change = ui
        .push_id(row.spec.name, |ui| order_list(ui, row.id(), &items))
        .inner;
    if let Some(changed) = change.and_then(|change| changed(change, &all, on)) {
        sheet.keep(row.view.handle, row.setting(), changed.join(","));
    }
}

fn order_item(view: &View<'_>, item: &str, on: bool) -> OrderItem {
    let name = item_name(view, item);
    let words = |key: &str| view.say_with(key, &[("name", name.as_str().into())]);
    OrderItem {
        on,
        moves: [words("order-up"), words("order-down")],
        grip: words("order-drag"),
        name,
    }
}

/// The new list; the last one can't be switched off, because a list must not be empty.
fn changed<'a>(change: Change, all: &[&'a str], mut on: Vec<&'a str>) -> Option<Vec<&'a str>> {
    match change {
        Change::Switch(index) => {
            let item = *all.get(index)?;
            match on.iter().position(|kept| *kept == item) {
                Some(_) if on.len() == 1 => return None,
                Some(at) => drop(on.remove(at)),
                None => on.push(item),
            }
        }
        Change::Move { from, to } => {
            if from >= on.len() || to >= on.len() {
                return None;
            }
            let item = on.remove(from);
            on.insert(to, item);
        }
    }
    Some(on)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&str; 3] = ["opus", "alaw", "ulaw"];

    #[test]
    fn one_is_switched_off_and_comes_back_as_the_last() {
        let off = changed(Change::Switch(0), &ALL, ALL.to_vec());
        assert_eq!(off, Some(vec!["alaw", "ulaw"]));
        let all = ["alaw", "ulaw", "opus"];
        let on = changed(Change::Switch(2), &all, vec!["alaw", "ulaw"]);
        assert_eq!(on, Some(vec!["alaw", "ulaw", "opus"]));
    }

    #[test]
    fn the_last_one_stays_on() {
        assert_eq!(changed(Change::Switch(0), &ALL, vec!["opus"]), None);
    }

    #[test]
    fn one_takes_the_place_of_another() {
        let moved = |from, to| changed(Change::Move { from, to }, &ALL, ALL.to_vec());
        assert_eq!(moved(0, 2), Some(vec!["alaw", "ulaw", "opus"]));
        assert_eq!(moved(2, 1), Some(vec!["opus", "ulaw", "alaw"]));
        assert_eq!(moved(2, 3), None);
    }
}
