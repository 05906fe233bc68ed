//! Finds the addresses of a host (RFC 3263 4): NAPTR, SRV, A and AAAA. The account says the
//! transport, so of the NAPTR records those for it count.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{Hosts, TokioResolver};
use tokio::time::timeout;

use super::srv::{self, Record};
use super::udp::local_ip_for;
use crate::account::Transport;
use crate::sip::flow::{Target, TransportError};
use crate::sip::message::Host;

/// How long it may take to find somebody.
const LIMIT: Duration = Duration::from_secs(5);
/// How long SRV records are waited for when there may be addresses as well: some name servers
/// never answer when they are asked for them.
const SRV_LIMIT: Duration = Duration::from_secs(3);
/// How long one name server is waited for.
const SERVER_LIMIT: Duration = Duration::from_millis(1500);
/// After this time the system's settings and its hosts file are read again.
const RENEW: Duration = Duration::from_secs(300);
/// How many servers of a domain, and how many addresses of each, are looked at.
const MAX_SERVERS: usize = 8;
/// How many NAPTR records are followed.
const MAX_SERVICES: usize = 4;
const MAX_ADDRESSES: usize = 8;

/// Who is asked for names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum NameServers {
    /// Whom the system's settings name.
    #[default]
    System,
    /// These. The hosts file still goes first.
    These(Vec<SocketAddr>),
}

/// Finds hosts. What it needs from the system is read at the first name.
#[derive(Debug)]
pub(super) struct Locator {
    servers: NameServers,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    rng: fastrand::Rng,
    resolver: Option<(Instant, TokioResolver)>,
}

impl Locator {
    pub(super) fn new(servers: NameServers, seed: u64) -> Self {
        Self {
            servers,
            state: Mutex::new(State {
                rng: fastrand::Rng::with_seed(seed),
                resolver: None,
            }),
        }
    }

    /// The targets of a host in the order in which they are to be tried; at least one.
    pub(super) async fn locate(
        &self,
        host: &Host,
        port: Option<u16>,
        transport: Transport,
    ) -> Result<Vec<Target>, TransportError> {
        let default_port = match transport {
            Transport::Udp | Transport::Tcp => 5060,
            Transport::Tls => 5061,
        };
        let name = match host {
            Host::V4(ip) => return Ok(literal((*ip).into(), port, default_port, transport)),
            Host::V6(ip) => return Ok(literal((*ip).into(), port, default_port, transport)),
            Host::Name(name) => name.trim_end_matches('.').to_ascii_lowercase(),
        };
        if let Ok(ip) = name.parse() {
            return Ok(literal(ip, port, default_port, transport));
        }
        let found = timeout(LIMIT, self.find(&name, port, default_port, transport)).await;
        let found = found.unwrap_or(Err(TransportError::TimedOut));
        if found.is_err() {
            // Maybe another network will know better.
            self.state().resolver = None;
        }
        let addresses = found.map_err(|error| match has_network() {
            true => error,
            false => TransportError::Unreachable,
        })?;
        let targets = routable_first(addresses).into_iter().map(|addr| Target {
            transport,
            addr,
            server_name: name.clone(),
        });
        Ok(targets.collect())
    }

