
#![allow(missing_docs, unused)]
use super::*; use std::time::Instant; use crate::codec::CodecId;
pub const FRAME: usize = 480;
#[derive(Debug, Clone)]
pub struct StreamConfig { pub codec: CodecId, pub payload_type: u8, pub receive_payload_types: Vec<(u8, CodecId)>, pub dtmf: Option<u8> , pub dtmf_receive: Option<u8>, pub ptime_ms: u32, pub direction: Direction, pub opus: OpusOptions , pub cname: String}
#[derive(Debug, Default, Clone)]
pub struct Stats {pub sent_packets: u64, pub sent_bytes: u64, pub received_packets: u64, pub received_bytes: u64, pub lost: u64, pub late: u64, pub jitter_ms: f32, pub round_trip_ms: Option<f32>, pub buffer_ms: f32, pub concealed_ms: u64, pub last_received: Option<Instant>, pub mos: Option<f32> }
pub enum PacketKind { Rtp, Rtcp } pub struct Packet { pub kind: PacketKind, pub bytes: Vec<u8> }
pub enum StreamEvent { Dtmf(char) }
#[derive(Debug, thiserror::Error)] #[error("x")] pub struct MediaError;
pub struct Stream;
impl Stream { pub fn new(c: StreamConfig, now: Instant, seed: u64) -> Result<Self, MediaError> { Ok(Stream) } pub fn reconfigure(&mut self, now: Instant, c: StreamConfig) {}
pub fn receive_rtp(&mut self, now: Instant, p: &[u8]) {} pub fn receive_rtcp(&mut self, now: Instant, p: &[u8]) {}
pub fn capture(&mut self, now: Instant, f: &[f32; FRAME]) {} pub fn playout(&mut self, now: Instant, f: &mut [f32; FRAME]) {}
pub fn set_muted(&mut self, b: bool) {} pub fn send_dtmf(&mut self, d: char) {} pub fn poll_transmit(&mut self) -> Option<Packet> { None } pub fn poll_event(&mut self) -> Option<StreamEvent> { None }
pub fn handle_timeout(&mut self, now: Instant) {} pub fn poll_timeout(&self) -> Option<Instant> { None } pub fn bye(&mut self, now: Instant) {} pub fn stats(&self, now: Instant) -> Stats { Stats::default() } }
