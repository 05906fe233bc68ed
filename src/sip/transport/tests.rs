use std::net::{Ipv4Addr, Ipv6Addr};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::*;
use crate::account::Transport;
use crate::sip::flow::Trust;

const PATIENCE: Duration = Duration::from_secs(20);
const MESSAGE: &[u8] = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 4\r\n\r\nbody";

fn any_port_v4() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

fn any_port_v6() -> SocketAddr {
    (Ipv6Addr::LOCALHOST, 0).into()
}

fn has_ipv6() -> bool {
    std::net::UdpSocket::bind(any_port_v6()).is_ok()
}

async fn driver(listen: Listen) -> Driver {
    Driver::bind(listen).await.unwrap()
}

async fn idle_driver() -> Driver {
    driver(Listen::default()).await
}

async fn next(driver: &mut Driver) -> Input {
    timeout(PATIENCE, driver.next()).await.unwrap()
}

async fn nothing_comes(driver: &mut Driver) {
    // The runtime has one thread: what is ready comes before this ends.
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    assert!(driver.inputs.try_recv().is_err());
}

fn target(transport: Transport, addr: SocketAddr, server_name: &str) -> Target {
    Target {
        transport,
        addr,
        server_name: server_name.into(),
    }
}

async fn connect(
    driver: &mut Driver,
    target: Target,
    trust: Trust,
) -> Result<Flow, TransportError> {
    let id = 42;
    driver.execute(Action::Connect { id, target, trust });
    match next(driver).await {
        Input::Connected { id: 42, result } => result,
        other => panic!("{other:?}"),
    }
}

async fn connect_tcp(driver: &mut Driver, addr: SocketAddr) -> Result<Flow, TransportError> {
    let target = target(Transport::Tcp, addr, "localhost");
    connect(driver, target, Trust::default()).await
}

/// A TCP connection of a driver with a far side that is under our control.
async fn raw_connection(driver: &mut Driver) -> (Flow, TcpStream) {
    let listener = TcpListener::bind(any_port_v4()).await.unwrap();
    let flow = connect_tcp(driver, listener.local_addr().unwrap()).await;
    (flow.unwrap(), listener.accept().await.unwrap().0)
}

async fn message(driver: &mut Driver) -> (Flow, Vec<u8>) {
    match next(driver).await {
        Input::Message { flow, bytes } => (flow, bytes),
        other => panic!("{other:?}"),
    }
}

fn transmit(driver: &Driver, flow: Flow, bytes: &[u8]) {
    let bytes = bytes.to_vec();
    driver.execute(Action::Transmit { flow, bytes });
}

async fn locate(
    driver: &mut Driver,
    host: &str,
    port: Option<u16>,
    transport: Transport,
) -> Result<Vec<Target>, TransportError> {
    let host = host.parse().unwrap();
    driver.execute(Action::Locate {
        id: 7,
        host,
        port,
        transport,
    });
    match next(driver).await {
        Input::Located { id: 7, result } => result,
        other => panic!("{other:?}"),
    }
}

mod datagrams {
    use super::*;

    async fn talk(address: SocketAddr) {
        let listen = || Listen {
            udp: vec![address],
            ..Listen::default()
        };
        let (mut one, mut two) = (driver(listen()).await, driver(listen()).await);
        let (local, remote) = (one.udp_addresses()[0], two.udp_addresses()[0]);
        transmit(&one, Flow::udp(local, remote), b"hello");
        let (flow, bytes) = message(&mut two).await;
        assert_eq!(bytes, b"hello");
        assert_eq!(flow, Flow::udp(remote, local));
        transmit(&two, flow, b"answer");
        let answer = (Flow::udp(local, remote), b"answer".to_vec());
        assert_eq!(message(&mut one).await, answer);
    }

    #[tokio::test]
    async fn travel_both_ways_over_ipv4() {
        talk(any_port_v4()).await;
    }

    #[tokio::test]
    async fn travel_both_ways_over_ipv6() {
        if has_ipv6() {
            talk(any_port_v6()).await;
        }
    }

