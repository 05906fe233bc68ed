//! Stories on invented time.

mod anything;
mod calling;
mod changing;
mod ending;
mod failing;
mod lossy;
mod registering;
mod reliable;
mod strangers;
mod subscribing;
mod torture;
mod transferring;
mod world;
