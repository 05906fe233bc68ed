use super::cipher::{Cipher, Place};
use super::replay::Replays;
use super::{ENCRYPTED, MasterKey, RTCP_HEADER, SrtpError};
use super::{header_length, rtcp_source, rtp_identity};

/// Sources that are known at a time; the one heard longest ago gives way to another.
const MAX_SOURCES: usize = 16;

/// Opens what comes from the far side of a call.
pub struct Opener {
    key: MasterKey,
    rtp: Cipher,
    rtcp: Cipher,
    /// The source heard last is the last one.
    sources: Vec<Source>,
    /// Where the sources stood when this key took over from another.
    before: Vec<(u32, u64)>,
}

/// What is known of a source that is authentic.
#[derive(Debug, Clone, Copy, Default)]
struct Source {
    ssrc: u32,
    rtp: Replays,
    rtcp: Replays,
}

impl Opener {
    /// One that has heard nothing yet; `None` if the key doesn't fit its suite.
    pub fn new(key: &MasterKey) -> Option<Self> {
        Some(Self {
            key: key.clone(),
            rtp: Cipher::rtp(key)?,
            rtcp: Cipher::rtcp(key)?,
            sources: Vec::new(),
            before: Vec::new(),
        })
    }

    /// The same, after another key: whether a source goes on with its rollover counter
    /// (RFC 3711 3.3.1) or begins anew, is seen from its first packet.
    pub fn after(key: &MasterKey, before: &Self) -> Option<Self> {
        let stood = |source: &Source| Some((source.ssrc, source.rtp.highest()?));
        let mut opener = Self::new(key)?;
        opener.before = before.sources.iter().filter_map(stood).collect();
        Some(opener)
    }

    /// What it opens with.
    pub fn key(&self) -> &MasterKey {
        &self.key
    }

    /// Turns a protected RTP packet back into what it was, in place. One that is refused may be
    /// left changed.
    ///
    /// # Errors
    /// Any but [`SrtpError::UsedUp`].
    pub fn open_rtp(&mut self, packet: &mut Vec<u8>) -> Result<(), SrtpError> {
        let clear = header_length(packet)?;
        let (sequence, ssrc) = rtp_identity(packet)?;
        let source = self.source(ssrc);
        if let Some(highest) = source.rtp.highest() {
            let index = near(highest, sequence).ok_or(SrtpError::Replayed)?;
            if !source.rtp.is_new(index) {
                return Err(SrtpError::Replayed);
            }
            self.rtp.open_rtp(Place { ssrc, index }, clear, packet)?;
            self.remember(source, |source| source.rtp.remember(index));
            return Ok(());
        }
        // Its first packets may have been lost just when the sequence numbers began again.
        let fresh = [u64::from(sequence), 1 << 16 | u64::from(sequence)];
        let stood = self.before.iter().find(|(known, _)| *known == ssrc);
        let goes_on = stood.and_then(|(_, highest)| near(*highest, sequence));
        let mut refused = SrtpError::NotAuthentic;
        for index in goes_on.into_iter().chain(fresh) {
            match self.rtp.open_rtp(Place { ssrc, index }, clear, packet) {
                Ok(()) => {
                    self.remember(source, |source| source.rtp.remember(index));
                    return Ok(());
                }
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    /// Turns a protected RTCP packet back into what it was, in place. One that is refused may be
    /// left changed.
    ///
    /// # Errors
    /// Any but [`SrtpError::UsedUp`]; [`SrtpError::NotAuthentic`] also for one that is not
    /// encrypted.
    pub fn open_rtcp(&mut self, packet: &mut Vec<u8>) -> Result<(), SrtpError> {
        let ssrc = rtcp_source(packet)?;
        let trailer = self.rtcp.rtcp_trailer(packet)?;
        if trailer & ENCRYPTED == 0 {
            return Err(SrtpError::NotAuthentic);
        }
        let index = u64::from(trailer & !ENCRYPTED);
        let source = self.source(ssrc);
        if !source.rtcp.is_new(index) {
            return Err(SrtpError::Replayed);
        }
        let place = Place { ssrc, index };
        self.rtcp.open_rtcp(place, RTCP_HEADER, trailer, packet)?;
        self.remember(source, |source| source.rtcp.remember(index));
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn known_sources(&self) -> usize {
        self.sources.len()
    }

    fn source(&self, ssrc: u32) -> Source {
        let known = self.sources.iter().find(|source| source.ssrc == ssrc);
        known.copied().unwrap_or(Source {
            ssrc,
            ..Source::default()
        })
    }

    fn remember(&mut self, mut source: Source, change: impl FnOnce(&mut Source)) {
        change(&mut source);
        if self
            .sources
            .last()
            .is_some_and(|last| last.ssrc == source.ssrc)
        {
            self.sources.pop();
        } else {
            self.sources.retain(|known| known.ssrc != source.ssrc);
            if self.sources.len() >= MAX_SOURCES {
                self.sources.remove(0);
            }
        }
        self.sources.push(source);
    }
}

/// The index with this sequence number that is nearest to the highest so far (RFC 3711 3.3.1);
/// `None` before the first of all.
fn near(highest: u64, sequence: u16) -> Option<u64> {
    let step = sequence.wrapping_sub((highest & 0xffff) as u16) as i16;
    highest.checked_add_signed(step.into())
}
