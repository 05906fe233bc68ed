//! Shows in tests that something never waits for another thread.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

/// Runs `work` on a thread that the kernel ends as soon as it waits: for a lock that another one
/// holds, or for time to pass. `None` if it did.
pub(super) fn without_waiting<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let waiting = [
        libc::SYS_futex,
        libc::SYS_nanosleep,
        libc::SYS_clock_nanosleep,
        libc::SYS_sched_yield,
    ];
    let filter = SeccompFilter::new(
        BTreeMap::from(waiting.map(|call| (call, Vec::new()))),
        SeccompAction::Allow,
        SeccompAction::KillThread,
        std::env::consts::ARCH
            .try_into()
            .expect("a known processor"),
    );
    let program: BpfProgram = filter.expect("a filter").try_into().expect("a program");
    let thread = std::thread::spawn(move || {
        apply_filter(&program).expect("the kernel takes it");
        work()
    });
    // A thread that was ended has left nothing, which `join` does not expect.
    catch_unwind(AssertUnwindSafe(|| thread.join())).ok()?.ok()
}

#[test]
fn who_waits_for_a_lock_is_caught() {
    use std::sync::{Arc, Mutex};
    let lock = Arc::new(Mutex::new(0));
    assert_eq!(without_waiting(|| 5), Some(5));
    let held = lock.lock().expect("a lock");
    let theirs = lock.clone();
    let waits = std::thread::spawn(move || without_waiting(move || theirs.lock().map(|n| *n).ok()));
    assert_eq!(waits.join().expect("no panic"), None);
    drop(held);
}
