//! What waits to be written on a stream, bounded by its size.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc::{
    UnboundedReceiver, UnboundedSender, WeakUnboundedSender, unbounded_channel,
};

/// How much may wait for a slow far side, in bytes.
const MAX_WAITING: usize = 2 * 1024 * 1024;
/// What a message costs besides its bytes.
const OVERHEAD: usize = 64;

/// Puts messages into the queue; when it is dropped, the queue ends after its last message.
#[derive(Debug)]
pub(super) struct Queue {
    sender: UnboundedSender<Vec<u8>>,
    waiting: Arc<AtomicUsize>,
}

/// The same, without keeping the queue open.
#[derive(Debug)]
pub(super) struct WeakQueue {
    sender: WeakUnboundedSender<Vec<u8>>,
    waiting: Arc<AtomicUsize>,
}

/// Takes messages out.
#[derive(Debug)]
pub(super) struct Queued {
    receiver: UnboundedReceiver<Vec<u8>>,
    waiting: Arc<AtomicUsize>,
}

/// Too much is waiting; the message was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// An empty queue.
pub(super) fn queue() -> (Queue, Queued) {
    let (sender, receiver) = unbounded_channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let queue = Queue {
        sender,
        waiting: waiting.clone(),
    };
    (queue, Queued { receiver, waiting })
}

fn cost(message: &[u8]) -> usize {
    message.len().saturating_add(OVERHEAD)
}

impl Queue {
    /// Adds a message. If nobody takes messages any more, it is lost.
    pub(super) fn push(&self, message: Vec<u8>) -> Result<(), Full> {
        let cost = cost(&message);
        let before = self.waiting.fetch_add(cost, Ordering::Relaxed);
        if before.saturating_add(cost) > MAX_WAITING {
            self.waiting.fetch_sub(cost, Ordering::Relaxed);
            return Err(Full);
        }
        let _ = self.sender.send(message);
        Ok(())
    }

    pub(super) fn downgrade(&self) -> WeakQueue {
        WeakQueue {
            sender: self.sender.downgrade(),
            waiting: self.waiting.clone(),
        }
    }
}

impl WeakQueue {
    /// Adds a message; it is lost if the queue has ended.
    pub(super) fn push(&self, message: Vec<u8>) -> Result<(), Full> {
        let Some(sender) = self.sender.upgrade() else {
            return Ok(());
        };
        let waiting = self.waiting.clone();
        Queue { sender, waiting }.push(message)
    }
}

impl Queued {
    /// The next message; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Vec<u8>> {
        let message = self.receiver.recv().await?;
        self.waiting.fetch_sub(cost(&message), Ordering::Relaxed);
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_goes_in_comes_out_in_order_and_then_it_ends() {
        let (queue, mut queued) = queue();
        let weak = queue.downgrade();
        assert_eq!(queue.push(b"one".to_vec()), Ok(()));
        assert_eq!(weak.push(b"two".to_vec()), Ok(()));
        drop(queue);
        assert_eq!(weak.push(b"lost".to_vec()), Ok(()));
        assert_eq!(queued.next().await, Some(b"one".to_vec()));
        assert_eq!(queued.next().await, Some(b"two".to_vec()));
        assert_eq!(queued.next().await, None);
    }

    #[tokio::test]
    async fn it_is_full_at_its_size_and_has_room_again_when_something_left() {
        let (queue, mut queued) = queue();
        let message = vec![0; MAX_WAITING / 2 - OVERHEAD];
        assert_eq!(queue.push(message.clone()), Ok(()));
        assert_eq!(queue.push(message.clone()), Ok(()));
        assert_eq!(queue.push(vec![0]), Err(Full));
        assert_eq!(queued.next().await, Some(message));
        assert_eq!(queue.push(vec![0]), Ok(()));
    }
}