    #[tokio::test]
    async fn without_a_socket_of_their_ip_version_are_unreachable() {
        let mut driver = idle_driver().await;
        let flow = Flow::udp(any_port_v4(), ([127, 0, 0, 1], 5060).into());
        transmit(&driver, flow, b"hello");
        let error = TransportError::Unreachable;
        assert_eq!(next(&mut driver).await, Input::Closed { flow, error });
    }

    #[tokio::test]
    async fn one_socket_can_serve_every_address_of_the_machine() {
        let mut wide = driver(Listen {
            udp: vec![(Ipv4Addr::UNSPECIFIED, 0).into()],
            ..Listen::default()
        })
        .await;
        let local = wide.udp_addresses()[0];
        let far = std::net::UdpSocket::bind(any_port_v4()).unwrap();
        let remote = far.local_addr().unwrap();
        let here = local_ip_for(remote).unwrap();
        assert_eq!(here, Ipv4Addr::LOCALHOST);
        far.send_to(b"hi", (here, local.port())).unwrap();
        assert_eq!(message(&mut wide).await.0, Flow::udp(local, remote));
    }

    #[tokio::test]
    async fn leave_from_the_socket_whose_port_the_flow_names() {
        let everywhere: SocketAddr = (Ipv4Addr::UNSPECIFIED, 0).into();
        let sender = driver(Listen {
            udp: vec![everywhere, everywhere],
            ..Listen::default()
        })
        .await;
        let far = std::net::UdpSocket::bind(any_port_v4()).unwrap();
        for bound in sender.udp_addresses() {
            let local = (Ipv4Addr::LOCALHOST, bound.port()).into();
            transmit(&sender, Flow::udp(local, far.local_addr().unwrap()), b"hi");
            assert_eq!(far.recv_from(&mut [0; 8]).unwrap().1, local);
        }
    }

    #[tokio::test]
    async fn a_taken_port_is_an_error_at_once() {
        let taken = std::net::UdpSocket::bind(any_port_v4()).unwrap();
        let listen = Listen {
            udp: vec![taken.local_addr().unwrap()],
            ..Listen::default()
        };
        assert!(matches!(
            Driver::bind(listen).await,
            Err(TransportError::Io(_))
        ));
    }
}

mod streams {
    use super::*;

    #[tokio::test]
    async fn are_cut_into_messages_however_the_bytes_come() {
        let mut driver = idle_driver().await;
        let (flow, mut far) = raw_connection(&mut driver).await;
        assert_eq!(flow.transport, Transport::Tcp);
        assert_eq!(flow.local, far.peer_addr().unwrap());
        let (head, tail) = MESSAGE.split_at(30);
        far.write_all(head).await.unwrap();
        nothing_comes(&mut driver).await;
        far.write_all(tail).await.unwrap();
        assert_eq!(message(&mut driver).await, (flow, MESSAGE.to_vec()));
        far.write_all(&[MESSAGE, MESSAGE].concat()).await.unwrap();
        for _ in 0..2 {
            assert_eq!(message(&mut driver).await, (flow, MESSAGE.to_vec()));
        }
    }

    #[tokio::test]
    async fn answer_pings_themselves_and_hand_up_pongs() {
        let mut driver = idle_driver().await;
        let (flow, mut far) = raw_connection(&mut driver).await;
        far.write_all(b"\r\n\r\n").await.unwrap();
        let mut pong = [0; 2];
        far.read_exact(&mut pong).await.unwrap();
        assert_eq!(&pong, b"\r\n");
        transmit(&driver, flow, b"\r\n\r\n");
        let mut ping = [0; 4];
        far.read_exact(&mut ping).await.unwrap();
        assert_eq!(&ping, b"\r\n\r\n");
        far.write_all(b"\r\n").await.unwrap();
        far.write_all(MESSAGE).await.unwrap();
        assert_eq!(message(&mut driver).await, (flow, b"\r\n".to_vec()));
        assert_eq!(message(&mut driver).await, (flow, MESSAGE.to_vec()));
    }

