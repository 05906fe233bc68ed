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

#[test]
fn a_connection_that_swallows_everything_is_replaced() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.scripted();
    register(&mut world, phone, server, Transport::Tcp);
    world.seconds(60);
    let first = world.request(server, Method::Register);
    let second = world.request(server, Method::Register);
    assert_ne!(first.0.connection, second.0.connection);
    world.reply(server, &second, 200, "t", &[("Expires", "600")], "");
    world.seconds(1);
    assert!(world.try_request(server, Method::Register).is_none());
    let events = world.take_events(phone);
    assert_eq!(
        story(&events).last().map(String::as_str),
        Some("registered")
    );
}

#[test]
fn a_registrar_that_writes_the_contact_anew_is_understood() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.scripted();
    register(&mut world, phone, server, Transport::Udp);
    world.run(DELAY);
    let first = world.request(server, Method::Register);
    let contact = first.1.contacts().expect("a Contact").remove(0).uri;
    let user = contact.user.expect("a user");
    let bindings = format!("<sip:old@192.0.2.50>;expires=5, <sip:{user}@10.1.1.1:9>;expires=120");
    world.reply(server, &first, 200, "t", &[("Contact", &bindings)], "");
    world.run(DELAY * 2);
    match last_status(&world.take_events(phone)) {
        Some(RegistrationStatus::Registered { expires_at, .. }) => {
            assert_eq!((expires_at - world.start).as_secs(), 120);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn two_accounts_of_one_server_do_not_disturb_each_other() {
    let (mut world, phone, server) = world(vec![Algorithm::Sha256], "secret");
    register(&mut world, phone, server, Transport::Tcp);
    let mut second = identity(&world, server, Transport::Tcp);
    second.password = Some(SecretString::from("wrong".to_string()));
    let other = crate::account::AccountId::from("a2");
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, other.clone(), second)
    });
    world.seconds(10);
    let events = world.take_events(phone);
    let of = |id: &crate::account::AccountId| {
        events.iter().rev().find_map(|event| match event {
            Event::Registration { account, status } if account == id => Some(status.clone()),
            _ => None,
        })
    };
    assert!(matches!(
        of(&account()),
        Some(RegistrationStatus::Registered { .. })
    ));
    assert!(matches!(
        of(&other),
        Some(RegistrationStatus::Failed {
            failure: Failure::WrongPassword,
            retry_at: None
        })
    ));
    world.tell(phone, |endpoint, now| endpoint.remove_identity(now, &other));
    world.seconds(1);
    let events = world.take_events(phone);
    assert_eq!(story(&events), ["off"]);
}

#[test]
fn a_socket_for_all_addresses_names_the_one_that_is_used() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.scripted();
    world.tell(phone, |endpoint, _| {
        endpoint.local_addresses(vec![([0, 0, 0, 0], 5060).into()], vec![], vec![]);
        endpoint.set_source(|_| Some([192, 0, 2, 1].into()));
    });
    register(&mut world, phone, server, Transport::Udp);
    let (_, _, text) = world.trace.remove(0);
    assert!(text.contains("Via: SIP/2.0/UDP 192.0.2.1:5060;"), "{text}");
    assert!(text.contains("@192.0.2.1:5060;ob>"), "{text}");
}

#[test]
fn of_several_sockets_the_one_that_faces_the_server_is_used() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.scripted();
    let locals = [[127, 0, 0, 1], [10, 0, 0, 9], [192, 0, 2, 1]];
    world.tell(phone, |endpoint, _| {
        let udp = locals.map(|ip| (ip, 5060).into()).to_vec();
        endpoint.local_addresses(udp, vec![], vec![]);
        endpoint.set_source(|_| Some([192, 0, 2, 1].into()));
    });
    register(&mut world, phone, server, Transport::Udp);
    world.run(DELAY);
    let (flow, _) = world.request(server, Method::Register);
    assert_eq!(flow.remote, ([192, 0, 2, 1], 5060).into());
}

