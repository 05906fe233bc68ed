//! Streams against each other over a simulated network, on invented time.

mod network;
mod stories;
