use super::*;
use crate::audio::FRAME;
use std::cell::RefCell;

/// What the invented system has, and what was done with it.
#[derive(Default)]
struct World {
    names: Vec<String>,
    /// These are listed but can't be opened.
    stuck: Vec<String>,
    /// These broke while they were open.
    broken: Vec<String>,
    /// Jobs are kept instead of run while this is set.
    slow: bool,
    jobs: Vec<Box<dyn FnOnce() + Send>>,
    default: String,
    closed: Vec<String>,
}

thread_local! {
    static WORLD: RefCell<World> = RefCell::default();
}

fn world<T>(look: impl FnOnce(&mut World) -> T) -> T {
    WORLD.with_borrow_mut(look)
}

struct Fake(String);

impl Microphone for Fake {
    fn read(&mut self, _now: Instant, frame: &mut [f32; FRAME]) {
        frame.fill(1.0);
    }
    fn name(&self) -> Option<&str> {
        Some(&self.0)
    }
    fn broken(&mut self, _now: Instant) -> Option<AudioError> {
        world(|world| world.broken.contains(&self.0)).then(|| lost(&self.0))
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        world(|world| world.closed.push(self.0.clone()));
    }
}

fn lost(name: &str) -> AudioError {
    AudioError::Device {
        name: name.into(),
        reason: "unplugged".into(),
    }
}

fn gone(name: &str, instead: &str) -> Option<AudioError> {
    Some(AudioError::Lost {
        name: name.into(),
        instead: Some(instead.into()),
    })
}

fn open(spec: &DeviceSpec) -> Result<Box<dyn Microphone>, AudioError> {
    let name = match spec {
        DeviceSpec::Default => world(|world| world.default.clone()),
        DeviceSpec::Named(name) => name.clone(),
        _ => return Ok(Box::new(Silence)),
    };
    if !world(|world| world.names.contains(&name)) {
        return Err(AudioError::NotFound(name));
    }
    if world(|world| world.stuck.contains(&name)) {
        return Err(AudioError::Device {
            name,
            reason: "busy".into(),
        });
    }
    Ok(Box::new(Fake(name)))
}

fn run(job: Box<dyn FnOnce() + Send>) {
    if world(|world| world.slow) {
        world(|world| world.jobs.push(job));
    } else {
        job();
    }
}

const INVENTED: Source<dyn Microphone> = Source {
    open,
    available: || world(|world| world.names.clone()),
    run,
};

fn plug(names: &[&str], default: &str) {
    world(|world| {
        world.names = names.iter().map(|name| (*name).into()).collect();
        world.default = default.into();
        world.broken.clear();
    });
}

fn unplug(name: &str) {
    world(|world| {
        world.names.retain(|there| there != name);
        world.broken.push(name.into());
        if world.default == name {
            world.default = world.names.first().cloned().unwrap_or_default();
        }
    });
}

fn heard(side: &mut Side<dyn Microphone>) -> bool {
    let mut frame = [0.0; FRAME];
    side.device().read(Instant::now(), &mut frame);
    frame == [1.0; FRAME]
}

/// Tends the side for some seconds of invented time.
fn pass(side: &mut Side<dyn Microphone>, now: &mut Instant, seconds: u64) {
    for _ in 0..seconds * 100 {
        *now += Duration::from_millis(10);
        side.tend(*now);
    }
}

fn headset() -> DeviceSpec {
    DeviceSpec::Named("Headset".into())
}

#[test]
fn a_headset_pulled_out_hands_over_to_the_default_and_takes_over_again_when_it_is_back() {
    let mut now = Instant::now();
    plug(&["Built-in", "Headset"], "Built-in");
    let mut side = Side::open(INVENTED, &headset(), now).expect("it is there");
    assert_eq!(side.current, headset());
    unplug("Headset");
    now += Duration::from_millis(10);
    assert!(side.tend(now), "another device took over");
    pass(&mut side, &mut now, 1);
    assert_eq!(side.current, DeviceSpec::Default);
    assert!(heard(&mut side));
    assert_eq!(side.trouble, gone("Headset", "Built-in"));
    pass(&mut side, &mut now, 10);
    assert_eq!(side.current, DeviceSpec::Default);
    plug(&["Built-in", "Headset"], "Built-in");
    pass(&mut side, &mut now, 3);
    assert_eq!(side.current, headset());
    assert_eq!(side.trouble, None);
    assert_eq!(world(|world| world.closed.clone()), ["Headset", "Built-in"]);
}

#[test]
fn with_nothing_left_the_call_goes_on_in_silence() {
    let mut now = Instant::now();
    plug(&["Headset"], "Headset");
    let mut side = Side::open(INVENTED, &headset(), now).expect("it is there");
    unplug("Headset");
    pass(&mut side, &mut now, 20);
    assert_eq!(side.current, DeviceSpec::Silence);
    assert!(!heard(&mut side));
    assert_eq!(side.trouble, Some(AudioError::NoMicrophone));
    plug(&["Built-in"], "Built-in");
    pass(&mut side, &mut now, 3);
    assert_eq!(side.current, DeviceSpec::Default);
    assert!(heard(&mut side));
}

#[test]
fn a_default_device_that_goes_is_followed_by_the_next_default() {
    let mut now = Instant::now();
    plug(&["Built-in", "Dock"], "Dock");
    let mut side = Side::open(INVENTED, &DeviceSpec::Default, now).expect("it is there");
    unplug("Dock");
    pass(&mut side, &mut now, 1);
    assert_eq!(side.current, DeviceSpec::Default);
    assert!(heard(&mut side));
    assert_eq!(side.trouble, None, "the system's default works again");
}

#[test]
fn a_device_that_is_listed_but_stuck_does_not_keep_the_default_from_taking_over() {
    let mut now = Instant::now();
    plug(&["Built-in", "Headset"], "Built-in");
    let mut side = Side::open(INVENTED, &headset(), now).expect("it is there");
    world(|world| {
        world.stuck.push("Headset".into());
        world.broken.push("Headset".into());
    });
    pass(&mut side, &mut now, 30);
    assert_eq!(side.current, DeviceSpec::Default);
    assert!(heard(&mut side));
    assert_eq!(side.trouble, gone("Headset", "Built-in"));
}

#[test]
fn what_is_not_there_at_the_start_is_stood_in_for_until_it_comes() {
    let mut now = Instant::now();
    plug(&["Built-in"], "Built-in");
    let mut side = Side::open(INVENTED, &headset(), now).expect("there is another");
    pass(&mut side, &mut now, 1);
    assert_eq!(side.current, DeviceSpec::Default);
    assert!(heard(&mut side));
    assert_eq!(side.trouble, Some(AudioError::NotFound("Headset".into())));
    plug(&["Built-in", "Headset"], "Built-in");
    pass(&mut side, &mut now, 3);
    assert_eq!(side.current, headset());
    assert_eq!(side.trouble, None);
}

#[test]
fn a_device_that_is_slow_to_open_joins_in_when_it_is_ready() {
    let mut now = Instant::now();
    plug(&["Headset"], "Headset");
    world(|world| world.slow = true);
    let mut side = Side::open(INVENTED, &headset(), now).expect("it may still come");
    pass(&mut side, &mut now, 1);
    assert!(!heard(&mut side));
    for job in world(|world| std::mem::take(&mut world.jobs)) {
        job();
    }
    world(|world| world.slow = false);
    pass(&mut side, &mut now, 1);
    assert!(heard(&mut side));
    assert_eq!(side.current, headset());
    assert_eq!(side.trouble, None);
}