/// A domain with two servers, the account registered at the first.
fn with_two_servers(transport: Transport) -> (World, usize, usize, usize) {
    let (mut world, phone, first) = world(vec![Algorithm::Md5], "secret");
    let second = world.endpoint(Accept::Anyone);
    registrar(&mut world, second, vec![Algorithm::Md5], "secret");
    let place = |node: usize| Target {
        transport,
        addr: world.nodes[node].address,
        server_name: "sip.test".into(),
    };
    let places = vec![place(first), place(second)];
    world.names.insert("sip.test".into(), places);
    let mut identity = identity(&world, first, transport);
    identity.domain = HostPort {
        host: Host::Name("sip.test".into()),
        port: None,
    };
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), identity)
    });
    world.seconds(1);
    assert_eq!(server_of(&mut world, phone), first);
    (world, phone, first, second)
}

/// The node an account is registered at.
fn server_of(world: &mut World, phone: usize) -> usize {
    let events = world.take_events(phone);
    let Some(RegistrationStatus::Registered { flow, .. }) = last_status(&events) else {
        panic!("{:?}", story(&events));
    };
    let there = |node: &Node| node.address == flow.remote;
    world.nodes.iter().position(there).expect("a node")
}

fn call_over_account(world: &mut World, phone: usize, call: u64) {
    let target = "sip:bob@sip.test".parse().expect("a URI");
    world.tell(phone, |endpoint, now| {
        let caller = Caller::Account(account());
        endpoint.invite(now, call, caller, target, vec![], OFFER.into());
    });
}

fn has_called(world: &mut World, server: usize) -> bool {
    let is_call = |event: &Event| matches!(event, Event::Incoming { .. });
    world.take_events(server).iter().any(is_call)
}

#[test]
fn calls_and_registration_go_on_at_the_second_server_and_come_back() {
    for transport in [Transport::Udp, Transport::Tcp, Transport::Tls] {
        let (mut world, phone, first, second) = with_two_servers(transport);
        world.nodes[first].up = false;
        world.drop_connections(first);
        // The call finds out by timer B that nobody is there any more.
        call_over_account(&mut world, phone, 1);
        world.seconds(34);
        assert_eq!(server_of(&mut world, phone), second, "{transport:?}");
        assert!(has_called(&mut world, second), "{transport:?}");
        // The next one need not find that out anew.
        call_over_account(&mut world, phone, 2);
        world.seconds(1);
        assert!(has_called(&mut world, second), "{transport:?}");
        for call in [1, 2] {
            world.tell(phone, |endpoint, now| endpoint.hang_up(now, call));
        }
        world.seconds(120);
        assert!(
            world
                .take_events(phone)
                .iter()
                .all(|event| !matches!(event, Event::Registration { .. }))
        );
        world.nodes[first].up = true;
        world.seconds(64);
        assert_eq!(server_of(&mut world, phone), first, "{transport:?}");
        world.nodes[second].up = false;
        call_over_account(&mut world, phone, 3);
        world.seconds(1);
        assert!(has_called(&mut world, first), "{transport:?}");
        let asked = world.count_sent(phone, "OPTIONS");
        world.seconds(200);
        assert_eq!(world.count_sent(phone, "OPTIONS"), asked, "all is well");
        world.tell(phone, |endpoint, now| endpoint.shut_down(now));
        world.seconds(100);
        world.assert_clean(phone);
    }
}

#[test]
fn a_second_server_that_refuses_the_way_back_keeps_the_account() {
    let (mut world, phone, first, second) = with_two_servers(Transport::Udp);
    world.nodes[first].up = false;
    call_over_account(&mut world, phone, 1);
    world.seconds(34);
    assert_eq!(server_of(&mut world, phone), second);
    // 503: it is there again, but not in service.
    world.behave(first, |endpoint, now, event| {
        if let Event::Request { id, .. } = event {
            endpoint.respond(now, *id, 503, vec![], vec![]);
        }
    });
    world.nodes[first].up = true;
    world.seconds(120);
    let events = world.take_events(phone);
    assert!(last_status(&events).is_none(), "{:?}", story(&events));
}
