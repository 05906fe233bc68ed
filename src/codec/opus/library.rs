//! The calls of libopus that are needed, made safe: the only `unsafe` code of the codecs.
//!
//! Each type owns one state of the library, made and freed here, behind a pointer that never
//! leaves. The library writes no more samples than the room it is given, reads no more octets
//! than a payload has, and keeps no pointer to either. A state has no tie to the thread that made
//! it, so that it may go to another; what changes it takes `&mut self`.

use std::ffi::{CStr, c_int};
use std::ops::Range;
use std::ptr::{NonNull, null};

use opusic_sys as ffi;

use crate::codec::SAMPLE_RATE;

/// What the library said of a call that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error(c_int);

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // SAFETY: for every number the library gives a string that lasts for ever.
        let text = unsafe { CStr::from_ptr(ffi::opus_strerror(self.0)) };
        f.write_str(&text.to_string_lossy())
    }
}

/// A count, or the error that a negative one stands for.
fn count(code: c_int) -> Result<usize, Error> {
    usize::try_from(code).map_err(|_| Error(code))
}

fn length<T>(of: &[T]) -> c_int {
    c_int::try_from(of.len()).unwrap_or(c_int::MAX)
}

fn rate() -> c_int {
    SAMPLE_RATE as c_int
}

fn made<T>(state: *mut T, error: c_int) -> Result<NonNull<T>, Error> {
    match NonNull::new(state) {
        Some(state) if error == ffi::OPUS_OK => Ok(state),
        _ => Err(Error(error)),
    }
}

/// A setting of the encoder.
#[derive(Debug, Clone, Copy)]
pub enum EncoderSetting {
    /// Target bit rate, bit/s.
    Bitrate(u32),
    /// The balance of processing against sound, 0 to 10.
    Complexity(u8),
    /// In-band forward error correction (LBRR).
    Fec(bool),
    /// Discontinuous transmission.
    Dtx(bool),
    /// Packets of a hundred that are expected to get lost.
    ExpectedLoss(u8),
    /// How much sound each packet repeats by DRED, in 10 ms; 0 is none.
    Redundancy(u8),
}

/// An encoder of one channel at 48 kHz, tuned for speech.
pub struct Encoder {
    state: NonNull<ffi::OpusEncoder>,
}

// SAFETY: see the head of this file.
unsafe impl Send for Encoder {}

impl Encoder {
    /// A new one.
    pub fn new() -> Result<Self, Error> {
        let mut error = 0;
        // SAFETY: `error` outlives the call.
        let state = unsafe {
            ffi::opus_encoder_create(rate(), 1, ffi::OPUS_APPLICATION_VOIP, &raw mut error)
        };
        made(state, error).map(|state| Self { state })
    }

    /// Changes a setting.
    pub fn set(&mut self, setting: EncoderSetting) -> Result<(), Error> {
        use EncoderSetting::*;
        let (request, value) = match setting {
            Bitrate(value) => (
                ffi::OPUS_SET_BITRATE_REQUEST,
                c_int::try_from(value).unwrap_or(c_int::MAX),
            ),
            Complexity(value) => (ffi::OPUS_SET_COMPLEXITY_REQUEST, value.into()),
            Fec(value) => (ffi::OPUS_SET_INBAND_FEC_REQUEST, value.into()),
            Dtx(value) => (ffi::OPUS_SET_DTX_REQUEST, value.into()),
            ExpectedLoss(value) => (ffi::OPUS_SET_PACKET_LOSS_PERC_REQUEST, value.into()),
            Redundancy(value) => (ffi::OPUS_SET_DRED_DURATION_REQUEST, value.into()),
        };
        // SAFETY: the state is alive; all these requests take one int.
        let code = unsafe { ffi::opus_encoder_ctl(self.state.as_ptr(), request, value) };
        count(code).map(drop)
    }

    /// Encodes one packet; gives its length.
    pub fn encode(&mut self, sound: &[f32], payload: &mut [u8]) -> Result<usize, Error> {
        // SAFETY: the state is alive; with one channel the library reads as many samples and
        // writes at most as many octets as it is told.
        count(unsafe {
            ffi::opus_encode_float(
                self.state.as_ptr(),
                sound.as_ptr(),
                length(sound),
                payload.as_mut_ptr(),
                length(payload),
            )
        })
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: the state is alive and not used again.
        unsafe { ffi::opus_encoder_destroy(self.state.as_ptr()) }
    }
}

