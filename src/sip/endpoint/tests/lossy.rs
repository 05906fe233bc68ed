use std::time::Duration;

use super::world::*;
use crate::account::Transport;
use crate::sip::auth::Algorithm;
use crate::sip::endpoint::*;

/// What a callee does with a call.
#[derive(Debug, Clone, Copy)]
enum Manner {
    Answers,
    Refuses,
    RingsOn,
}

fn play(seed: u64, manner: Manner, change: bool) -> (Vec<String>, Vec<String>) {
    let mut world = World::new(seed);
    world.loss = 0.2;
    world.duplicates = 0.1;
    world.jitter = Duration::from_millis(300);
    let caller = world.endpoint(Accept::Anyone);
    let callee = world.endpoint(Accept::Anyone);
    world.behave(callee, move |endpoint, now, event| match event {
        Event::Incoming { call, .. } => {
            endpoint.ring(now, *call, 180, None);
            match manner {
                Manner::Answers => endpoint.accept(now, *call, ANSWER.into()),
                Manner::Refuses => endpoint.reject(now, *call, 486, vec![]),
                Manner::RingsOn => {}
            }
        }
        Event::Offer { call, .. } => endpoint.answer_offer(now, *call, Ok(ANSWER.into())),
        _ => {}
    });
    world.behave(caller, move |endpoint, now, event| match event {
        Event::Answered { call, .. } if change => endpoint.reinvite(now, *call, OFFER.into()),
        Event::Offer { call, .. } => endpoint.answer_offer(now, *call, Ok(ANSWER.into())),
        _ => {}
    });
    let target = world.uri("bob", callee);
    world.tell(caller, |endpoint, now| {
        endpoint.invite(now, 1, nobody("alice"), target, vec![], OFFER.into());
    });
    let mut rng = fastrand::Rng::with_seed(seed);
    world.run(Duration::from_millis(rng.u64(0..20_000)));
    world.tell(caller, |endpoint, now| endpoint.hang_up(now, 1));
    world.run(Duration::from_millis(rng.u64(0..2000)));
    let calls: Vec<u64> = world.nodes[callee]
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Incoming { call, .. } => Some(*call),
            _ => None,
        })
        .collect();
    // If every BYE or CANCEL is lost somebody has to hang up there.
    world.seconds(200);
    for call in calls {
        world.tell(callee, |endpoint, now| endpoint.hang_up(now, call));
    }
    world.seconds(300);
    world.assert_clean(caller);
    world.assert_clean(callee);
    (
        story(&world.take_events(caller)),
        story(&world.take_events(callee)),
    )
}

#[test]
fn a_thousand_calls_on_a_bad_network_leave_nothing_behind() {
    let mut answered = 0;
    for seed in 0..1000 {
        let manner = match seed % 4 {
            0 => Manner::Refuses,
            1 => Manner::RingsOn,
            _ => Manner::Answers,
        };
        let (caller, callee) = play(seed, manner, seed % 3 == 0);
        let ends = |story: &[String]| {
            story
                .iter()
                .filter(|line| line.starts_with("ended"))
                .count()
        };
        assert_eq!(ends(&caller), 1, "seed {seed}: {caller:?}");
        assert!(
            caller.last().is_some_and(|line| line.starts_with("ended")),
            "seed {seed}"
        );
        let came = callee
            .iter()
            .filter(|line| line.starts_with("incoming"))
            .count();
        assert!(came <= 1, "seed {seed}: {callee:?}");
        assert_eq!(ends(&callee), came, "seed {seed}: {callee:?}");
        answered += usize::from(caller.iter().any(|line| line.starts_with("answered")));
    }
    assert!(answered > 300, "{answered} calls were answered");
}

#[test]
fn registrations_survive_a_bad_network() {
    for seed in 0..50 {
        let mut world = World::new(seed);
        let phone = world.endpoint(Accept::Ours);
        let server = world.endpoint(Accept::Anyone);
        registrar(&mut world, server, vec![Algorithm::Sha256], "secret");
        world.loss = 0.3;
        world.duplicates = 0.2;
        world.jitter = Duration::from_millis(400);
        let identity = identity(&world, server, Transport::Udp);
        world.tell(phone, |endpoint, now| {
            endpoint.set_identity(now, account(), identity)
        });
        world.seconds(4 * 3600);
        let events = world.take_events(phone);
        let wrong = RegistrationStatus::Failed {
            failure: Failure::WrongPassword,
            retry_at: None,
        };
        assert!(
            events.iter().all(|event| !matches!(
                event,
                Event::Registration { status, .. } if *status == wrong
            )),
            "seed {seed}"
        );
        assert!(
            matches!(
                last_status(&events),
                Some(RegistrationStatus::Registered { .. })
            ),
            "seed {seed}: {:?}",
            story(&events)
        );
        world.tell(phone, |endpoint, now| endpoint.shut_down(now));
        world.seconds(100);
        world.assert_clean(phone);
        world.assert_clean(server);
    }
}
