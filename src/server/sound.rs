//! What the test line's numbers sound like: one task per call, ended by dropping it.

use std::f32::consts::TAU;
use std::io;
use std::time::{Duration, Instant};

use tokio::net::UdpSocket;
use tokio::time::MissedTickBehavior;

use crate::media::sdp::Negotiated;
use crate::media::{FRAME, PacketKind, Ports, Stream, StreamConfig, StreamEvent};

const MAX_DATAGRAM: usize = 2048;
/// The dial tone: 425 Hz at about -9 dBFS.
const TONE_HZ: f32 = 425.0;
const TONE_LEVEL: f32 = 0.35;
const SAMPLE_RATE: f32 = 48_000.0;
const TICK: Duration = Duration::from_millis(10);
/// A pause this long after a digit means that no more are coming.
const DIGITS_END: Duration = Duration::from_secs(2);
/// Digits kept of one go.
const MAX_DIGITS: usize = 32;

struct Sockets {
    rtp: UdpSocket,
    rtcp: UdpSocket,
}

impl TryFrom<Ports> for Sockets {
    type Error = io::Error;
    fn try_from(ports: Ports) -> io::Result<Self> {
        Ok(Self {
            rtp: UdpSocket::from_std(ports.rtp)?,
            rtcp: UdpSocket::from_std(ports.rtcp)?,
        })
    }
}

/// Sends every RTP packet back as it came, under a source of its own (RFC 3550 section 8).
/// Nothing is decoded, so that what is heard is the caller's own path alone.
pub async fn echo(ports: Ports, remote: Negotiated) -> io::Result<()> {
    let sockets = Sockets::try_from(ports)?;
    let ssrc = fastrand::u32(..).to_be_bytes();
    let mut buffer = [0; MAX_DATAGRAM];
    loop {
        let Ok((length, from)) = sockets.rtp.recv_from(&mut buffer).await else {
            continue;
        };
        if from.ip() != remote.remote.ip() {
            continue;
        }
        if let Some(packet) = buffer.get_mut(..length)
            && packet.first().is_some_and(|first| first >> 6 == 2)
            && let Some(source) = packet.get_mut(8..12)
        {
            source.copy_from_slice(&ssrc);
            let _ = sockets.rtp.send_to(packet, remote.remote).await;
        }
    }
}

/// Plays the dial tone; with `read_digits` it is silent, and digits are sent back.
pub async fn play(ports: Ports, remote: Negotiated, read_digits: bool) -> io::Result<()> {
    let sockets = Sockets::try_from(ports)?;
    let config = StreamConfig::agreed(&remote, "test-line".into());
    let mut stream = Stream::new(config, Instant::now(), fastrand::u64(..))
        .map_err(|error| io::Error::other(error.to_string()))?;
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut phase = 0.0_f32;
    let mut digits = Digits::default();
    let (mut rtp, mut rtcp) = ([0; MAX_DATAGRAM], [0; MAX_DATAGRAM]);
    loop {
        tokio::select! {
            _ = tick.tick() => {
                let now = Instant::now();
                let mut frame = [0.0; FRAME];
                if !read_digits {
                    phase = fill_tone(&mut frame, phase);
                }
                stream.capture(now, &frame);
                stream.playout(now, &mut frame);
                stream.handle_timeout(now);
                while let Some(StreamEvent::Dtmf(digit)) = stream.poll_event() {
                    digits.heard(now, digit);
                }
                if read_digits {
                    for digit in digits.take_complete(now) {
                        stream.send_dtmf(digit);
                    }
                }
            }
            Ok((length, from)) = sockets.rtp.recv_from(&mut rtp) => {
                if from.ip() == remote.remote.ip() {
                    stream.receive_rtp(Instant::now(), rtp.get(..length).unwrap_or_default());
                }
            }
            Ok((length, from)) = sockets.rtcp.recv_from(&mut rtcp) => {
                if from.ip() == remote.remote_rtcp.ip() {
                    stream.receive_rtcp(Instant::now(), rtcp.get(..length).unwrap_or_default());
                }
            }
        }
        while let Some(packet) = stream.poll_transmit() {
            let _ = match packet.kind {
                PacketKind::Rtp => sockets.rtp.send_to(&packet.bytes, remote.remote).await,
                PacketKind::Rtcp => {
                    sockets
                        .rtcp
                        .send_to(&packet.bytes, remote.remote_rtcp)
                        .await
                }
            };
        }
    }
}

fn fill_tone(frame: &mut [f32; FRAME], mut phase: f32) -> f32 {
    for sample in frame {
        *sample = (phase * TAU).sin() * TONE_LEVEL;
        phase = (phase + TONE_HZ / SAMPLE_RATE).fract();
    }
    phase
}

/// Digits as they come, until `#` or a pause says that they are complete.
#[derive(Default)]
struct Digits {
    heard: Vec<char>,
    last: Option<Instant>,
}

impl Digits {
    fn heard(&mut self, now: Instant, digit: char) {
        if self.heard.len() < MAX_DIGITS {
            self.heard.push(digit);
        }
        self.last = Some(now);
    }

    fn take_complete(&mut self, now: Instant) -> impl Iterator<Item = char> {
        let paused = self
            .last
            .is_some_and(|at| now.saturating_duration_since(at) >= DIGITS_END);
        let complete = paused || self.heard.last() == Some(&'#');
        if complete {
            self.last = None;
        }
        self.heard
            .drain(..if complete { self.heard.len() } else { 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_back_after_the_hash_or_a_pause() {
        let start = Instant::now();
        let mut digits = Digits::default();
        digits.heard(start, '1');
        assert_eq!(digits.take_complete(start).count(), 0);
        digits.heard(start, '#');
        assert_eq!(digits.take_complete(start).collect::<String>(), "1#");
        digits.heard(start, '2');
        assert_eq!(
            digits.take_complete(start + DIGITS_END).collect::<String>(),
            "2"
        );
        assert_eq!(digits.take_complete(start + DIGITS_END * 2).count(), 0);
    }
}
