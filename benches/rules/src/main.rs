//! Applies random rules to random numbers, and tells how many pairs went by and the slowest.
//!
//! `cargo run --release --manifest-path benches/rules/Cargo.toml -- [PAIRS] [SEED]`

use std::hint::black_box;
use std::time::{Duration, Instant};

use fastrand::Rng;
use gudok_rules_bench::random;
use gudok_rules_bench::rules::{Rules, Verdict};
use rustix::time::{ClockId, clock_gettime};

/// What took longer is taken again: others on the machine slow it down, too.
const SUSPICIOUS: Duration = Duration::from_micros(200);
/// How often it is taken again; the least counts.
const AGAIN: usize = 5;

/// How many numbers each text of rules meets.
const NUMBERS: u64 = 4;

/// The slowest so far, with what it was slow on.
#[derive(Default)]
struct Slowest {
    time: Duration,
    rules: String,
    number: String,
}

impl Slowest {
    /// Takes note of a time, and takes it again if it may not be true.
    fn meet(
        &mut self,
        mut time: Duration,
        rules: &str,
        number: &str,
        again: impl Fn() -> Duration,
    ) {
        if time > SUSPICIOUS && time > self.time {
            for _ in 0..AGAIN {
                time = time.min(again());
            }
        }
        if time > self.time {
            *self = Self {
                time,
                rules: rules.into(),
                number: number.into(),
            };
        }
    }

    fn print(&self, what: &str) {
        println!("{what}: {:.3} ms", self.time.as_secs_f64() * 1000.0);
        println!("  rules  {:?}\n  number {:?}", self.rules, self.number);
    }
}

/// How much time of the processor something takes, and what it gives.
fn time<T>(what: impl FnOnce() -> T) -> (Duration, T) {
    let start = processor_time();
    let given = black_box(what());
    (processor_time().saturating_sub(start), given)
}

/// The time of the processor that this thread has had.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        time.tv_nsec.unsigned_abs() as u32,
    )
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = |default| {
        let argument = arguments.next().and_then(|text| text.parse().ok());
        argument.unwrap_or(default)
    };
    let (pairs, seed) = (next(10_000_000), next(1));
    let mut rng = Rng::with_seed(seed);
    let (mut reading, mut applying) = (Slowest::default(), Slowest::default());
    let (mut invalid, mut dial, mut filtered, mut empty) = (0, 0, 0, 0);
    let start = Instant::now();
    let mut done = 0;
    while done < pairs {
        let text = random::rules(&mut rng);
        let (took, read) = time(|| Rules::parse(&text));
        reading.meet(took, &text, "", || time(|| Rules::parse(&text)).0);
        for _ in 0..NUMBERS.min(pairs - done) {
            done += 1;
            let number = random::number(&mut rng);
            let Ok(rules) = &read else {
                invalid += 1;
                continue;
            };
            let (took, outcome) = time(|| rules.apply(&number));
            match outcome.verdict {
                Verdict::Dial => dial += 1,
                Verdict::Filtered => filtered += 1,
                Verdict::Empty => empty += 1,
            }
            // Anew, since an expression prepares itself when it is first applied.
            applying.meet(took, &text, &number, || match Rules::parse(&text) {
                Ok(rules) => time(|| rules.apply(&number)).0,
                Err(_) => took,
            });
        }
    }
    let rate = pairs as f64 / start.elapsed().as_secs_f64();
    println!("{pairs} pairs, seed {seed}, {rate:.0} pairs/s, no panic");
    println!("dial {dial}, filtered {filtered}, empty {empty}, invalid {invalid}");
    applying.print("slowest to apply");
    reading.print("slowest to read");
}
