//! A Telegram server for tests.
//!
//! It prints one line, `{"control": PORT}`, and is then driven over that port: a JSON object a line,
//! `{"do": "user", "phone": "+79990000001", ...}`, each answered by one (see `control`).

mod auth;
mod call;
mod control;
mod crypt;
mod lists;
mod make;
mod post;
mod srp;
mod wire;
mod world;

use std::io;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;

use world::World;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let world = Arc::new(Mutex::new(World::new()));
    for centre in world::CENTRES {
        wire::listen(&world, centre).await?;
    }
    let control = TcpListener::bind("127.0.0.1:0").await?;
    println!("{{\"control\": {}}}", control.local_addr()?.port());
    control::serve(control, world).await
}