    async fn find(
        &self,
        name: &str,
        port: Option<u16>,
        default_port: u16,
        transport: Transport,
    ) -> Result<Vec<SocketAddr>, TransportError> {
        let with_port = |addresses: Vec<IpAddr>, port: u16| -> Vec<SocketAddr> {
            let addresses = addresses.into_iter().take(MAX_ADDRESSES);
            addresses.map(|ip| SocketAddr::new(ip, port)).collect()
        };
        if let Some(addresses) = from_hosts(name).or_else(|| special(name)) {
            let addresses = with_port(addresses, port.unwrap_or(default_port));
            return match addresses.is_empty() {
                true => Err(TransportError::UnknownHost),
                false => Ok(addresses),
            };
        }
        let resolver = self.resolver()?;
        if let Some(port) = port {
            return Ok(with_port(addresses_of(&resolver, name).await?, port));
        }
        if !name.contains('.') {
            return Ok(with_port(
                addresses_of(&resolver, name).await?,
                default_port,
            ));
        }
        let usual = usual_service(name, transport);
        let (services, records, addresses) = tokio::join!(
            timeout(SRV_LIMIT, services_of(&resolver, name, transport)),
            timeout(SRV_LIMIT, servers_of(&resolver, &usual)),
            addresses_of(&resolver, name),
        );
        let mut records = vec![records.ok().and_then(Result::ok).unwrap_or_default()];
        if let Ok(Ok(services)) = services
            && !services.is_empty()
        {
            records.clear();
            for service in services.iter().take(MAX_SERVICES) {
                records.push(servers_of(&resolver, service).await.unwrap_or_default());
            }
        }
        let order: Vec<_> = records
            .into_iter()
            .flat_map(|records| srv::in_order(records, &mut self.state().rng))
            .collect();
        match order.is_empty() {
            true => Ok(with_port(addresses?, default_port)),
            false => self.addresses_of_servers(&resolver, order).await,
        }
    }

    async fn addresses_of_servers(
        &self,
        resolver: &TokioResolver,
        servers: Vec<(Name, u16)>,
    ) -> Result<Vec<SocketAddr>, TransportError> {
        let mut found = Vec::new();
        let mut failure = TransportError::UnknownHost;
        for (name, port) in servers.into_iter().take(MAX_SERVERS) {
            // A lone dot says that there is no such service.
            if name.is_root() {
                continue;
            }
            match addresses_of(resolver, &name.to_ascii()).await {
                Ok(addresses) => {
                    let addresses = addresses.into_iter().take(MAX_ADDRESSES);
                    found.extend(addresses.map(|ip| SocketAddr::new(ip, port)));
                }
                Err(error) => failure = error,
            }
        }
        match found.is_empty() {
            true => Err(failure),
            false => Ok(found),
        }
    }

    fn resolver(&self) -> Result<TokioResolver, TransportError> {
        let mut state = self.state();
        match &state.resolver {
            Some((made, resolver)) if made.elapsed() < RENEW => Ok(resolver.clone()),
            _ => {
                let resolver = self.new_resolver().map_err(of_dns)?;
                state.resolver = Some((Instant::now(), resolver.clone()));
                Ok(resolver)
            }
        }
    }

