use std::sync::Mutex;

use super::*;

const ME: i64 = 7;

type Kept = Arc<Mutex<BTreeMap<i64, String>>>;

/// A shelf that outlives the outbox, and can be full.
#[derive(Default, Clone)]
struct Memory {
    kept: Kept,
    full: bool,
}

impl Shelf for Memory {
    fn name(&self) -> String {
        "memory".into()
    }
    fn load(&mut self) -> io::Result<Vec<(i64, String)>> {
        Ok(self.kept.lock().unwrap().clone().into_iter().collect())
    }
    fn put(&mut self, id: i64, contents: &str) -> io::Result<()> {
        if self.full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.kept.lock().unwrap().insert(id, contents.into());
        Ok(())
    }
    fn remove(&mut self, id: i64) -> io::Result<()> {
        self.kept.lock().unwrap().remove(&id);
        Ok(())
    }
}

fn outbox(kept: &Kept) -> Outbox {
    Outbox::open(Box::new(Memory {
        kept: kept.clone(),
        full: false,
    }))
}

fn voice(name: &str, unfinished: bool) -> Draft {
    Draft {
        account: Some("office".into()),
        to: Some("-5 Отдел".parse().unwrap()),
        content: Content::Voice {
            path: name.into(),
            caption: "Анна".into(),
            keep: false,
        },
        unfinished,
    }
}

fn text(words: &str) -> Draft {
    Draft {
        account: None,
        to: None,
        content: Content::Text {
            text: words.into(),
            reply_to: Some(3),
        },
        unfinished: false,
    }
}

fn next(outbox: &Outbox) -> Option<String> {
    let (_, post) = outbox.next(true, ME)?;
    Some(post.content.recording()?.display().to_string())
}

#[test]
fn recordings_leave_in_the_order_they_came_even_if_the_clock_is_set_back() {
    let kept = Kept::default();
    let mut outbox = outbox(&kept);
    outbox.add(voice("a", false), ME, 1_000);
    outbox.add(voice("b", false), ME, 500);
    outbox.add(voice("c", false), ME, 2_000);
    for name in ["a", "b", "c"] {
        assert_eq!(next(&outbox).as_deref(), Some(name));
        let id = outbox.next(true, ME).unwrap().0;
        outbox.sent(id);
    }
    assert_eq!(next(&outbox), None);
}

#[test]
fn a_recording_that_is_on_its_way_is_not_sent_twice() {
    let mut outbox = outbox(&Kept::default());
    outbox.add(voice("a", true), ME, 1);
    outbox.add(voice("a", false), ME, 2);
    assert_eq!(outbox.seen(Some(ME), &[]).1, 1);
    outbox.add(text("занято"), ME, 3);
    outbox.add(text("занято"), ME, 4);
    assert_eq!(outbox.seen(Some(ME), &[]).1, 3, "words may be said twice");
}

#[test]
fn words_do_not_wait_for_recordings() {
    let mut outbox = outbox(&Kept::default());
    outbox.add(voice("a", false), ME, 1);
    outbox.add(text("занято"), ME, 2);
    assert_eq!(outbox.next(false, ME).unwrap().0, 2);
    assert_eq!(outbox.next(true, ME).unwrap().0, 1);
}

#[test]
fn a_crash_changes_neither_order_nor_number_and_finishes_what_was_unfinished() {
    let kept = Kept::default();
    let mut before = outbox(&kept);
    before.add(voice("a", true), ME, 1);
    before.add(voice("b", false), ME, 2);
    assert_eq!(next(&before).as_deref(), Some("b"), "a is still being made");
    let numbers: Vec<i64> = before.posts.values().map(|post| post.random_id).collect();
    drop(before);

    let after = outbox(&kept);
    let again: Vec<i64> = after.posts.values().map(|post| post.random_id).collect();
    assert_eq!(again, numbers);
    assert_eq!(next(&after).as_deref(), Some("a"));
}

#[test]
fn a_recording_waits_until_it_is_finished() {
    let mut outbox = outbox(&Kept::default());
    outbox.add(voice("a", true), ME, 1);
    assert_eq!(next(&outbox), None);
    outbox.finish(Path::new("other"));
    assert_eq!(next(&outbox), None);
    outbox.finish(Path::new("a"));
    assert_eq!(next(&outbox).as_deref(), Some("a"));
}

#[test]
fn what_telegram_has_is_told_until_it_is_forgotten() {
    let kept = Kept::default();
    let mut before = outbox(&kept);
    before.add(voice("a", false), ME, 1);
    before.sent(1);
    drop(before);

    let mut after = outbox(&kept);
    assert_eq!(next(&after), None);
    let (id, delivered) = after.delivered().remove(0);
    assert_eq!(delivered.unwrap().path, Path::new("a"));
    assert_eq!(after.seen(Some(ME), &[]).1, 0);
    after.forget(id);
    assert!(kept.lock().unwrap().is_empty());
}

#[test]
fn what_was_refused_waits_for_a_person_and_goes_to_the_chat_the_account_has_then() {
    let kept = Kept::default();
    let mut outbox = outbox(&kept);
    outbox.add(voice("a", false), ME, 1);
    outbox.add(voice("b", false), ME, 2);
    let first = outbox.posts[&1].random_id;
    let trouble = Trouble::MayNotPost {
        chat: "Отдел".into(),
    };
    outbox.refuse(1, trouble.clone());
    assert_eq!(next(&outbox).as_deref(), Some("b"), "others go on");
    let (seen, count) = outbox.seen(Some(ME), &[2]);
    assert_eq!((seen.len(), count), (2, 2));
    assert_eq!(seen[0].stage, Stage::Refused { trouble });
    assert!(seen[1].sending);

    outbox.again(Some(1), ME, &HashMap::new());
    assert_eq!(next(&outbox).as_deref(), Some("a"));
    assert_eq!(outbox.posts[&1].random_id, first, "the same message");
    outbox.refuse(1, Trouble::OtherAccount);
    outbox.again(None, ME, &[("office".to_owned(), None)].into());
    assert_eq!(outbox.posts[&1].to, None);
    assert_ne!(outbox.posts[&1].random_id, first, "another message");
    assert_eq!(
        outbox.posts[&2].to.as_ref().unwrap().id,
        -5,
        "was not refused"
    );
}

#[test]
fn nobody_sends_in_the_name_of_another_person() {
    let mut outbox = outbox(&Kept::default());
    outbox.add(voice("a", false), ME, 1);
    assert!(outbox.next(true, 8).is_none());
    let trouble = Trouble::OtherAccount;
    assert_eq!(
        outbox.seen(Some(8), &[]).0[0].stage,
        Stage::Refused { trouble }
    );
    outbox.again(None, 8, &HashMap::new());
    assert!(outbox.next(true, 8).is_some());
}

#[test]
fn a_full_disk_is_said_and_what_is_to_be_sent_is_sent() {
    let mut outbox = Outbox::open(Box::new(Memory {
        full: true,
        ..Memory::default()
    }));
    outbox.add(voice("a", false), ME, 1);
    assert!(matches!(outbox.trouble, Some(Trouble::File { .. })));
    assert_eq!(next(&outbox).as_deref(), Some("a"));
}

#[test]
fn what_can_t_be_read_is_left_alone() {
    let kept = Kept::default();
    kept.lock().unwrap().insert(1, "{\"from\": 7}".into());
    let outbox = outbox(&kept);
    assert!(outbox.posts.is_empty());
    assert_eq!(kept.lock().unwrap().len(), 1);
}
