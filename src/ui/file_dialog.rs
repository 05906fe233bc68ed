//! The system's dialog for files. It is waited for in a thread of its own, so that the window never
//! stands still.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use egui::Context;
use rfd::{AsyncFileDialog, FileHandle};

/// An open dialog.
#[derive(Debug)]
pub struct FileDialog(Receiver<Option<PathBuf>>);

type Asked = Pin<Box<dyn Future<Output = Option<FileHandle>> + Send>>;

impl FileDialog {
    /// Asks where a file is to be written.
    pub fn save(ctx: &Context, title: &str, name: &str) -> Self {
        let dialog = AsyncFileDialog::new().set_title(title).set_file_name(name);
        Self::wait(ctx, Box::pin(dialog.save_file()))
    }

    /// Asks which file is to be read.
    pub fn open(ctx: &Context, title: &str) -> Self {
        let dialog = AsyncFileDialog::new().set_title(title);
        Self::wait(ctx, Box::pin(dialog.pick_file()))
    }

    fn wait(ctx: &Context, asked: Asked) -> Self {
        let (tell, told) = channel();
        let ctx = ctx.clone();
        let wait = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            let file = runtime.ok().and_then(|runtime| runtime.block_on(asked));
            let _ = tell.send(file.map(|file| file.path().to_owned()));
            ctx.request_repaint();
        };
        let thread = std::thread::Builder::new().name("file dialog".into());
        if let Err(error) = thread.spawn(wait) {
            tracing::warn!(%error, "no thread for the file dialog");
        }
        Self(told)
    }

    /// What was chosen, once: nothing, if the dialog was cancelled or there is none here.
    pub fn outcome(&mut self) -> Option<Option<PathBuf>> {
        match self.0.try_recv() {
            Ok(chosen) => Some(chosen),
            Err(TryRecvError::Disconnected) => Some(None),
            Err(TryRecvError::Empty) => None,
        }
    }
}
