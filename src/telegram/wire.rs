use std::io;
use std::sync::Arc;
use std::time::Duration;

use grammers_client::sender::{
    ConnectionParams, NoRetries, SenderPool, SenderPoolHandle, UpdatesConfiguration,
};
use grammers_client::session::Session as _;
use grammers_client::session::types::PeerInfo;
use grammers_client::session::updates::UpdatesLike;
use grammers_client::{Client, InvocationError, tl};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::session::Session;
use super::trouble::Trouble;

/// How long an answer is waited for. Connecting is part of it.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// The longest wait that Telegram may ask for and that is waited out unseen.
const PATIENCE: u64 = 60;
/// How often one request may be sent on to another data centre.
const MOST_MOVES: u32 = 2;
/// How many updates may wait to be read.
const UPDATES: usize = 256;

/// What Telegram tells by itself, in order and without gaps.
pub(super) type Updates = mpsc::Receiver<Result<tl::enums::Update, Trouble>>;

/// The way to Telegram: connections that are made as they are needed, and closed when the last
/// clone is dropped.
#[derive(Clone)]
pub(super) struct Wire {
    client: Client,
    session: Arc<Session>,
    pool: Arc<Pool>,
}

struct Pool {
    handle: SenderPoolHandle,
    runner: JoinHandle<()>,
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.runner.abort();
    }
}

impl Wire {
    /// A new way, and what comes over it unasked.
    pub fn open(session: Arc<Session>, api_id: i32) -> (Self, mpsc::Receiver<UpdatesLike>) {
        let params = ConnectionParams {
            app_version: env!("CARGO_PKG_VERSION").into(),
            retry_policy: Box::new(NoRetries),
            ..ConnectionParams::default()
        };
        let SenderPool {
            runner,
            handle,
            updates,
        } = SenderPool::with_configuration(session.clone(), api_id, params);
        let pool = Pool {
            handle: handle.thin.clone(),
            runner: tokio::spawn(runner.run()),
        };
        let wire = Self {
            client: Client::new(handle),
            session,
            pool: Arc::new(pool),
        };
        (wire, updates)
    }

    /// The session behind it.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Asks the data centre that the person belongs to, wherever that turns out to be.
    ///
    /// # Errors
    /// What Telegram answers; no answer is an I/O error.
    pub async fn invoke<R: tl::RemoteCall>(
        &self,
        request: &R,
    ) -> Result<R::Return, InvocationError> {
        let mut moves = 0;
        loop {
            let answer = timeout(ANSWER_WITHIN, self.client.invoke(request)).await;
            let late = |_| InvocationError::Io(io::ErrorKind::TimedOut.into());
            match answer.map_err(late)? {
                Err(InvocationError::Rpc(error)) if error.code == 303 && moves < MOST_MOVES => {
                    moves += 1;
                    let centre = error.value.and_then(|value| i32::try_from(value).ok());
                    let centre = centre.ok_or(InvocationError::InvalidDc)?;
                    self.follow_to(centre).await?;
                }
                answer => return answer,
            }
        }
    }

    /// Goes to the data centre the person belongs to now. Who is signed in takes that along.
    async fn follow_to(&self, centre: i32) -> Result<(), InvocationError> {
        if self.session.me().is_none() {
            return self.move_to(centre).await;
        }
        let late = |_| InvocationError::Io(io::ErrorKind::TimedOut.into());
        let export = tl::functions::auth::ExportAuthorization { dc_id: centre };
        let exported = timeout(ANSWER_WITHIN, self.client.invoke(&export)).await;
        let tl::enums::auth::ExportedAuthorization::Authorization(exported) =
            exported.map_err(late)??;
        self.move_to(centre).await?;
        let import = tl::functions::auth::ImportAuthorization {
            id: exported.id,
            bytes: exported.bytes,
        };
        let imported = timeout(ANSWER_WITHIN, self.client.invoke(&import)).await;
        imported.map_err(late)?.map(drop)
    }

    /// As [`invoke`](Self::invoke).
    ///
    /// # Errors
    /// What Telegram answers, as a cause.
    pub async fn ask<R: tl::RemoteCall>(&self, request: &R) -> Result<R::Return, Trouble> {
        Ok(self.invoke(request).await?)
    }

    /// As [`ask`](Self::ask), and waits up to a minute if Telegram wants that.
    ///
    /// # Errors
    /// What Telegram answers, as a cause.
    pub async fn ask_patiently<R: tl::RemoteCall>(
        &self,
        request: &R,
    ) -> Result<R::Return, Trouble> {
        loop {
            match self.ask(request).await {
                Err(Trouble::Flood {
                    seconds: seconds @ 1..=PATIENCE,
                }) => {
                    sleep(Duration::from_secs(seconds)).await;
                }
                answer => return answer,
            }
        }
    }

    /// Asks another data centre from now on.
    ///
    /// # Errors
    /// [`InvocationError::Session`] if that could not be kept.
    pub async fn move_to(&self, centre: i32) -> Result<(), InvocationError> {
        let failed = |error| InvocationError::Session(Box::new(error));
        let old = self.session.home_dc_id().map_err(failed)?;
        self.session.set_home_dc_id(centre).await.map_err(failed)?;
        if old != centre {
            self.pool.handle.disconnect_from_dc(old);
        }
        Ok(())
    }

    /// Remembers by which hash these are asked for.
    pub async fn remember(&self, users: &[tl::enums::User], chats: &[tl::enums::Chat]) {
        let users = users.iter().map(PeerInfo::from);
        let chats = chats.iter().map(PeerInfo::from);
        for peer in users.chain(chats).filter(|peer| peer.auth().is_some()) {
            // Kept with the next save, which tells if it can't be.
            let _ = self.session.cache_peer(peer).await;
        }
    }

    /// Puts what Telegram tells in order, asks for what is missing, and hands it on. It ends with
    /// an error when the connection does.
    pub fn listen(&self, updates: mpsc::Receiver<UpdatesLike>) -> Updates {
        let (tell, heard) = mpsc::channel(UPDATES);
        let client = self.client.clone();
        tokio::spawn(async move {
            let error = match hand_on(&client, updates, &tell).await {
                Ok(()) => return,
                Err(error) => error.into(),
            };
            let _ = tell.send(Err(error)).await;
        });
        heard
    }
}

/// Ends without an error when nobody listens any more.
async fn hand_on(
    client: &Client,
    updates: mpsc::Receiver<UpdatesLike>,
    tell: &mpsc::Sender<Result<tl::enums::Update, Trouble>>,
) -> Result<(), InvocationError> {
    let what_was_missed = UpdatesConfiguration { catch_up: true };
    let mut stream = client.stream_updates(updates, what_was_missed).await?;
    loop {
        let (update, _, _) = stream.next_raw().await?;
        if tell.send(Ok(update)).await.is_err() {
            return Ok(());
        }
        stream.sync_update_state().await?;
    }
}
