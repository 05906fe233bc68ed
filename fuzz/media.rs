//! What strangers can send where sound comes in.

#[path = "../src/media/dtls/mod.rs"]
pub mod dtls;
#[path = "../src/media/srtp/mod.rs"]
pub mod srtp;
