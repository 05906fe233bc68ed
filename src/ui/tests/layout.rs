use egui::{Rect, Theme, pos2, vec2};
use egui_kittest::kittest::NodeT;

use super::scenes::{SIZES, Scene, all};

/// Every moment the window can show, in both languages and all sizes.
fn everywhere(look: impl Fn(&str, &mut Scene, Rect)) {
    for language in ["ru", "en"] {
        for (name, moment) in all(language) {
            for size @ (width, height, scale) in SIZES {
                let mut scene = Scene::of(&moment, size, Theme::Dark, false);
                let title = format!("{name} in {language} at {width}x{height}@{scale}");
                let window = Rect::from_min_size(pos2(0.0, 0.0), vec2(width, height));
                look(&title, &mut scene, window);
            }
        }
    }
}

#[test]
fn every_control_has_a_name_for_those_who_do_not_see_it() {
    everywhere(|title, scene, _| {
        let unnamed = scene.window.unnamed_widgets();
        assert!(unnamed.is_empty(), "{title}: {unnamed:?}");
    });
}

#[test]
fn nothing_reaches_over_the_edge_of_the_window() {
    everywhere(|title, scene, window| {
        let scale = scene.window.ctx.pixels_per_point();
        let mut looked_at = 0;
        for node in scene.window.root().children_recursive() {
            let node = node.accesskit_node();
            let Some(bounds) = node.bounding_box() else {
                continue;
            };
            looked_at += 1;
            let (left, right) = (bounds.x0 as f32 / scale, bounds.x1 as f32 / scale);
            assert!(
                left >= window.left() - 0.5 && right <= window.right() + 0.5,
                "{title}: {:?} {:?} {left}..{right}",
                node.role(),
                node.label(),
            );
        }
        assert!(looked_at > 4, "{title}: only {looked_at} things are there");
    });
}

#[test]
fn what_is_pressed_is_large_enough_for_a_finger() {
    everywhere(|title, scene, _| {
        let scale = scene.window.ctx.pixels_per_point();
        for node in scene.window.root().children_recursive() {
            let node = node.accesskit_node();
            if !egui::accessibility::is_input(node.role()) {
                continue;
            }
            let Some(bounds) = node.bounding_box() else {
                continue;
            };
            let height = (bounds.y1 - bounds.y0) as f32 / scale;
            let width = (bounds.x1 - bounds.x0) as f32 / scale;
            assert!(
                height >= 31.5 && width >= 31.5,
                "{title}: {:?} {:?} is {width} x {height}",
                node.role(),
                node.label(),
            );
        }
    });
}

#[test]
fn a_window_that_nothing_happens_in_draws_nothing() {
    for place in [None, Some(crate::ui::view::Place::Lines)] {
        let snapshot = super::scenes::idle("ru");
        let mut scene = Scene::with(
            snapshot,
            vec2(920.0, 640.0),
            1.0,
            Theme::Light,
            false,
            place,
        );
        scene.window.run_steps(4);
        let delay = scene.window.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
        assert_eq!(delay, std::time::Duration::MAX);
    }
}