    fn new_resolver(&self) -> Result<TokioResolver, NetError> {
        let mut builder = match &self.servers {
            NameServers::System => TokioResolver::builder_tokio()?,
            NameServers::These(servers) => {
                let servers = servers.iter().map(|server| {
                    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
                    let connections = connections.map(|mut connection| {
                        connection.port = server.port();
                        connection
                    });
                    NameServerConfig::new(server.ip(), true, connections.into())
                });
                let config = ResolverConfig::from_parts(None, Vec::new(), servers.collect());
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
        };
        let options = builder.options_mut();
        options.ip_strategy = LookupIpStrategy::Ipv6AndIpv4;
        options.timeout = options.timeout.min(SERVER_LIMIT);
        options.attempts = options.attempts.clamp(1, 2);
        options.cache_size = options.cache_size.min(64);
        builder.build()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn literal(ip: IpAddr, port: Option<u16>, default_port: u16, transport: Transport) -> Vec<Target> {
    vec![Target {
        transport,
        addr: SocketAddr::new(ip.to_canonical(), port.unwrap_or(default_port)),
        server_name: ip.to_string(),
    }]
}

/// What the hosts file says; IPv4 first, for what is on this computer often listens on that alone.
fn from_hosts(name: &str) -> Option<Vec<IpAddr>> {
    let hosts = Hosts::from_system().ok()?;
    let name = Name::from_ascii(name).ok()?;
    let mut found = Vec::new();
    for kind in [RecordType::A, RecordType::AAAA] {
        let query = Query::query(name.clone(), kind);
        if let Some(lookup) = hosts.lookup_static_host(&query) {
            let answers = lookup.answers().iter();
            found.extend(answers.filter_map(|record| record.data.ip_addr()));
        }
    }
    (!found.is_empty()).then_some(found)
}

/// Names that are never asked for (RFC 6761 6.3, 6.4). An empty list: there is no such host.
fn special(name: &str) -> Option<Vec<IpAddr>> {
    match name.rsplit('.').next() {
        Some("localhost") => Some(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]),
        Some("invalid") => Some(Vec::new()),
        _ => None,
    }
}

async fn addresses_of(resolver: &TokioResolver, name: &str) -> Result<Vec<IpAddr>, TransportError> {
    let lookup = resolver.lookup_ip(name).await.map_err(of_dns)?;
    let addresses: Vec<IpAddr> = lookup.iter().collect();
    match addresses.is_empty() {
        true => Err(TransportError::UnknownHost),
        false => Ok(addresses),
    }
}

/// Where SRV records are if no NAPTR record says otherwise.
fn usual_service(name: &str, transport: Transport) -> String {
    let service = match transport {
        Transport::Udp => "_sip._udp",
        Transport::Tcp => "_sip._tcp",
        Transport::Tls => "_sips._tcp",
    };
    format!("{service}.{name}.")
}

/// The names of SRV records for a transport in the order of the NAPTR records (RFC 3263 4.1).
async fn services_of(
    resolver: &TokioResolver,
    name: &str,
    transport: Transport,
) -> Result<Vec<String>, TransportError> {
    let wanted = match transport {
        Transport::Udp => "SIP+D2U",
        Transport::Tcp => "SIP+D2T",
        Transport::Tls => "SIPS+D2T",
    };
    let lookup = resolver.lookup(format!("{name}."), RecordType::NAPTR).await;
    let lookup = lookup.map_err(of_dns)?;
    let records = lookup.answers().iter();
    let mut found: Vec<_> = records
        .filter_map(|record| match &record.data {
            RData::NAPTR(naptr) => Some(naptr),
            _ => None,
        })
        .filter(|naptr| {
            naptr.flags.eq_ignore_ascii_case(b"s")
                && naptr.services.eq_ignore_ascii_case(wanted.as_bytes())
        })
        .take(64)
        .collect();
    found.sort_by_key(|naptr| (naptr.order, naptr.preference));
    // RFC 3403 4.1: once one fits, only those of its order are looked at.
    let order = found.first().map(|naptr| naptr.order);
    let found = found.into_iter().take_while(|n| Some(n.order) == order);
    Ok(found.map(|naptr| naptr.replacement.to_ascii()).collect())
}

/// The SRV records of that name.
async fn servers_of(
    resolver: &TokioResolver,
    service: &str,
) -> Result<Vec<Record<(Name, u16)>>, TransportError> {
    let lookup = resolver.lookup(service, RecordType::SRV).await;
    let lookup = lookup.map_err(of_dns)?;
    let answers = lookup.answers().iter();
    let records = answers.filter_map(|record| match &record.data {
        RData::SRV(srv) => Some(Record {
            priority: srv.priority,
            weight: srv.weight,
            target: (srv.target.clone(), srv.port),
        }),
        _ => None,
    });
    Ok(records.take(64).collect())
}

fn of_dns(error: NetError) -> TransportError {
    match error {
        NetError::Timeout | NetError::Busy => TransportError::TimedOut,
        NetError::NoConnections | NetError::Io(_) => TransportError::Unreachable,
        NetError::Dns(DnsError::NoRecordsFound(_) | DnsError::ResponseCode(_)) => {
            TransportError::UnknownHost
        }
        NetError::Proto(_) => TransportError::UnknownHost,
        other => TransportError::Io(format!("DNS: {other}")),
    }
}

/// What there is no way to goes last; the order is kept otherwise.
fn routable_first(mut addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    addresses.sort_by_key(|address| local_ip_for(*address).is_none());
    addresses
}

/// Whether there is a way to anywhere but this computer. Addresses for documentation stand for
/// "anywhere"; nothing is sent.
fn has_network() -> bool {
    let anywhere_v4 = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 9));
    let anywhere_v6 = SocketAddr::from((Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 9));
    local_ip_for(anywhere_v4).is_some() || local_ip_for(anywhere_v6).is_some()
}