/// What a decoder makes sound of.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// A packet.
    Packet(&'a [u8]),
    /// What a packet repeats of the one before it (LBRR).
    Repeated(&'a [u8]),
    /// Nothing: sound goes on by itself.
    Nothing,
}

/// A decoder to one channel at 48 kHz.
pub struct Decoder {
    state: NonNull<ffi::OpusDecoder>,
}

// SAFETY: see the head of this file.
unsafe impl Send for Decoder {}

impl Decoder {
    /// A new one; from a `complexity` of 5 on it conceals loss with a neural network.
    pub fn new(complexity: u8) -> Result<Self, Error> {
        let mut error = 0;
        // SAFETY: `error` outlives the call.
        let state = unsafe { ffi::opus_decoder_create(rate(), 1, &raw mut error) };
        let decoder = made(state, error).map(|state| Self { state })?;
        // SAFETY: the state is alive; the request takes one int.
        let code = unsafe {
            ffi::opus_decoder_ctl(
                decoder.state.as_ptr(),
                ffi::OPUS_SET_COMPLEXITY_REQUEST,
                c_int::from(complexity),
            )
        };
        count(code).map(|_| decoder)
    }

    /// Fills `room` from its beginning; gives how many samples were made. For anything but a
    /// packet the room has to be a multiple of 2.5 ms.
    pub fn decode(&mut self, source: Source<'_>, room: &mut [f32]) -> Result<usize, Error> {
        let (payload, fec) = match source {
            Source::Packet(payload) => (payload, 0),
            Source::Repeated(payload) => (payload, 1),
            Source::Nothing => (&[][..], 0),
        };
        let data = match payload.is_empty() {
            true => null(),
            false => payload.as_ptr(),
        };
        // SAFETY: the state is alive; with one channel the library writes at most as many samples
        // and reads at most as many octets as it is told.
        count(unsafe {
            ffi::opus_decode_float(
                self.state.as_ptr(),
                data,
                length(payload),
                room.as_mut_ptr(),
                length(room),
                fec,
            )
        })
    }

    /// Fills `room`, a multiple of 2.5 ms, with the sound from `before` samples before the packet
    /// that `redundancy` was read from, as far as it was read and processed.
    pub fn decode_redundancy(
        &mut self,
        redundancy: &Redundancy,
        before: usize,
        room: &mut [f32],
    ) -> Result<usize, Error> {
        if !redundancy.ready {
            return self.decode(Source::Nothing, room);
        }
        // SAFETY: both states are alive, that of the redundancy is initialized; with one channel
        // the library writes at most as many samples as it is told.
        count(unsafe {
            ffi::opus_decoder_dred_decode_float(
                self.state.as_ptr(),
                redundancy.read.as_ptr(),
                c_int::try_from(before).unwrap_or(c_int::MAX),
                room.as_mut_ptr(),
                length(room),
            )
        })
    }

    /// Forgets all that was decoded before.
    pub fn reset(&mut self) -> Result<(), Error> {
        // SAFETY: the state is alive; the request takes nothing.
        let code = unsafe { ffi::opus_decoder_ctl(self.state.as_ptr(), ffi::OPUS_RESET_STATE) };
        count(code).map(drop)
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the state is alive and not used again.
        unsafe { ffi::opus_decoder_destroy(self.state.as_ptr()) }
    }
}

/// Samples at 48 kHz in a payload.
pub fn samples_in(payload: &[u8]) -> Result<usize, Error> {
    if payload.is_empty() {
        return Err(Error(ffi::OPUS_INVALID_PACKET));
    }
    // SAFETY: the library reads at most as many octets as it is told.
    count(unsafe { ffi::opus_packet_get_nb_samples(payload.as_ptr(), length(payload), rate()) })
}

/// Whether a payload repeats the packet before it (LBRR).
pub fn repeats(payload: &[u8]) -> bool {
    // SAFETY: there is an octet, and the library reads at most as many as it is told.
    !payload.is_empty()
        && unsafe { ffi::opus_packet_has_lbrr(payload.as_ptr(), length(payload)) == 1 }
}

/// Reads what packets repeat by DRED, one packet at a time.
pub struct Redundancy {
    reader: NonNull<ffi::OpusDREDDecoder>,
    read: NonNull<ffi::OpusDRED>,
    /// Whether what was read can be decoded; before the first reading it is not even initialized.
    ready: bool,
}

// SAFETY: see the head of this file.
unsafe impl Send for Redundancy {}

impl Redundancy {
    /// One that has read nothing.
    pub fn new() -> Result<Self, Error> {
        let mut error = 0;
        // SAFETY: `error` outlives the call.
        let reader = unsafe { ffi::opus_dred_decoder_create(&raw mut error) };
        let reader = made(reader, error)?;
        // SAFETY: the same.
        let read = unsafe { ffi::opus_dred_alloc(&raw mut error) };
        match made(read, error) {
            Ok(read) => Ok(Self {
                reader,
                read,
                ready: false,
            }),
            Err(error) => {
                // SAFETY: the state is alive and not used again.
                unsafe { ffi::opus_dred_decoder_destroy(reader.as_ptr()) };
                Err(error)
            }
        }
    }

    /// Reads a payload, no further back than `most` samples; gives which of the samples before it
    /// can be had, counted backwards from it. Without `process` they cannot be decoded yet.
    pub fn read(
        &mut self,
        payload: &[u8],
        most: usize,
        process: bool,
    ) -> Result<Range<usize>, Error> {
        if payload.is_empty() {
            return Err(Error(ffi::OPUS_INVALID_PACKET));
        }
        self.ready = false;
        let mut nearest = 0;
        // SAFETY: both states are alive, `nearest` outlives the call, and the library reads at
        // most as many octets as it is told.
        let furthest = count(unsafe {
            ffi::opus_dred_parse(
                self.reader.as_ptr(),
                self.read.as_ptr(),
                payload.as_ptr(),
                length(payload),
                c_int::try_from(most.min(SAMPLE_RATE as usize)).unwrap_or(rate()),
                rate(),
                &raw mut nearest,
                c_int::from(!process),
            )
        })?;
        self.ready = process && furthest > 0;
        Ok(count(nearest)?..furthest)
    }
}

impl Drop for Redundancy {
    fn drop(&mut self) {
        // SAFETY: both states are alive and not used again.
        unsafe {
            ffi::opus_dred_free(self.read.as_ptr());
            ffi::opus_dred_decoder_destroy(self.reader.as_ptr());
        }
    }
}
