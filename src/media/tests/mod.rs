//! Streams against each other over a simulated network, on invented time.

mod hostile;
mod loss;
mod network;
mod secure;
mod stories;
