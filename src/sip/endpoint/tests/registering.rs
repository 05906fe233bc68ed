use std::time::Duration;

use secrecy::SecretString;

use super::world::*;
use crate::account::Transport;
use crate::sip::auth::Algorithm;
use crate::sip::endpoint::*;
use crate::sip::flow::{Target, TransportError};
use crate::sip::message::{HeadersView, Host, Method};

fn world(algorithms: Vec<Algorithm>, password: &str) -> (World, usize, usize) {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.endpoint(Accept::Anyone);
    registrar(&mut world, server, algorithms, password);
    (world, phone, server)
}

fn register(world: &mut World, phone: usize, server: usize, transport: Transport) {
    let identity = identity(world, server, transport);
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), identity)
    });
}

#[test]
fn an_account_registers_with_each_kind_of_challenge() {
    for algorithms in [
        vec![Algorithm::Md5],
        vec![Algorithm::Sha256],
        vec![Algorithm::Md5, Algorithm::Sha256],
    ] {
        for transport in [Transport::Udp, Transport::Tcp, Transport::Tls] {
            let (mut world, phone, server) = world(algorithms.clone(), "secret");
            register(&mut world, phone, server, transport);
            world.seconds(1);
            let events = world.take_events(phone);
            assert_eq!(story(&events), ["registering", "registered"]);
            let Some(RegistrationStatus::Registered {
                expires_at,
                flow,
                public,
            }) = last_status(&events)
            else {
                panic!("not registered");
            };
            assert_eq!(flow.transport, transport);
            assert_eq!(public, Some(flow.local));
            let left = expires_at.duration_since(world.start);
            assert!(left > Duration::from_secs(599) && left < Duration::from_secs(601));
            assert_eq!(world.count_sent(phone, "REGISTER"), 2);
        }
    }
}

#[test]
fn a_registration_is_refreshed_before_it_runs_out_without_another_challenge() {
    let (mut world, phone, server) = world(vec![Algorithm::Sha256], "secret");
    register(&mut world, phone, server, Transport::Udp);
    world.seconds(539);
    assert_eq!(world.count_sent(phone, "REGISTER"), 2);
    world.seconds(10);
    assert!(world.count_sent(phone, "REGISTER") >= 3);
    let events = world.take_events(phone);
    assert!(
        story(&events)
            .iter()
            .all(|line| !line.starts_with("failed"))
    );
    world.seconds(3600);
    assert_eq!(
        story(&world.take_events(phone)).last().map(String::as_str),
        Some("registered")
    );
}

#[test]
fn a_wrong_password_is_tried_twice_and_then_never_again() {
    let (mut world, phone, server) = world(vec![Algorithm::Md5], "another");
    register(&mut world, phone, server, Transport::Udp);
    world.seconds(86_400);
    assert_eq!(
        world.count_sent(phone, "REGISTER"),
        3,
        "one without, two with credentials"
    );
    assert_eq!(
        story(&world.take_events(phone)),
        ["registering", "failed WrongPassword again false"]
    );
    // The person asks for it, then corrects the password.
    world.tell(phone, |endpoint, now| {
        endpoint.register_now(now, &account())
    });
    world.seconds(10);
    assert_eq!(world.count_sent(phone, "REGISTER"), 6);
    let mut corrected = identity(&world, server, Transport::Udp);
    corrected.password = Some(SecretString::from("another".to_string()));
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), corrected)
    });
    world.seconds(1);
    assert_eq!(
        story(&world.take_events(phone)).last().map(String::as_str),
        Some("registered")
    );
}

