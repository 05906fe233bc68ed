use std::collections::VecDeque;
use std::time::Instant;

use super::clock::{CATCH_UP, Clock};
use super::device::{Demand, Microphone, Speaker};
use super::side::{MICROPHONES, SPEAKERS, Side};
use super::{AudioError, DeviceSpec, FRAME, Processing, Processor};

/// A microphone and a speaker, read and written in step.
///
/// The owner sleeps until [`next_tick`](Self::next_tick), asks [`ticks_due`](Self::ticks_due),
/// and then reads and writes so many frames. A device that breaks is replaced by the next best,
/// or by silence, so that frames are due as ever.
pub struct Duplex {
    microphone: Side<dyn Microphone>,
    speaker: Side<dyn Speaker>,
    clock: Clock,
    /// When the speaker is to be looked at again, if it has a clock.
    look: Option<Instant>,
    /// What was played and has not come back yet, if the microphone is a loop.
    looped: Option<VecDeque<[f32; FRAME]>>,
    /// Whether a person speaks into the microphone: a file, a tone or a loop is taken as it is.
    live: bool,
    processor: Option<Processor>,
    now: Instant,
}

impl Duplex {
    /// Opens both. Blocks for some 100 ms at most per device; a device that takes longer to open
    /// joins in when it is ready, and for one of the system that is not there the next best takes
    /// over.
    ///
    /// # Errors
    /// A file can't be opened, or the system gives no thread.
    pub fn open(input: &DeviceSpec, output: &DeviceSpec, now: Instant) -> Result<Self, AudioError> {
        let microphone = Side::open(MICROPHONES, input, now)?;
        let speaker = Side::open(SPEAKERS, output, now)?;
        Ok(Self {
            microphone,
            speaker,
            clock: Clock::new(now),
            look: None,
            looped: (*input == DeviceSpec::Loop).then(VecDeque::new),
            live: input.is_system(),
            processor: None,
            now,
        })
    }

    /// Switches the parts of the voice processing. It is never applied to a microphone that is
    /// no device of the system.
    pub fn process(&mut self, switches: Processing) {
        match &mut self.processor {
            _ if !self.live || switches == Processing::NONE => self.processor = None,
            Some(processor) => processor.switch(switches),
            None => self.processor = Some(Processor::new(switches)),
        }
    }

    /// When to ask for [`ticks_due`](Self::ticks_due) again.
    pub fn next_tick(&self, now: Instant) -> Instant {
        self.look.unwrap_or_else(|| self.clock.next_tick()).max(now)
    }

    /// How many frames to read and write now: as many as the speaker has consumed, or as the
    /// time says if the speaker has no clock. Not more than 100 ms after a stall.
    pub fn ticks_due(&mut self, now: Instant) -> usize {
        self.now = now;
        self.microphone.tend(now);
        if self.speaker.tend(now) {
            self.clock = Clock::new(now);
        }
        match self.speaker.device().demand(now) {
            Demand::Clock => {
                self.look = None;
                self.clock.ticks_due(now)
            }
            Demand::Frames(frames, look) => {
                self.look = Some(look);
                frames
            }
        }
    }

    /// The next 10 ms of the microphone; silence where there is none.
    pub fn read(&mut self, frame: &mut [f32; FRAME]) {
        match &mut self.looped {
            Some(looped) => *frame = looped.pop_front().unwrap_or([0.0; FRAME]),
            None => self.microphone.device().read(self.now, frame),
        }
        if let Some(processor) = &mut self.processor {
            processor.capture(frame);
        }
    }

    /// Plays 10 ms.
    pub fn write(&mut self, frame: &[f32; FRAME]) {
        if let Some(looped) = &mut self.looped {
            if looped.len() == CATCH_UP {
                looped.pop_front();
            }
            looped.push_back(*frame);
        }
        if let Some(processor) = &mut self.processor {
            processor.play(frame);
        }
        self.speaker.device().write(self.now, frame);
    }

    /// What is not as it was asked for, as long as it is so: a device was lost, or there is none.
    pub fn trouble(&self) -> Option<&AudioError> {
        self.microphone.trouble().or_else(|| self.speaker.trouble())
    }

    /// Whether the microphone was a file and all of it has been read.
    pub fn input_finished(&self) -> bool {
        self.microphone.peek().is_finished()
    }

    /// Closes both; a file that was written is whole after this.
    pub fn finish(self) {
        drop(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const TICK: Duration = Duration::from_millis(10);

    fn open(input: &str, output: &str, now: Instant) -> Duplex {
        let spec = |text: &str| text.parse::<DeviceSpec>().expect("a device");
        Duplex::open(&spec(input), &spec(output), now).expect("needs no hardware")
    }

    #[test]
    fn what_is_played_comes_back_from_a_loop_one_frame_later() {
        let now = Instant::now();
        let mut duplex = open("loop", "silence", now);
        let mut frame = [1.0; FRAME];
        for number in 1..5 {
            duplex.read(&mut frame);
            assert_eq!(frame, [(number - 1) as f32 / 10.0; FRAME]);
            duplex.write(&[number as f32 / 10.0; FRAME]);
        }
    }

    #[test]
    fn a_second_of_the_clock_is_a_hundred_frames_of_a_tone_in_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.wav");
        let start = Instant::now();
        let mut duplex = open("tone:440", &format!("file:{}", path.display()), start);
        let mut now = start;
        while now < start + Duration::from_secs(1) {
            for _ in 0..duplex.ticks_due(now) {
                let mut frame = [0.0; FRAME];
                duplex.read(&mut frame);
                duplex.write(&frame);
            }
            now = duplex.next_tick(now);
        }
        assert_eq!(now, start + Duration::from_secs(1));
        assert_eq!(duplex.trouble(), None);
        assert!(!duplex.input_finished());
        duplex.finish();
        let reader = hound::WavReader::open(&path).expect("a whole file");
        assert_eq!(
            (reader.duration(), reader.spec().sample_rate),
            (48_000, 48_000)
        );
        let samples: Vec<f32> = reader
            .into_samples::<i16>()
            .map(|s| f32::from(s.expect("whole")) / 32_767.0)
            .collect();
        let rises = samples
            .windows(2)
            .filter(|w| w[0] < 0.0 && w[1] >= 0.0)
            .count();
        assert!(rises.abs_diff(440) <= 1);
    }

    #[test]
    fn a_file_that_was_read_out_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("in.wav");
        let now = Instant::now();
        let mut writer = open("silence", &format!("file:{}", path.display()), now);
        writer.write(&[0.5; FRAME]);
        writer.finish();
        let mut duplex = open(&format!("file:{}", path.display()), "silence", now);
        let mut frame = [0.0; FRAME];
        duplex.read(&mut frame);
        assert!(frame.iter().all(|sample| (sample - 0.5).abs() < 1e-4));
        assert!(!duplex.input_finished(), "the end is seen when it is read");
        duplex.read(&mut frame);
        assert!(duplex.input_finished());
    }

    #[test]
    fn a_file_that_is_not_there_is_refused_at_once() {
        let missing = DeviceSpec::File("/nowhere/in.wav".into());
        let opened = Duplex::open(&missing, &DeviceSpec::Silence, Instant::now());
        assert!(matches!(opened.err(), Some(AudioError::File { .. })));
    }

    #[test]
    fn after_a_stall_no_more_than_a_tenth_of_a_second_is_due() {
        let start = Instant::now();
        let mut duplex = open("silence", "silence", start);
        assert_eq!(duplex.ticks_due(start), 1);
        assert_eq!(duplex.ticks_due(start + TICK * 500), 10);
    }
}
