use super::*;

fn history(dir: &Path) -> History {
    History::open(dir, true).unwrap()
}

fn beginning(began_us: i64, name: &str, number: &str) -> Beginning {
    Beginning {
        began_us,
        account: "office".into(),
        line: "Офис".into(),
        incoming: true,
        name: Some(name.into()),
        number: number.into(),
        uri: format!("sip:{number}@pbx.example"),
        typed: None,
    }
}

fn ending(outcome: Outcome) -> Ending {
    Ending {
        outcome,
        ..Ending::default()
    }
}

fn search(history: &History, text: &str) -> Vec<String> {
    let query = Query {
        text: text.into(),
        ..Query::default()
    };
    let found = history.find(&query).unwrap();
    found
        .into_iter()
        .filter_map(|call| call.began.name)
        .collect()
}

#[test]
fn a_call_is_kept_with_all_that_is_known_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let began = Beginning {
        typed: Some("8 926".into()),
        ..beginning(5, "Пётр", "+7926")
    };
    let ended = Ending {
        outcome: Outcome::Talked,
        problem: Some(serde_json::json!({ "kind": "busy" })),
        status: Some(200),
        talked_ms: Some(61_500),
        codec: Some("opus".into()),
        quality: Some(serde_json::json!({ "mos": 4.3 })),
        recording: Some("/tmp/запись.ogg".into()),
        sent_to: None,
    };
    let history = history(dir.path());
    let id = history.begin(&began).unwrap();
    history.end(id, &ended).unwrap();
    drop(history);
    let found = super::History::open(dir.path(), true)
        .unwrap()
        .find(&Query::default())
        .unwrap();
    assert_eq!(found, [PastCall { id, began, ended }]);
}

#[test]
fn a_call_that_lasts_is_not_past_and_one_that_was_broken_off_is() {
    let dir = tempfile::tempdir().unwrap();
    let first = history(dir.path());
    first.begin(&beginning(1, "Ann", "101")).unwrap();
    assert_eq!(search(&first, ""), [""; 0]);
    // A second program on the profile leaves it alone.
    let beside = History::open(dir.path(), false).unwrap();
    assert_eq!(search(&beside, ""), [""; 0]);
    drop((first, beside));
    let again = history(dir.path());
    assert_eq!(
        again.find(&Query::default()).unwrap()[0].ended.outcome,
        Outcome::Interrupted
    );
}

#[test]
fn calls_that_begin_at_the_same_moment_or_before_the_clock_was_set_back_keep_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let history = history(dir.path());
    for (began, name) in [(10, "first"), (10, "second"), (3, "third")] {
        let id = history.begin(&beginning(began, name, "101")).unwrap();
        history.end(id, &ending(Outcome::Talked)).unwrap();
    }
    assert_eq!(search(&history, ""), ["third", "second", "first"]);
}

#[test]
fn a_search_knows_parts_of_words_and_numbers_in_any_case_and_punctuation() {
    let dir = tempfile::tempdir().unwrap();
    let history = history(dir.path());
    for (n, (name, number)) in [("Пётр СЕРГЕЕВ", "+7 (926) 123-45-67"), ("Ann 100%", "101")]
        .into_iter()
        .enumerate()
    {
        let id = history.begin(&beginning(n as i64, name, number)).unwrap();
        history.end(id, &ending(Outcome::Talked)).unwrap();
    }
    for (text, found) in [
        ("сергеев пётр", &["Пётр СЕРГЕЕВ"][..]),
        ("926-123", &["Пётр СЕРГЕЕВ"]),
        ("+7 926", &["Пётр СЕРГЕЕВ"]),
        ("100%", &["Ann 100%"]),
        ("ОФИС", &["Ann 100%", "Пётр СЕРГЕЕВ"]),
        ("'; DROP TABLE calls", &[]),
        ("сергеев ann", &[]),
    ] {
        assert_eq!(search(&history, text), found, "{text}");
    }
}