#[test]
fn a_contact_names_the_installation_and_hides_the_login() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.scripted();
    register(&mut world, phone, server, Transport::Udp);
    world.seconds(0);
    world.run(DELAY);
    let (_, request) = world.request(server, Method::Register);
    let contact = request.contacts().expect("a Contact").remove(0);
    assert!(contact.uri.params.has("ob"));
    assert_ne!(contact.uri.user.as_deref(), Some("alice"));
    assert_eq!(contact.params.value("reg-id"), Some("1"));
    assert!(
        contact
            .params
            .unquoted("+sip.instance")
            .is_some_and(|instance| instance.starts_with("<urn:uuid:0"))
    );
    assert!(request.lists("Supported", "outbound"));
    assert_eq!(request.expires(), Some(600));
    assert!(request.text("Authorization").is_none());
}

#[test]
fn an_interval_that_is_too_brief_is_lengthened() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.scripted();
    register(&mut world, phone, server, Transport::Udp);
    world.run(DELAY);
    let first = world.request(server, Method::Register);
    world.reply(server, &first, 423, "t", &[("Min-Expires", "1800")], "");
    world.run(DELAY * 2);
    let second = world.request(server, Method::Register);
    assert_eq!(second.1.expires(), Some(1800));
    world.reply(server, &second, 200, "t", &[("Expires", "1800")], "");
    world.seconds(1);
    assert_eq!(
        story(&world.take_events(phone)),
        ["registering", "registered"]
    );
}

#[test]
fn behind_nat_the_contact_is_corrected_once() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.scripted();
    register(&mut world, phone, server, Transport::Udp);
    for round in 0..2 {
        world.run(DELAY * 2);
        let (flow, mut request) = world.request(server, Method::Register);
        let contact = request.contacts().expect("a Contact").remove(0);
        if round == 1 {
            assert_eq!(contact.uri.host, Host::V4([203, 0, 113, 7].into()));
            assert_eq!(contact.uri.port, Some(7777));
            assert!(
                request.all("Contact")[1].ends_with(";expires=0"),
                "the old one is taken back"
            );
        }
        use crate::sip::message::HeadersEdit;
        let mut via = request.via().expect("a Via");
        via.set_received([203, 0, 113, 7].into());
        via.set_rport(7777);
        request.headers.set_first("Via", via.to_string());
        world.reply(
            server,
            &(flow, request),
            200,
            "t",
            &[("Expires", "600")],
            "",
        );
    }
    world.seconds(60);
    assert!(world.try_request(server, Method::Register).is_none());
    match last_status(&world.take_events(phone)) {
        Some(RegistrationStatus::Registered { public, .. }) => {
            assert_eq!(public, Some(([203, 0, 113, 7], 7777).into()));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn leaving_takes_the_binding_back() {
    let (mut world, phone, server) = world(vec![Algorithm::Sha256], "secret");
    register(&mut world, phone, server, Transport::Tcp);
    world.seconds(1);
    world.tell(phone, |endpoint, now| endpoint.shut_down(now));
    assert!(!world.at(phone).is_idle());
    world.seconds(1);
    assert!(world.at(phone).is_idle());
    let last = world
        .trace
        .iter()
        .rev()
        .find(|(_, _, text)| text.starts_with("REGISTER"));
    assert!(last.is_some_and(|(_, _, text)| text.contains("Expires: 0\r\n")));
    assert_eq!(
        story(&world.take_events(phone)),
        ["registering", "registered", "off"]
    );
    world.seconds(100);
    world.assert_clean(phone);
    world.assert_clean(server);
}

#[test]
fn an_account_that_does_not_register_is_ready_at_once() {
    let (mut world, phone, server) = world(vec![], "");
    let mut identity = identity(&world, server, Transport::Udp);
    identity.register = false;
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), identity)
    });
    world.seconds(100);
    assert_eq!(story(&world.take_events(phone)), ["not needed"]);
    assert!(world.trace.is_empty());
}

#[test]
fn a_server_that_is_down_is_asked_again_ever_more_rarely() {
    let (mut world, phone, server) = world(vec![Algorithm::Md5], "secret");
    world.nodes[server].up = false;
    register(&mut world, phone, server, Transport::Tcp);
    world.seconds(3600);
    let failures = world.take_events(phone);
    let failures = story(&failures)
        .iter()
        .filter(|line| line.starts_with("failed") && line.ends_with("again true"))
        .count();
    assert!(
        (9..=20).contains(&failures),
        "{failures} attempts in an hour"
    );
    world.nodes[server].up = true;
    world.seconds(600);
    assert_eq!(
        story(&world.take_events(phone)).last().map(String::as_str),
        Some("registered")
    );
}

