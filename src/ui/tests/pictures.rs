//! Pictures of every screen for a person to look at: `cargo test pictures -- --ignored`.

use std::path::PathBuf;

use egui::Theme;

use super::scenes::{SIZES, Scene, all};

#[test]
#[ignore = "writes pictures to target/ui-shots for a person to look at"]
fn pictures_of_every_screen() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/ui-shots");
    std::fs::create_dir_all(&folder).unwrap();
    let only = std::env::var("GUDOK_SHOTS").unwrap_or_default();
    for language in ["ru", "en"] {
        for (name, moment) in all(language) {
            for (theme, mode) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
                for size @ (width, height, scale) in SIZES {
                    let name = format!("{name}-{language}-{mode}-{width}x{height}@{scale}.png");
                    if !only.split(',').all(|part| name.contains(part)) {
                        continue;
                    }
                    let mut scene = Scene::of(&moment, size, theme, true);
                    scene
                        .window
                        .render()
                        .unwrap()
                        .save(folder.join(name))
                        .unwrap();
                }
            }
        }
    }
}
