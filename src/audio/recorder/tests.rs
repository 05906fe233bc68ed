use std::io::Cursor;

use assert_no_alloc::assert_no_alloc;
use ogg::PacketReader;

use super::*;

/// A packet's samples, and how many of them make a page.
const PACKET: u64 = 960;
const PACKETS: u64 = 20;

fn tone(samples: usize) -> Vec<f32> {
    (0..samples)
        .map(|n| 0.4 * (std::f32::consts::TAU * 440.0 * n as f32 / RATE as f32).sin())
        .collect()
}

/// A recording of so many samples of a tone.
fn recording(samples: usize) -> Vec<u8> {
    let mut sound = OggOpus::new(7).unwrap();
    for part in tone(samples).chunks(FRAME) {
        sound.take(part).unwrap();
    }
    sound.finish().unwrap();
    sound.take_pages()
}

/// The packets that can be read, with the granule position of each one's page.
fn packets(bytes: &[u8]) -> Vec<(Vec<u8>, u64, bool)> {
    let mut reader = PacketReader::new(Cursor::new(bytes));
    let mut packets = Vec::new();
    while let Ok(Some(packet)) = reader.read_packet() {
        packets.push((
            packet.data.clone(),
            packet.absgp_page(),
            packet.last_in_stream(),
        ));
    }
    packets
}

fn pre_skip(packets: &[(Vec<u8>, u64, bool)]) -> u64 {
    u64::from(u16::from_le_bytes([packets[0].0[10], packets[0].0[11]]))
}

/// What a player plays: what comes before the end, less the pre-skip.
fn played(bytes: &[u8]) -> Vec<f32> {
    let packets = packets(bytes);
    let mut decoder = opus::Decoder::new(RATE, opus::Channels::Mono).unwrap();
    let mut sound = Vec::new();
    for (packet, ..) in &packets[2..] {
        let mut block = [0.0; PACKET as usize];
        let samples = decoder.decode_float(packet, &mut block, false).unwrap();
        sound.extend_from_slice(&block[..samples]);
    }
    if let Some((_, end, true)) = packets.last() {
        sound.truncate(*end as usize);
    }
    sound.drain(..pre_skip(&packets) as usize);
    sound
}

/// Where every page ends, by the structure of the file alone (RFC 3533 6).
fn page_ends(bytes: &[u8]) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        assert_eq!(&bytes[at..at + 4], b"OggS");
        let segments = usize::from(bytes[at + 26]);
        let lacing = &bytes[at + 27..at + 27 + segments];
        at += 27 + segments + lacing.iter().map(|n| usize::from(*n)).sum::<usize>();
        ends.push(at);
    }
    ends
}

#[test]
fn the_headers_say_what_rfc_7845_wants() {
    let packets = packets(&recording(FRAME));
    let mut encoder =
        opus::Encoder::new(RATE, opus::Channels::Mono, opus::Application::Voip).unwrap();
    let (head, tags) = (&packets[0], &packets[1]);
    assert_eq!(&head.0[..10], b"OpusHead\x01\x01");
    assert_eq!(pre_skip(&packets), encoder.get_lookahead().unwrap() as u64);
    assert_eq!(&head.0[12..], [0x80, 0xbb, 0, 0, 0, 0, 0]);
    assert_eq!(&tags.0[..8], b"OpusTags");
    assert_eq!((head.1, tags.1), (0, 0));
}

#[test]
fn granule_positions_count_the_samples_and_the_last_one_ends_the_sound() {
    for samples in [0, 1, 480, 959, 960, 19_200, 19_200 - 312, 50_000] {
        let bytes = recording(samples);
        let packets = packets(&bytes);
        let end = samples as u64 + pre_skip(&packets);
        let sound = &packets[2..];
        for (number, (_, granule, last)) in sound.iter().enumerate() {
            let page = number as u64 / PACKETS;
            let whole = (page + 1) * PACKETS * PACKET;
            assert_eq!(*granule, whole.min(end), "packet {number} of {samples}");
            assert_eq!(*last, number + 1 == sound.len());
        }
        assert_eq!(sound.len() as u64, end.div_ceil(PACKET), "{samples}");
        assert_eq!(played(&bytes).len(), samples);
    }
}

#[test]
fn what_is_played_is_what_was_said_at_the_same_time() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/tones/voice.wav");
    let mut reader = hound::WavReader::open(file).unwrap();
    let step = RATE / reader.spec().sample_rate;
    let said: Vec<f32> = reader
        .samples::<i16>()
        .flat_map(|sample| std::iter::repeat_n(sample.unwrap(), step as usize))
        .map(|sample| f32::from(sample) / 32_768.0)
        .collect();
    let mut sound = OggOpus::new(7).unwrap();
    sound.take(&said).unwrap();
    sound.finish().unwrap();
    let heard = played(&sound.take_pages());
    assert_eq!(heard.len(), said.len());
    let product = |a: &[f32], b: &[f32]| -> f32 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    // 10 ms are left at both ends for looking around.
    let middle = &said[FRAME..said.len() - FRAME];
    let likeness = |at: &usize| {
        let heard = &heard[*at..*at + middle.len()];
        product(middle, heard) / (product(middle, middle) * product(heard, heard)).sqrt()
    };
    let best = (0..2 * FRAME).max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let best = best.unwrap();
    assert!(likeness(&best) > 0.8, "{}", likeness(&best));
    assert!(
        best.abs_diff(FRAME) < 24,
        "the look-ahead is skipped: {best}"
    );
}