#[test]
fn a_silent_udp_server_times_out_after_32_s() {
    let (mut world, phone, server) = world(vec![Algorithm::Md5], "secret");
    world.nodes[server].up = false;
    register(&mut world, phone, server, Transport::Udp);
    world.run(Duration::from_millis(32_001));
    match last_status(&world.take_events(phone)) {
        Some(RegistrationStatus::Failed {
            failure: Failure::Timeout { host },
            retry_at: Some(_),
        }) => assert_eq!(host, world.nodes[server].address.to_string()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refused_port_is_noticed_at_once() {
    let (mut world, phone, server) = world(vec![Algorithm::Md5], "secret");
    world.nodes[server].up = false;
    world.icmp = true;
    register(&mut world, phone, server, Transport::Udp);
    world.seconds(1);
    let Some(RegistrationStatus::Failed { failure, .. }) = last_status(&world.take_events(phone))
    else {
        panic!("no failure");
    };
    let refused = TransportError::Refused;
    assert!(matches!(failure, Failure::Transport { error, .. } if error == refused));
}

#[test]
fn the_second_server_of_a_domain_serves_if_the_first_is_down() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let (mut world, phone, server) = world(vec![Algorithm::Md5], "secret");
        let down = world.scripted();
        world.nodes[down].up = false;
        let place = |node: usize| Target {
            transport,
            addr: world.nodes[node].address,
            server_name: "sip.test".into(),
        };
        let places = vec![place(down), place(server)];
        world.names.insert("sip.test".into(), places);
        let mut identity = identity(&world, server, transport);
        identity.domain = HostPort {
            host: Host::Name("sip.test".into()),
            port: None,
        };
        world.tell(phone, |endpoint, now| {
            endpoint.set_identity(now, account(), identity)
        });
        world.seconds(40);
        assert_eq!(
            story(&world.take_events(phone)),
            ["registering", "registered"]
        );
    }
}

#[test]
fn an_unknown_host_is_told_as_such() {
    let (mut world, phone, server) = world(vec![Algorithm::Md5], "secret");
    let mut identity = identity(&world, server, Transport::Tls);
    identity.domain = HostPort {
        host: Host::Name("nowhere.test".into()),
        port: None,
    };
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), identity)
    });
    world.seconds(1);
    assert_eq!(
        last_status(&world.take_events(phone)).map(|status| match status {
            RegistrationStatus::Failed { failure, .. } => Some(failure),
            _ => None,
        }),
        Some(Some(Failure::Transport {
            host: "nowhere.test".into(),
            error: TransportError::UnknownHost
        }))
    );
}

#[test]
fn a_connection_that_closes_is_set_up_again_at_once_and_then_with_pauses() {
    let (mut world, phone, server) = world(vec![Algorithm::Md5], "secret");
    register(&mut world, phone, server, Transport::Tcp);
    world.seconds(1);
    for round in 0..2 {
        let Some(RegistrationStatus::Registered { flow, .. }) =
            last_status(&world.take_events(phone))
        else {
            panic!("not registered");
        };
        world.cut(flow);
        world.seconds(1);
        let events = world.take_events(phone);
        match round {
            0 => {
                assert_eq!(story(&events), ["registering", "registered"]);
                world.nodes[phone].events.extend(events);
            }
            _ => assert!(
                story(&events)[0].starts_with("failed"),
                "{:?}",
                story(&events)
            ),
        }
    }
    world.seconds(30);
    assert_eq!(
        story(&world.take_events(phone)),
        ["registering", "registered"]
    );
}

