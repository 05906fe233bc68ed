use std::time::{Duration, SystemTime};

use egui::Context;

/// The time that is left, in whole seconds, rounded up. Draws again when it changes, and never
/// once it is over.
pub fn countdown(ctx: &Context, until: SystemTime) -> Duration {
    let left = until.duration_since(SystemTime::now()).unwrap_or_default();
    if left.is_zero() {
        return left;
    }
    let part = Duration::from_nanos(left.subsec_nanos().into());
    let whole = Duration::from_secs(left.as_secs());
    if part.is_zero() {
        ctx.request_repaint_after(Duration::from_secs(1));
        return whole;
    }
    ctx.request_repaint_after(part);
    whole + Duration::from_secs(1)
}
