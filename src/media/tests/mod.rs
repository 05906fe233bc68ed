//! Streams against each other over a simulated network, on invented time.

mod hostile;
mod network;
mod stories;