#[test]
fn a_page_is_there_at_least_every_half_second() {
    let mut sound = OggOpus::new(7).unwrap();
    sound.take_pages();
    let mut since = 0;
    for part in tone(10 * RATE as usize).chunks(FRAME) {
        sound.take(part).unwrap();
        since = if sound.take_pages().is_empty() {
            since + 10
        } else {
            0
        };
        assert!(since < 500 - LOOK.as_millis());
    }
}

#[test]
fn a_file_cut_short_at_any_octet_plays_all_its_whole_pages() {
    let bytes = recording(3 * RATE as usize + 100);
    let whole = packets(&bytes);
    let ends = page_ends(&bytes);
    for length in 0..=bytes.len() {
        let pages = ends.iter().filter(|end| **end <= length).count();
        let sound_pages = pages.saturating_sub(2) as u64;
        let wanted = match pages {
            0..2 => pages as u64,
            _ => 2 + (sound_pages * PACKETS).min(whole.len() as u64 - 2),
        };
        let left = packets(&bytes[..length]);
        assert_eq!(left.len() as u64, wanted, "cut at {length}");
        assert!(left.iter().zip(&whole).all(|(left, whole)| left == whole));
    }
}

#[test]
fn both_sides_are_in_the_recording_but_not_what_came_in_a_pause() {
    let folder = tempfile::tempdir().unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let done = move |path: &Path, outcome| tell.send((path.to_owned(), outcome)).unwrap();
    let (mut tap, path, thread) = start(folder.path(), "call", done).unwrap();
    let silent = [0.0; FRAME];
    let tone: [f32; FRAME] = tone(FRAME).try_into().unwrap();
    // Half a second each: said, nothing, heard, and heard in a pause.
    for (said, heard, paused) in [
        (&tone, &silent, false),
        (&silent, &silent, false),
        (&silent, &tone, false),
        (&silent, &tone, true),
    ] {
        tap.pause(paused);
        (0..50).for_each(|_| tap.write(said, heard));
    }
    drop(tap);
    thread.join().unwrap();
    assert_eq!(told.try_recv(), Ok((path.clone(), Ok(()))));
    let sound = played(&std::fs::read(&path).unwrap());
    assert_eq!(sound.len(), 150 * FRAME);
    let level = |part: &[f32]| (part.iter().map(|x| x * x).sum::<f32>() / 24_000.0).sqrt();
    let levels: Vec<f32> = sound.chunks(24_000).map(level).collect();
    assert!(
        levels[0] > 0.2 && levels[1] < 0.05 && levels[2] > 0.2,
        "{levels:?}"
    );
}

#[test]
fn the_media_thread_allocates_nothing_and_never_waits() {
    let (producer, consumer) = RingBuffer::new(10 * FRAME);
    let missed = Arc::new(AtomicUsize::new(0));
    let mut tap = Tap {
        ring: producer,
        missed: missed.clone(),
        paused: false,
    };
    let (said, heard) = ([0.9; FRAME], [f32::NAN; FRAME]);
    assert_no_alloc(|| {
        for _ in 0..25 {
            tap.write(&said, &heard);
        }
        tap.pause(true);
        tap.write(&said, &heard);
    });
    assert_eq!(consumer.slots(), 10 * FRAME);
    assert_eq!(missed.load(Ordering::Relaxed), 15);
}

/// Takes so many octets, then is full.
struct SmallDisk {
    room: usize,
    synced: bool,
}

impl Write for SmallDisk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.room == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.room);
        self.room -= taken;
        self.synced = false;
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Durable for SmallDisk {
    fn sync(&mut self) -> std::io::Result<()> {
        self.synced = true;
        Ok(())
    }
}

#[test]
fn a_full_disk_ends_the_recording_and_sound_that_found_no_room_is_silence() {
    let record = |room: usize| {
        let (mut producer, consumer) = RingBuffer::new(RATE as usize);
        producer.push_entire_slice(&tone(RATE as usize)).unwrap();
        drop(producer);
        let recording = Recording {
            path: "x.ogg".into(),
            file: SmallDisk {
                room,
                synced: false,
            },
            sound: OggOpus::new(1).unwrap(),
            ring: consumer,
            missed: Arc::new(AtomicUsize::new(3)),
        };
        recording.run()
    };
    let full = RecordError {
        path: "x.ogg".into(),
        cause: RecordCause::DiskFull,
    };
    assert_eq!(record(1_000), Err(full));
    assert_eq!(record(1_000_000), Ok(()));
}

#[test]
fn a_recording_never_takes_the_place_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("a/recordings");
    let (first, _) = file::create(&inside, "call").unwrap();
    let (second, _) = file::create(&inside, "call").unwrap();
    assert_eq!(first, inside.join("call.ogg"));
    assert_eq!(second, inside.join("call 2.ogg"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&inside), mode(&first)), (0o700, 0o600));
    }
}

#[test]
fn a_folder_that_can_not_be_made_is_an_error_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("taken");
    std::fs::write(&file, b"").unwrap();
    let error = start(&file, "call", |_, _| {}).map(drop).unwrap_err();
    assert_eq!(error.path, file);
    assert_ne!(error.to_string(), "");
}
