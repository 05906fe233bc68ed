//! Keepalives that hold a flow open through NAT and notice when it is dead (RFC 5626 4.4).

use std::time::{Duration, Instant};

use crate::sip::flow::Flow;

/// The pause between keepalives on UDP.
const UDP_PAUSE: Duration = Duration::from_secs(25);
/// The pause between pings on a stream, unless the server gives a Flow-Timer.
const STREAM_PAUSE: Duration = Duration::from_secs(30);
/// How long a pong may take (RFC 5626 4.4.1).
const PONG: Duration = Duration::from_secs(10);

/// What a keepalive's timer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeepaliveTimeout {
    Nothing,
    /// Send a CRLFCRLF.
    Ping,
    /// The pong did not come: the flow is dead.
    Dead,
}

#[derive(Debug, Default)]
pub(super) struct Keepalive {
    flow: Option<Flow>,
    pause: Duration,
    ping_at: Option<Instant>,
    pong_by: Option<Instant>,
    /// The server answers pings: it said so, or it did.
    expects_pong: bool,
}

impl Keepalive {
    /// Keeps `flow` alive. `outbound` is whether the server promised to answer pings,
    /// `flow_timer` how long it waits for one, seconds.
    pub fn start(
        &mut self,
        now: Instant,
        flow: Flow,
        outbound: bool,
        flow_timer: Option<u32>,
        rng: &mut fastrand::Rng,
    ) {
        if self.flow != Some(flow) {
            *self = Self {
                flow: Some(flow),
                ..Self::default()
            };
        }
        self.expects_pong |= outbound;
        let usual = if flow.is_reliable() {
            STREAM_PAUSE
        } else {
            UDP_PAUSE
        };
        self.pause = flow_timer.map_or(usual, |seconds| {
            usual.min(Duration::from_secs(u64::from(seconds.max(5))))
        });
        if self.ping_at.is_none() {
            self.schedule(now, rng);
        }
    }

    pub fn stop(&mut self) {
        *self = Self::default();
    }

    /// A pong came by this flow.
    pub fn pong(&mut self, flow: Flow) {
        if self.flow == Some(flow) {
            self.expects_pong = true;
            self.pong_by = None;
        }
    }

    /// Acts on the timers that are due.
    pub fn timeout(&mut self, now: Instant, rng: &mut fastrand::Rng) -> KeepaliveTimeout {
        if self.pong_by.is_some_and(|at| at <= now) {
            self.stop();
            return KeepaliveTimeout::Dead;
        }
        if self.ping_at.is_some_and(|at| at <= now) {
            let reliable = self.flow.is_some_and(|flow| flow.is_reliable());
            if reliable && self.expects_pong && self.pong_by.is_none() {
                self.pong_by = Some(now + PONG);
            }
            self.schedule(now, rng);
            return KeepaliveTimeout::Ping;
        }
        KeepaliveTimeout::Nothing
    }

    /// 80 to 100 % of the pause (RFC 5626 4.4).
    fn schedule(&mut self, now: Instant, rng: &mut fastrand::Rng) {
        self.ping_at = Some(now + self.pause.mul_f64(0.8 + rng.f64() / 5.0));
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        match (self.ping_at, self.pong_by) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Transport;

    fn flow(transport: Transport) -> Flow {
        Flow {
            transport,
            local: ([127, 0, 0, 1], 5060).into(),
            remote: ([127, 0, 0, 2], 5060).into(),
            connection: 1,
        }
    }

    #[test]
    fn a_server_that_never_answered_a_ping_is_not_taken_for_dead() {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut keepalive = Keepalive::default();
        keepalive.start(Instant::now(), flow(Transport::Tcp), false, None, &mut rng);
        for _ in 0..10 {
            let at = keepalive.poll_timeout().expect("a ping is due");
            assert_eq!(keepalive.timeout(at, &mut rng), KeepaliveTimeout::Ping);
        }
    }

    #[test]
    fn a_pong_that_stays_away_means_a_dead_flow() {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut keepalive = Keepalive::default();
        let flow = flow(Transport::Tls);
        keepalive.start(Instant::now(), flow, false, None, &mut rng);
        let first = keepalive.poll_timeout().expect("a ping is due");
        assert_eq!(keepalive.timeout(first, &mut rng), KeepaliveTimeout::Ping);
        keepalive.pong(flow);
        let second = keepalive.poll_timeout().expect("a ping is due");
        assert_eq!(keepalive.timeout(second, &mut rng), KeepaliveTimeout::Ping);
        let dead = keepalive.poll_timeout().expect("a pong is awaited");
        assert_eq!(dead, second + PONG);
        assert_eq!(keepalive.timeout(dead, &mut rng), KeepaliveTimeout::Dead);
        assert_eq!(keepalive.poll_timeout(), None);
    }

    #[test]
    fn udp_is_kept_open_every_20_to_25_s() {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut now = Instant::now();
        let mut keepalive = Keepalive::default();
        keepalive.start(now, flow(Transport::Udp), true, None, &mut rng);
        for _ in 0..20 {
            let at = keepalive.poll_timeout().expect("a keepalive is due");
            let pause = at - now;
            assert!(pause.as_secs() >= 20 && pause.as_secs() <= 25, "{pause:?}");
            assert_eq!(keepalive.timeout(at, &mut rng), KeepaliveTimeout::Ping);
            now = at;
        }
    }
}