    async fn talk(address: SocketAddr) {
        let mut server = driver(Listen {
            tcp: vec![address],
            ..Listen::default()
        })
        .await;
        let mut client = idle_driver().await;
        let listening = server.tcp_addresses()[0];
        let flow = connect_tcp(&mut client, listening).await.unwrap();
        transmit(&client, flow, MESSAGE);
        let (accepted, bytes) = message(&mut server).await;
        assert_eq!(bytes, MESSAGE);
        assert_eq!((accepted.local, accepted.remote), (flow.remote, flow.local));
        transmit(&server, accepted, MESSAGE);
        assert_eq!(message(&mut client).await, (flow, MESSAGE.to_vec()));
    }

    #[tokio::test]
    async fn join_two_drivers_over_ipv4() {
        talk(any_port_v4()).await;
    }

    #[tokio::test]
    async fn join_two_drivers_over_ipv6() {
        if has_ipv6() {
            talk(any_port_v6()).await;
        }
    }

    #[tokio::test]
    async fn are_refused_where_nobody_listens() {
        let closed = std::net::TcpListener::bind(any_port_v4()).unwrap();
        let address = closed.local_addr().unwrap();
        drop(closed);
        let refused = connect_tcp(&mut idle_driver().await, address).await;
        assert_eq!(refused, Err(TransportError::Refused));
    }

    #[tokio::test]
    async fn that_the_far_side_ends_are_closed() {
        let mut driver = idle_driver().await;
        let (flow, far) = raw_connection(&mut driver).await;
        drop(far);
        let error = TransportError::Closed;
        assert_eq!(next(&mut driver).await, Input::Closed { flow, error });
        transmit(&driver, flow, MESSAGE);
        let error = TransportError::Closed;
        assert_eq!(next(&mut driver).await, Input::Closed { flow, error });
    }

    #[tokio::test]
    async fn to_a_dead_far_side_end_when_too_much_is_waiting() {
        let mut driver = idle_driver().await;
        let (flow, _far) = raw_connection(&mut driver).await;
        for _ in 0..40 {
            transmit(&driver, flow, &[b'x'; 64 * 1024]);
        }
        let ended = Input::Closed {
            flow,
            error: TransportError::TimedOut,
        };
        let closed = Input::Closed {
            flow,
            error: TransportError::Closed,
        };
        let mut inputs = vec![next(&mut driver).await];
        while inputs.last() == Some(&closed) {
            inputs.push(next(&mut driver).await);
        }
        assert_eq!(inputs.last(), Some(&ended));
    }

    #[tokio::test]
    async fn with_something_else_than_sip_on_them_are_ended() {
        let mut driver = idle_driver().await;
        let (_, mut far) = raw_connection(&mut driver).await;
        far.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let ended = next(&mut driver).await;
        let error = match ended {
            Input::Closed { error, .. } => error,
            other => panic!("{other:?}"),
        };
        assert!(matches!(error, TransportError::Io(_)), "{error:?}");
        assert_eq!(far.read(&mut [0; 8]).await.unwrap_or(0), 0);
    }

    #[tokio::test]
    async fn that_we_close_send_what_is_queued_and_say_no_more() {
        let mut driver = idle_driver().await;
        let (flow, mut far) = raw_connection(&mut driver).await;
        transmit(&driver, flow, MESSAGE);
        driver.execute(Action::Close { flow });
        let mut received = Vec::new();
        far.read_to_end(&mut received).await.unwrap();
        assert_eq!(received, MESSAGE);
        drop(far);
        nothing_comes(&mut driver).await;
    }

    #[tokio::test]
    async fn end_in_good_order_when_the_driver_shuts_down() {
        let mut driver = idle_driver().await;
        let (flow, mut far) = raw_connection(&mut driver).await;
        transmit(&driver, flow, MESSAGE);
        driver.shut_down(PATIENCE).await;
        let mut received = Vec::new();
        far.read_to_end(&mut received).await.unwrap();
        assert_eq!(received, MESSAGE);
    }

    #[tokio::test]
    async fn and_listeners_are_gone_with_the_driver() {
        let mut gone = driver(Listen {
            udp: vec![any_port_v4()],
            tcp: vec![any_port_v4()],
            ..Listen::default()
        })
        .await;
        let (_, mut far) = raw_connection(&mut gone).await;
        let (udp, tcp) = (gone.udp_addresses()[0], gone.tcp_addresses()[0]);
        let shared = Arc::downgrade(&gone.shared);
        drop(gone);
        assert_eq!(far.read(&mut [0; 8]).await.unwrap_or(0), 0);
        while shared.strong_count() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(std::net::UdpSocket::bind(udp).is_ok());
        assert!(TcpStream::connect(tcp).await.is_err());
    }
}