#[test]
fn calls_are_told_apart_by_kind_and_given_in_parts() {
    let dir = tempfile::tempdir().unwrap();
    let history = history(dir.path());
    for n in 0..1_200 {
        let call = Beginning {
            incoming: n % 2 == 0,
            ..beginning(n, "x", "101")
        };
        let id = history.begin(&call).unwrap();
        let ended = Ending {
            recording: (n % 100 == 0).then(|| "r.ogg".into()),
            ..ending(match n % 4 {
                0 => Outcome::Missed,
                _ => Outcome::Talked,
            })
        };
        history.end(id, &ended).unwrap();
    }
    let ask = |show, before, limit| {
        let query = Query {
            show,
            before,
            limit,
            ..Query::default()
        };
        history.find(&query).unwrap()
    };
    assert_eq!(ask(Show::All, None, None).len(), 500);
    assert_eq!(ask(Show::Missed, None, Some(1_000)).len(), 300);
    assert_eq!(ask(Show::Recorded, None, None).len(), 12);
    assert!(
        ask(Show::Outgoing, None, None)
            .iter()
            .all(|call| !call.began.incoming)
    );
    let part = ask(Show::Incoming, None, Some(10));
    let next = ask(Show::Incoming, Some(part[9].id), Some(10));
    assert_eq!(next[0].id, part[9].id - 2);
    let file = dir.path().join("calls.csv");
    assert_eq!(history.export(&Query::default(), &file).unwrap(), 1_200);
    let text = std::fs::read_to_string(file).unwrap();
    assert_eq!(text.lines().count(), 1_201);
}

#[test]
fn missed_calls_are_counted_until_they_were_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let history = history(dir.path());
    let mut last = 0;
    for n in 0..3 {
        last = history.begin(&beginning(n, "x", "101")).unwrap();
        history.end(last, &ending(Outcome::Missed)).unwrap();
    }
    assert_eq!(history.missed().unwrap(), 3);
    history.remove(Some(last)).unwrap();
    assert_eq!(history.missed().unwrap(), 2);
    history.mark_seen().unwrap();
    assert_eq!(history.missed().unwrap(), 0);
    history.remove(None).unwrap();
    assert_eq!(search(&history, ""), [""; 0]);
}

#[test]
fn a_name_is_no_formula_in_the_table() {
    let dir = tempfile::tempdir().unwrap();
    let history = history(dir.path());
    let id = history
        .begin(&beginning(1, "=cmd|' /C calc'!A0", "+7926"))
        .unwrap();
    history.end(id, &ending(Outcome::Talked)).unwrap();
    let file = dir.path().join("calls.csv");
    history.export(&Query::default(), &file).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let row = rows.records().next().unwrap().unwrap();
    assert_eq!((&row[2], &row[3]), ("'=cmd|' /C calc'!A0", "+7926"));
}

#[test]
fn a_damaged_file_is_set_aside_and_a_newer_one_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("history.sqlite");
    std::fs::write(
        &file,
        "this is no database, but long enough to be taken for one",
    )
    .unwrap();
    let fresh = history(dir.path());
    assert_eq!(search(&fresh, ""), [""; 0]);
    assert!(dir.path().join("history.damaged-1.sqlite").exists());
    fresh
        .database
        .pragma_update(None, "user_version", VERSION + 1)
        .unwrap();
    drop(fresh);
    assert!(matches!(
        History::open(dir.path(), true),
        Err(StoreError::Newer { .. })
    ));
}

#[test]
fn a_recording_that_was_sent_is_here_only_if_it_stayed() {
    let dir = tempfile::tempdir().unwrap();
    let history = history(dir.path());
    for (began, stays) in [(1, true), (2, false)] {
        let id = history.begin(&beginning(began, "Пётр", "1")).unwrap();
        let path = PathBuf::from(format!("/tmp/{began}.ogg"));
        let ended = Ending {
            recording: Some(path.clone()),
            ..ending(Outcome::Talked)
        };
        history.end(id, &ended).unwrap();
        history.sent(&path, "Отдел", stays).unwrap();
        // The last figures of a call may come late.
        history.end(id, &ended).unwrap();
    }
    let recorded = Query {
        show: Show::Recorded,
        ..Query::default()
    };
    let found = history.find(&recorded).unwrap();
    let seen: Vec<_> = found
        .iter()
        .map(|call| {
            (
                call.id,
                call.ended.recording.is_some(),
                call.ended.sent_to.as_deref(),
            )
        })
        .collect();
    assert_eq!(seen, [(2, false, Some("Отдел")), (1, true, Some("Отдел"))]);
}

#[test]
fn a_history_of_version_1_is_read_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let old = Connection::open(dir.path().join("history.sqlite")).unwrap();
    old.execute_batch(LAYOUT).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    old.execute_batch(
        "INSERT INTO calls (id, account, line, incoming, number, uri, outcome, recording, words)
         VALUES (5, 'office', 'Офис', 1, '1', 'sip:1@pbx', 'talked', '/tmp/a.ogg', '1')",
    )
    .unwrap();
    drop(old);
    let history = history(dir.path());
    let found = history.find(&Query::default()).unwrap();
    assert_eq!(found[0].ended.recording, Some("/tmp/a.ogg".into()));
    assert_eq!(found[0].ended.sent_to, None);
}
