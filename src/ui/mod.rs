//! The window. It draws the engine's snapshot, sends commands, and never waits.
//!
//! One file per screen in `screens`, one per reusable control in `widgets`; `theme` has the colours
//! and the type. [`App`] holds what is the window's own: the screen, what is being typed.

mod app;
mod asked;
mod calls;
mod file_dialog;
mod fonts;
mod icons;
mod keys;
mod nav;
mod notices;
mod screens;
mod theme;
mod view;
mod widgets;
mod words;

#[cfg(test)]
mod tests;

pub use app::App;

use eframe::{NativeOptions, Renderer};
use egui::ViewportBuilder;

use crate::engine::{Handle, Problem};
use crate::locale::{Language, Texts};

/// How the window starts.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The language until another is chosen; `None` goes by the preference.
    pub language: Option<Language>,
    /// Something to tell from the start.
    pub notice: Option<Problem>,
}

/// Opens the window and returns when it is closed. Must be called on the main thread.
///
/// # Errors
/// No window could be opened, neither with OpenGL nor with wgpu.
pub fn run(handle: Handle, options: Options) -> eframe::Result {
    match run_with(handle.clone(), &options, Renderer::Glow) {
        Ok(()) => Ok(()),
        Err(error) => {
            tracing::warn!(%error, "no window with OpenGL; trying wgpu");
            run_with(handle, &options, Renderer::Wgpu)
        }
    }
}

fn run_with(handle: Handle, options: &Options, renderer: Renderer) -> eframe::Result {
    let preference = &handle.snapshot().preferences.language;
    let language = options.language;
    let shown = language.unwrap_or_else(|| Language::from_preference(preference));
    let title = Texts::new(shown).get("app-name");
    let notice = options.notice.clone();
    let native = NativeOptions {
        renderer,
        viewport: ViewportBuilder::default()
            .with_title(&title)
            .with_app_id("gudok")
            .with_inner_size([920.0, 640.0])
            .with_min_inner_size([360.0, 560.0]),
        ..NativeOptions::default()
    };
    eframe::run_native(
        &title,
        native,
        Box::new(move |creation| {
            let mut app = App::new(handle, &creation.egui_ctx);
            if let Some(language) = language {
                app = app.with_language(language);
            }
            if let Some(notice) = notice {
                app = app.with_notice(notice);
            }
            Ok(Box::new(app))
        }),
    )
}