mod tls {
    use super::*;

    struct Authority {
        issuer: Issuer<'static, KeyPair>,
        pem: String,
    }

    fn authority() -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Authority {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    fn params(names: &[&str]) -> CertificateParams {
        let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
        CertificateParams::new(names).unwrap()
    }

    fn issued(by: &Authority, params: CertificateParams) -> ServerTls {
        let key = KeyPair::generate().unwrap();
        ServerTls {
            cert_pem: params.signed_by(&key, &by.issuer).unwrap().pem(),
            key_pem: key.serialize_pem().into(),
        }
    }

    fn self_signed(params: CertificateParams) -> ServerTls {
        let key = KeyPair::generate().unwrap();
        ServerTls {
            cert_pem: params.self_signed(&key).unwrap().pem(),
            key_pem: key.serialize_pem().into(),
        }
    }

    fn trusting(pem: &str) -> Trust {
        Trust {
            ca_pem: Some(pem.into()),
            pinned_sha256: None,
        }
    }

    fn pinning(fingerprint: &str) -> Trust {
        Trust {
            ca_pem: None,
            pinned_sha256: Some(fingerprint.into()),
        }
    }

    async fn serve(server: ServerTls) -> Driver {
        driver(Listen {
            tls: Some((vec![any_port_v4()], server)),
            ..Listen::default()
        })
        .await
    }

    async fn try_tls(server: ServerTls, name: &str, trust: Trust) -> Result<(), TransportError> {
        let mut server = serve(server).await;
        let mut client = idle_driver().await;
        let target = target(Transport::Tls, server.tls_addresses()[0], name);
        let flow = connect(&mut client, target, trust).await?;
        transmit(&client, flow, MESSAGE);
        let (accepted, bytes) = message(&mut server).await;
        assert_eq!(
            (accepted.transport, bytes),
            (Transport::Tls, MESSAGE.to_vec())
        );
        transmit(&server, accepted, MESSAGE);
        assert_eq!(message(&mut client).await, (flow, MESSAGE.to_vec()));
        client.execute(Action::Close { flow });
        let error = TransportError::Closed;
        let flow = accepted;
        assert_eq!(next(&mut server).await, Input::Closed { flow, error });
        Ok(())
    }

    fn fingerprint_of(refused: Result<(), TransportError>) -> (String, String) {
        match refused {
            Err(TransportError::CertificateNotTrusted {
                fingerprint,
                reason,
            }) => (fingerprint, reason),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_certificate_of_a_private_authority_is_accepted() {
        let ca = authority();
        let server = issued(&ca, params(&["sip.test"]));
        let trust = trusting(&ca.pem);
        assert_eq!(
            try_tls(server.clone(), "sip.test", trust.clone()).await,
            Ok(())
        );
        assert_eq!(try_tls(server, "SIP.test.", trust).await, Ok(()));
    }

    #[tokio::test]
    async fn a_certificate_for_an_address_is_accepted() {
        let ca = authority();
        let server = issued(&ca, params(&["127.0.0.1", "::1"]));
        for name in ["127.0.0.1", "::1", "[::1]"] {
            let accepted = try_tls(server.clone(), name, trusting(&ca.pem)).await;
            assert_eq!(accepted, Ok(()), "{name}");
        }
    }

    #[tokio::test]
    async fn an_unknown_authority_is_not_trusted_and_what_was_shown_can_be_pinned() {
        let server = issued(&authority(), params(&["sip.test"]));
        let stranger = trusting(&authority().pem);
        for trust in [Trust::default(), stranger] {
            let refused = try_tls(server.clone(), "sip.test", trust).await;
            let (fingerprint, _) = fingerprint_of(refused);
            assert_eq!(fingerprint.split(':').count(), 32);
            let pinned = try_tls(server.clone(), "other.name", pinning(&fingerprint)).await;
            assert_eq!(pinned, Ok(()));
        }
    }

    #[tokio::test]
    async fn only_the_pinned_certificate_is_accepted() {
        let ca = authority();
        let server = issued(&ca, params(&["sip.test"]));
        let mut trust = pinning(&"00".repeat(32));
        trust.ca_pem = Some(ca.pem);
        let refused = try_tls(server, "sip.test", trust).await;
        assert!(fingerprint_of(refused).1.contains("pinned"));
    }

    #[tokio::test]
    async fn a_pin_that_is_none_is_an_error() {
        let server = self_signed(params(&["sip.test"]));
        let refused = try_tls(server, "sip.test", pinning("nonsense")).await;
        assert!(matches!(refused, Err(TransportError::Tls(_))));
    }

    #[tokio::test]
    async fn another_name_is_refused_as_such() {
        let ca = authority();
        let server = issued(&ca, params(&["sip.test"]));
        for name in ["evil.test", "127.0.0.1"] {
            let refused = try_tls(server.clone(), name, trusting(&ca.pem)).await;
            let wrong = matches!(&refused, Err(TransportError::CertificateWrongName { fingerprint })
                if fingerprint.len() == 95);
            assert!(wrong, "{refused:?}");
        }
    }

    #[tokio::test]
    async fn an_expired_certificate_is_refused_and_says_so() {
        let ca = authority();
        let mut old = params(&["sip.test"]);
        old.not_before = date_time_ymd(2001, 1, 1);
        old.not_after = date_time_ymd(2002, 1, 1);
        let refused = try_tls(issued(&ca, old), "sip.test", trusting(&ca.pem)).await;
        let (_, reason) = fingerprint_of(refused);
        assert!(reason.contains("expired"), "{reason}");
    }

    #[tokio::test]
    async fn a_self_signed_certificate_given_as_authority_is_accepted_for_its_name() {
        for is_ca in [IsCa::NoCa, IsCa::Ca(BasicConstraints::Unconstrained)] {
            let mut own = params(&["sip.test"]);
            own.is_ca = is_ca;
            let server = self_signed(own);
            let trust = trusting(&server.cert_pem);
            let accepted = try_tls(server.clone(), "sip.test", trust.clone()).await;
            assert_eq!(accepted, Ok(()));
            let refused = try_tls(server, "evil.test", trust).await;
            assert!(matches!(
                refused,
                Err(TransportError::CertificateWrongName { .. })
            ));
        }
    }

    #[tokio::test]
    async fn an_expired_self_signed_authority_is_refused() {
        let mut old = params(&["sip.test"]);
        old.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        old.not_after = date_time_ymd(2002, 1, 1);
        let server = self_signed(old);
        let trust = trusting(&server.cert_pem);
        fingerprint_of(try_tls(server, "sip.test", trust).await);
    }

    #[tokio::test]
    async fn a_far_side_without_tls_is_an_error_of_tls() {
        let listener = TcpListener::bind(any_port_v4()).await.unwrap();
        let target = target(Transport::Tls, listener.local_addr().unwrap(), "sip.test");
        let answer = async {
            let (mut far, _) = listener.accept().await.unwrap();
            far.write_all(MESSAGE).await.unwrap();
            far
        };
        let mut client = idle_driver().await;
        let connecting = connect(&mut client, target, Trust::default());
        let (refused, _far) = tokio::join!(connecting, answer);
        assert!(
            matches!(refused, Err(TransportError::Tls(_))),
            "{refused:?}"
        );
    }

    #[tokio::test]
    async fn what_is_no_certificate_or_key_is_an_error_at_once() {
        let good = self_signed(params(&["sip.test"]));
        let mut no_certificate = good.clone();
        no_certificate.cert_pem = "nothing".into();
        let mut no_key = good.clone();
        no_key.key_pem = "nothing".into();
        let mut other_key = good;
        other_key.key_pem = KeyPair::generate().unwrap().serialize_pem().into();
        for server in [no_certificate, no_key, other_key] {
            let listen = Listen {
                tls: Some((vec![any_port_v4()], server)),
                ..Listen::default()
            };
            let refused = Driver::bind(listen).await;
            assert!(matches!(refused, Err(TransportError::Tls(_))));
        }
    }
}

mod names {
    use std::collections::HashMap;
    use std::str::FromStr;

    use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
    use hickory_resolver::proto::rr::rdata::{NAPTR, SRV};
    use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
    use tokio::net::UdpSocket;

    use super::*;

    type Zone = HashMap<(&'static str, RecordType), Vec<RData>>;

    /// A name server that knows `zone` and nothing else.
    async fn name_server(zone: Zone) -> SocketAddr {
        let socket = UdpSocket::bind(any_port_v4()).await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 2048];
            loop {
                let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
                let mut message = Message::from_vec(&buffer[..length]).unwrap();
                message.metadata.message_type = MessageType::Response;
                message.metadata.response_code = ResponseCode::NXDomain;
                let query = message.queries[0].clone();
                let name = query.name().to_ascii().to_lowercase();
                if let Some((_, records)) = zone
                    .iter()
                    .find(|((known, kind), _)| *known == name && *kind == query.query_type())
                {
                    message.metadata.response_code = ResponseCode::NoError;
                    for data in records {
                        let record = Record::from_rdata(query.name().clone(), 60, data.clone());
                        message.add_answer(record);
                    }
                } else if zone.keys().any(|(known, _)| *known == name) {
                    message.metadata.response_code = ResponseCode::NoError;
                }
                socket
                    .send_to(&message.to_vec().unwrap(), from)
                    .await
                    .unwrap();
            }
        });
        address
    }

    fn srv(priority: u16, weight: u16, port: u16, target: &str) -> RData {
        RData::SRV(SRV::new(
            priority,
            weight,
            port,
            Name::from_str(target).unwrap(),
        ))
    }

    fn a(address: [u8; 4]) -> RData {
        RData::A(Ipv4Addr::from(address).into())
    }

    async fn driver_with(zone: Zone) -> Driver {
        driver(Listen {
            udp: vec![any_port_v4()],
            name_servers: NameServers::These(vec![name_server(zone).await]),
            seed: 5,
            ..Listen::default()
        })
        .await
    }

    fn addresses(located: Result<Vec<Target>, TransportError>) -> Vec<String> {
        let targets = located.unwrap().into_iter();
        targets.map(|target| target.addr.to_string()).collect()
    }

    #[tokio::test]
    async fn addresses_need_no_name_server() {
        let mut driver = idle_driver().await;
        for (host, port, transport, expected) in [
            ("192.0.2.7", None, Transport::Tcp, "192.0.2.7:5060"),
            ("192.0.2.7", None, Transport::Tls, "192.0.2.7:5061"),
            ("192.0.2.7", Some(99), Transport::Tcp, "192.0.2.7:99"),
            ("[2001:db8::7]", None, Transport::Tcp, "[2001:db8::7]:5060"),
        ] {
            let located = locate(&mut driver, host, port, transport).await;
            assert_eq!(addresses(located), [expected]);
        }
        let located = locate(&mut driver, "[::1]", None, Transport::Tls).await;
        assert_eq!(located.unwrap()[0].server_name, "::1");
    }

    #[tokio::test]
    async fn localhost_is_here_without_a_name_server() {
        let mut driver = idle_driver().await;
        for host in ["localhost", "LocalHost.", "x.localhost"] {
            let found = locate(&mut driver, host, Some(5070), Transport::Tcp).await;
            assert_eq!(addresses(found)[0], "127.0.0.1:5070", "{host}");
        }
    }

    #[tokio::test]
    async fn an_invalid_name_is_unknown() {
        let mut driver = idle_driver().await;
        let found = locate(&mut driver, "nothing.invalid", None, Transport::Udp).await;
        let expected = match super::super::udp::local_ip_for(([192, 0, 2, 1], 9).into()) {
            Some(_) => TransportError::UnknownHost,
            None => TransportError::Unreachable,
        };
        assert_eq!(found, Err(expected));
    }

    #[tokio::test]
    async fn an_ip_version_without_a_socket_is_unreachable_over_udp() {
        let mut driver = idle_driver().await;
        let found = locate(&mut driver, "192.0.2.7", None, Transport::Udp).await;
        assert_eq!(found, Err(TransportError::Unreachable));
    }

    #[tokio::test]
    async fn srv_records_say_where_the_service_is() {
        let zone = Zone::from([
            (
                ("_sip._udp.example.org.", RecordType::SRV),
                vec![
                    srv(20, 1, 5080, "backup.example.org."),
                    srv(10, 1, 5070, "main.example.org."),
                ],
            ),
            (
                ("main.example.org.", RecordType::A),
                vec![a([127, 0, 0, 2])],
            ),
            (
                ("backup.example.org.", RecordType::A),
                vec![a([127, 0, 0, 3])],
            ),
            (("example.org.", RecordType::A), vec![a([127, 0, 0, 9])]),
        ]);
        let mut driver = driver_with(zone).await;
        let found = locate(&mut driver, "Example.ORG", None, Transport::Udp).await;
        assert_eq!(found.as_ref().unwrap()[0].server_name, "example.org");
        assert_eq!(addresses(found), ["127.0.0.2:5070", "127.0.0.3:5080"]);
        let with_port = locate(&mut driver, "example.org", Some(5090), Transport::Udp).await;
        assert_eq!(addresses(with_port), ["127.0.0.9:5090"]);
        let tls = locate(&mut driver, "example.org", None, Transport::Tls).await;
        assert_eq!(addresses(tls), ["127.0.0.9:5061"]);
    }

    #[tokio::test]
    async fn naptr_records_say_where_the_srv_records_are() {
        let naptr = |order, preference, service: &str, to: &str| {
            RData::NAPTR(NAPTR::new(
                order,
                preference,
                b"S".to_vec().into(),
                service.as_bytes().into(),
                Box::default(),
                Name::from_str(to).unwrap(),
            ))
        };
        let zone = Zone::from([
            (
                ("example.org.", RecordType::NAPTR),
                vec![
                    naptr(20, 0, "SIP+D2U", "other.example.org."),
                    naptr(10, 9, "SIP+D2U", "second.example.org."),
                    naptr(10, 5, "sip+d2u", "first.example.org."),
                    naptr(10, 1, "SIP+D2T", "tcp.example.org."),
                ],
            ),
            (
                ("_sip._udp.example.org.", RecordType::SRV),
                vec![srv(0, 1, 1, "host.example.org.")],
            ),
            (
                ("first.example.org.", RecordType::SRV),
                vec![srv(0, 1, 5071, "host.example.org.")],
            ),
            (
                ("second.example.org.", RecordType::SRV),
                vec![srv(0, 1, 5072, "host.example.org.")],
            ),
            (
                ("host.example.org.", RecordType::A),
                vec![a([127, 0, 0, 2])],
            ),
            (("example.org.", RecordType::A), vec![a([127, 0, 0, 9])]),
        ]);
        let mut driver = driver_with(zone).await;
        for (transport, expected) in [
            (
                Transport::Udp,
                &["127.0.0.2:5071", "127.0.0.2:5072"] as &[_],
            ),
            (Transport::Tcp, &["127.0.0.9:5060"]),
            (Transport::Tls, &["127.0.0.9:5061"]),
        ] {
            let found = locate(&mut driver, "example.org", None, transport).await;
            assert_eq!(addresses(found), expected, "{transport:?}");
        }
    }

    #[tokio::test]
    async fn a_lone_dot_says_that_there_is_no_service() {
        let zone = Zone::from([
            (
                ("_sip._udp.example.org.", RecordType::SRV),
                vec![srv(0, 0, 0, ".")],
            ),
            (("example.org.", RecordType::A), vec![a([127, 0, 0, 9])]),
        ]);
        let mut driver = driver_with(zone).await;
        let found = locate(&mut driver, "example.org", None, Transport::Udp).await;
        assert!(found.is_err());
    }

    #[tokio::test]
    async fn a_name_that_does_not_exist_is_unknown() {
        let mut driver = driver_with(Zone::new()).await;
        for port in [None, Some(5060)] {
            let found = locate(&mut driver, "nobody.example.org", port, Transport::Udp).await;
            let unknown = matches!(
                found,
                Err(TransportError::UnknownHost | TransportError::Unreachable)
            );
            assert!(unknown, "{found:?}");
        }
    }
}