#[test]
fn a_connection_that_closes_during_registration_leads_to_another() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.scripted();
    register(&mut world, phone, server, Transport::Tcp);
    world.run(DELAY * 4);
    let (flow, _) = world.request(server, Method::Register);
    world.cut(mirrored(flow));
    world.seconds(20);
    let second = world.request(server, Method::Register);
    assert_ne!(second.0.connection, flow.connection);
    world.reply(server, &second, 200, "t", &[("Expires", "600")], "");
    world.seconds(1);
    assert_eq!(
        story(&world.take_events(phone)).last().map(String::as_str),
        Some("registered")
    );
}

#[test]
fn a_dead_connection_is_noticed_by_its_missing_pong() {
    let (mut world, phone, server) = world(vec![Algorithm::Md5], "secret");
    register(&mut world, phone, server, Transport::Tcp);
    world.seconds(70);
    assert_eq!(
        story(&world.take_events(phone)),
        ["registering", "registered"]
    );
    world.drop_connections(server);
    world.seconds(50);
    assert_eq!(
        story(&world.take_events(phone)),
        ["registering", "registered"]
    );
}

#[test]
fn a_server_that_answers_no_pings_is_left_in_peace() {
    let (mut world, phone, server) = world(vec![Algorithm::Md5], "secret");
    world.nodes[server].pongs = false;
    register(&mut world, phone, server, Transport::Tcp);
    world.seconds(400);
    assert_eq!(world.count_sent(phone, "REGISTER"), 2);
    assert!(world.count_sent(phone, "\r\n\r\n") >= 12);
}

#[test]
fn a_changed_network_leads_to_a_new_registration_from_the_new_address() {
    let (mut world, phone, server) = world(vec![Algorithm::Md5], "secret");
    register(&mut world, phone, server, Transport::Udp);
    world.seconds(10);
    world.nodes[phone].address = ([192, 0, 2, 99], 5060).into();
    let address = world.nodes[phone].address;
    world.take_events(phone);
    world.tell(phone, |endpoint, now| {
        endpoint.local_addresses(vec![address], vec![], vec![]);
        endpoint.network_changed(now);
    });
    world.seconds(2);
    match last_status(&world.take_events(phone)) {
        Some(RegistrationStatus::Registered { flow, .. }) => assert_eq!(flow.local, address),
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_a_network_nothing_is_lost() {
    let (mut world, phone, server) = world(vec![Algorithm::Md5], "secret");
    let address = world.nodes[phone].address;
    world.tell(phone, |endpoint, _| {
        endpoint.local_addresses(vec![], vec![], vec![])
    });
    register(&mut world, phone, server, Transport::Udp);
    world.seconds(1);
    assert_eq!(
        story(&world.take_events(phone)),
        ["registering", "failed NoNetwork again true"]
    );
    world.tell(phone, |endpoint, now| {
        endpoint.local_addresses(vec![address], vec![], vec![]);
        endpoint.network_changed(now);
    });
    world.seconds(1);
    assert_eq!(
        story(&world.take_events(phone)),
        ["registering", "registered"]
    );
}

#[test]
fn a_changed_password_replaces_the_binding_without_taking_it_back_first() {
    let (mut world, phone, server) = world(vec![Algorithm::Md5], "secret");
    register(&mut world, phone, server, Transport::Udp);
    world.seconds(1);
    let mut changed = identity(&world, server, Transport::Udp);
    changed.expires_s = 300;
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), changed)
    });
    world.seconds(1);
    assert!(
        !world
            .trace
            .iter()
            .any(|(_, _, text)| text.contains("Expires: 0\r\n"))
    );
    let mut moved = identity(&world, server, Transport::Udp);
    moved.login = "anna".into();
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), moved)
    });
    world.seconds(1);
    let taken_back = world
        .trace
        .iter()
        .any(|(_, _, text)| text.contains("Expires: 0\r\n") && text.contains("sip:alice@"));
    assert!(
        taken_back,
        "another address of record: the old binding goes"
    );
}
