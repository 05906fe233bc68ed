//! Stories on invented time.

mod calling;
mod changing;
mod ending;
mod failing;
mod lossy;
mod registering;
mod strangers;
mod world;
