
//! stub
#![allow(missing_docs)]
use super::*; use std::net::SocketAddr;
pub struct Driver;
pub struct ServerTls;
pub struct Listen { pub udp: Vec<SocketAddr>, pub tcp: Vec<SocketAddr>, pub tls: Option<(Vec<SocketAddr>, ServerTls)> }
pub enum Input { Message{flow: Flow, bytes: Vec<u8>}, Located{id: u64, result: Result<Vec<Target>, TransportError>}, Connected{id: u64, result: Result<Flow, TransportError>}, Closed{flow: Flow, error: TransportError} }
impl Driver { pub async fn bind(_l: Listen) -> Result<Self, TransportError> { Ok(Driver) }
 pub fn udp_addresses(&self) -> &[SocketAddr] { &[] } pub fn tcp_addresses(&self) -> &[SocketAddr] { &[] } pub fn tls_addresses(&self) -> &[SocketAddr] { &[] }
 pub fn execute(&self, _o: Output) {}
 pub async fn next(&mut self) -> Input { std::future::pending().await } }
