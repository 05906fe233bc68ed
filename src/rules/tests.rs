use proptest::prelude::*;

use super::limits::{LONGEST_NUMBER, LONGEST_TEXT, MOST_RULES};
use super::*;

fn rules(text: &str) -> Rules {
    Rules::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The number and the verdict that rules give.
fn applied(text: &str, number: &str) -> (String, Verdict) {
    let outcome = rules(text).apply(number);
    (outcome.number, outcome.verdict)
}

/// What rules leave of a number that they let through.
fn dialled(text: &str, number: &str) -> String {
    let (left, verdict) = applied(text, number);
    assert_eq!(verdict, Verdict::Dial, "{text} on {number}: {left}");
    left
}

fn refused(text: &str) -> (usize, &'static str) {
    let error = Rules::parse(text).expect_err(text);
    assert!(!error.message.is_empty() && !error.message.contains('\n'));
    (error.at, error.reason_key)
}

#[test]
fn the_examples_of_the_design_do_what_it_says() {
    let outcome = rules("[^\\w+*#]= ^8=7").apply("8 (926) 123-45-67");
    let after: Vec<_> = outcome.steps.iter().map(|step| &step.after).collect();
    assert_eq!(after, ["89261234567", "79261234567"]);
    assert_eq!(outcome.verdict, Verdict::Dial);
    for (number, verdict) in [
        ("79261234567", Verdict::Dial),
        ("7926123456", Verdict::Filtered),
        ("792612345678", Verdict::Filtered),
        ("74951234567", Verdict::Filtered),
        ("112", Verdict::Filtered),
    ] {
        assert_eq!(applied(r"^79\d{9}$", number).1, verdict, "{number}");
    }
    assert_eq!(applied(".*=", "89261234567"), ("".into(), Verdict::Empty));
}

#[test]
fn without_rules_every_number_goes_out_as_it_is() {
    let long = "1".repeat(LONGEST_NUMBER * 4);
    for number in ["101", "8 (926) 123-45-67", "иван", long.as_str()] {
        let outcome = Rules::default().apply(number);
        assert_eq!(
            (outcome.verdict, outcome.number.as_str()),
            (Verdict::Dial, number)
        );
        assert!(outcome.steps.is_empty());
    }
    assert_eq!(Rules::default().apply("").verdict, Verdict::Empty);
}

#[test]
fn every_match_is_replaced() {
    assert_eq!(dialled("-=", "8-926-123"), "8926123");
    assert_eq!(dialled("1=22", "1312"), "223222");
    assert_eq!(dialled("ь=", "тьмьа"), "тма");
}

#[test]
fn a_pattern_that_is_not_there_changes_nothing() {
    let outcome = rules("^8=7").apply("101");
    assert_eq!(outcome.number, "101");
    let step = &outcome.steps[0];
    assert!(!step.matched && step.before == "101" && step.after == "101");
}

#[test]
fn a_rule_sees_what_the_one_before_it_left() {
    assert_eq!(dialled("^8=7 ^7=+7 ^\\+7", "8926"), "+7926");
    assert_eq!(dialled("^7=+7 ^8=7", "8926"), "7926");
}

#[test]
fn nothing_runs_after_a_filter_that_does_not_match() {
    let outcome = rules("^8=7 ^9 7=6").apply("8926");
    assert_eq!(outcome.verdict, Verdict::Filtered);
    assert_eq!(outcome.number, "7926");
    assert_eq!(outcome.steps.len(), 2);
    let step = outcome.stopped_by().expect("a step");
    assert_eq!(
        (step.rule.as_str(), step.kind, step.matched),
        ("^9", Kind::Filter, false)
    );
}

#[test]
fn the_rule_that_left_nothing_is_named() {
    let outcome = rules(r"\D= ^8.*= x=y").apply("8-926");
    assert_eq!(outcome.verdict, Verdict::Empty);
    assert_eq!(outcome.stopped_by().expect("a step").rule, "^8.*=");
    assert!(rules("^8=7").apply("8").stopped_by().is_none());
    assert!(Rules::default().apply("").stopped_by().is_none());
}

#[test]
fn a_number_of_nothing_but_spaces_is_empty() {
    assert_eq!(applied(r"\d=\s", "12").1, Verdict::Empty);
}

#[test]
fn a_number_may_come_back_after_it_was_empty() {
    assert_eq!(dialled(".*= ^$=911", "anything"), "911");
}

#[test]
fn the_last_equals_sign_splits() {
    assert_eq!(dialled("(?=7)=+", "17"), "1+7");
    assert_eq!(dialled("8(?=9)=7", "8988"), "7988");
    assert_eq!(dialled("(?<=8)9=", "8989"), "88");
    assert_eq!(dialled("a=b=c", "a=b"), "c");
}

#[test]
fn what_is_an_expression_only_as_a_whole_is_a_filter() {
    for (filter, yes, no) in [
        ("(?=7)", "17", "18"),
        ("^(?=79)", "79", "179"),
        ("(?<=8)9", "89", "98"),
        ("^8(?=9)(?=..)", "892", "89"),
        ("[=]", "a=b", "ab"),
        ("a(?=b=c)", "ab=c", "ab=d"),
        ("^(?!810)", "8926", "8101"),
        ("(?<!8)9", "19", "89"),
    ] {
        let rules = rules(filter);
        assert_eq!(rules.apply(yes).verdict, Verdict::Dial, "{filter} {yes}");
        assert_eq!(rules.apply(no).verdict, Verdict::Filtered, "{filter} {no}");
        assert_eq!(rules.apply(yes).steps[0].kind, Kind::Filter);
    }
}

#[test]
fn groups_stand_in_the_right_part() {
    assert_eq!(dialled(r"^8(\d{3})(\d+)$=+7\1\2", "8926123"), "+7926123");
    assert_eq!(dialled(r"(\d)(\d)=\2\1", "1234"), "2143");
    assert_eq!(
        dialled(r"(.)(.)(.)(.)(.)(.)(.)(.)(.)=\9\1", "123456789"),
        "91"
    );
    assert_eq!(dialled(r"(1)=\10", "1"), "10");
    assert_eq!(dialled(r"(?:(8)|(7))=<\1\2>", "87"), "<8><7>");
    assert_eq!(dialled(r"(?P<code>\d{3})=\1-", "926"), "926-");
    assert_eq!(dialled(r"(\d)\1=\1", "1223"), "123");
    assert_eq!(dialled(r"(\d)(?=(\d))=\1\2", "12"), "122");
}

#[test]
fn signs_in_the_right_part_are_ordinary() {
    assert_eq!(dialled("^8=$7", "8"), "$7");
    assert_eq!(dialled("^(8)=$1${1}$$", "8"), "$1${1}$$");
    assert_eq!(dialled("^8=&.*?[(", "8"), "&.*?[(");
    assert_eq!(dialled(r"^8=\+7\\\*", "8"), r"+7\*");
    assert_eq!(dialled(r"^8=8\s", "8926"), "8 926");
    assert_eq!(dialled("^8=семь", "8"), "семь");
}

#[test]
fn empty_matches_are_replaced_as_regex_does_it() {
    for (pattern, right) in [
        ("x*", ""),
        ("x*", "-"),
        ("^", "+7"),
        ("$", "9"),
        ("", "-"),
        (r"\b", "|"),
    ] {
        for number in ["", "x", "axb", "xx", "8 926", "ёx", "12"] {
            let expected = regex::Regex::new(pattern)
                .unwrap()
                .replace_all(number, right);
            let outcome = rules(&format!("{pattern}={right} ^")).apply(number);
            assert_eq!(outcome.number, expected, "{pattern}={right} on {number}");
        }
    }
}

#[test]
fn look_around_replaces_empty_matches_alike() {
    let plain = regex::Regex::new("x*").unwrap();
    for number in ["", "x", "axb", "xx", "xaxx", "ёxё"] {
        let expected = plain.replace_all(number, "-");
        let outcome = rules("x*(?=)=- (?=)").apply(number);
        assert_eq!(outcome.number, expected, "{number}");
    }
    assert_eq!(dialled(r"\B(?=(\d{3})+$)=.", "1234567"), "1.234.567");
}

#[test]
fn a_lone_equals_sign_clears_the_rules() {
    for text in ["=", " = ", "`=`", "``` = ```", "", "  ", "``"] {
        let rules = rules(text);
        assert!(rules.is_empty() && rules.text().is_empty(), "{text}");
        assert_eq!(rules, Rules::default());
    }
    assert_eq!(rules("= ^8=7").text(), "= ^8=7");
}

#[test]
fn backticks_and_spaces_around_rules_are_dropped() {
    let plain = rules(r"[^\d]= ^8=7");
    for text in [
        r"`[^\d]= ^8=7`",
        r"`[^\d]=` `^8=7`",
        r"  [^\d]=   ^8=7  ",
        "```\n[^\\d]=\n^8=7\n```",
        "[^\\d]=\u{a0}^8=7\t",
    ] {
        assert_eq!(rules(text), plain, "{text}");
        assert_eq!(rules(text).text(), r"[^\d]= ^8=7");
    }
    assert_eq!(dialled("1`2=3", "1`2"), "3");
}

#[test]
fn a_space_in_a_number_is_found_by_its_escape() {
    assert_eq!(dialled(r"\s=", "8 926 1"), "89261");
}

#[test]
fn numbers_may_be_any_text() {
    assert_eq!(dialled(r"[^\w+*#]=", "+7 (9) \u{2011} 👍 вася"), "+79вася");
    assert_eq!(dialled("👍=+", "👍7"), "+7");
    assert_eq!(dialled("(.)(.)=\\2\\1", "ёжик"), "жёки");
    assert_eq!(dialled("(?i)ИВАН=101", "иван"), "101");
    assert_eq!(dialled(r"(?i)[^а-яё\d]=", "Ёж-1"), "Ёж1");
}

#[test]
fn the_place_of_a_mistake_is_told() {
    let table = [
        ("^8=7 (8=7", 6, "reason-rule-unclosed-group"),
        ("^8=7  `8)=7`", 9, "reason-rule-unopened-group"),
        ("ё [0-9", 3, "reason-rule-unclosed-class"),
        ("[9-0]", 2, "reason-rule-range"),
        ("8|*", 3, "reason-rule-nothing-to-repeat"),
        (r"\d{9", 3, "reason-rule-count"),
        (r"\d{9,1}", 3, "reason-rule-count"),
        (r"8\", 2, "reason-rule-backslash"),
        (r"ёё\y=1", 3, "reason-rule-escape"),
        ("(?q)8", 3, "reason-rule-group"),
        (r"\p{Nonsense}", 1, "reason-rule-property"),
        (r"(8)=\2", 5, "reason-rule-no-group"),
        (r"8=\1", 3, "reason-rule-no-group"),
        (r"(8)\2", 1, "reason-rule-no-group"),
        (r"8=7\d", 4, "reason-rule-replacement"),
        (r"8=7\0", 4, "reason-rule-replacement"),
        (r"8=7\", 4, "reason-rule-replacement"),
        ("(?=7", 5, "reason-rule-unclosed-group"),
        ("(?<=7", 6, "reason-rule-unclosed-group"),
        ("(?=7))", 6, "reason-rule-unopened-group"),
        ("(?<=7*)8", 1, "reason-rule-look-behind"),
        (r"(?=8)\g<1>(9)", 1, "reason-rule-unsupported"),
        (r"(?=8)(?~9)", 1, "reason-rule-unsupported"),
        (r"(8)?(?=9)(?(1)7|6)", 1, "reason-rule-unsupported"),
        (r"(?=8)\K9", 1, "reason-rule-unsupported"),
        (r"(?:\w{99}){99}", 1, "reason-rule-too-big"),
        (r"(?=8)\d{999}", 1, "reason-rule-too-big"),
        (r"(?i)[\w]", 1, "reason-rule-too-big"),
        (r"a(?i:b[^\W])", 1, "reason-rule-too-big"),
        (r"(?i)\p{L}", 1, "reason-rule-too-big"),
        (r"(?i)(?=8)[a-я]", 1, "reason-rule-too-big"),
        (r"8 \w{15}= \w{15}=", 11, "reason-rule-too-big"),
    ];
    for (text, at, reason) in table {
        assert_eq!(refused(text), (at, reason), "{text}");
    }
    let deep = format!("{}8{}", "(".repeat(100), ")".repeat(100));
    assert_eq!(refused(&deep).1, "reason-rule-too-big");
    assert_eq!(refused(&format!("(?=8){deep}")).1, "reason-rule-too-big");
}

#[test]
fn a_mistake_names_its_rule() {
    let error = Rules::parse("^8=7 `(8=7`").unwrap_err();
    assert_eq!(error.rule, "(8=7");
    assert_eq!(error.to_string(), "(8=7: unclosed group (character 7)");
}

#[test]
fn the_text_and_the_number_of_rules_are_bounded() {
    let most = ["a"; MOST_RULES].join(" ");
    assert_eq!(rules(&most).apply("a").steps.len(), MOST_RULES);
    let column = most.len() + 2;
    assert_eq!(
        refused(&format!("{most} a")),
        (column, "reason-rule-too-many")
    );
    let long = "a".repeat(LONGEST_TEXT + 1);
    assert_eq!(refused(&long), (1, "reason-rule-text-long"));
}

#[test]
fn numbers_are_bounded_at_every_step() {
    let longest = "ё".repeat(LONGEST_NUMBER);
    assert_eq!(dialled("x=y", &longest), longest);
    for (text, number) in [
        ("x=y", format!("{longest}1")),
        ("$=1", longest.clone()),
        (r"(.*)=\1\1", "1".repeat(100)),
        (".=1111111111", "1".repeat(13)),
    ] {
        let outcome = rules(text).apply(&number);
        assert_eq!(outcome.verdict, Verdict::Filtered, "{text}");
        let step = outcome.stopped_by().expect("a step");
        assert_eq!(step.stop, Some(Stop::TooLong));
        assert_eq!(outcome.number, number);
    }
}

#[test]
fn an_expression_that_tries_too_much_stops_the_number() {
    let evil = rules(r"^(a|a)*(?=b)$");
    let outcome = evil.apply(&"a".repeat(100));
    assert_eq!(outcome.verdict, Verdict::Filtered);
    assert_eq!(
        outcome.stopped_by().expect("a step").stop,
        Some(Stop::Attempts)
    );
    assert_eq!(evil.apply("c").stopped_by().expect("a step").stop, None);
}

#[test]
fn rules_that_do_too_much_together_stop_the_number() {
    let many = [r"(?!x)\d=1"; 8].join(" ");
    let outcome = rules(&many).apply(&"1".repeat(LONGEST_NUMBER));
    assert_eq!(
        outcome.stopped_by().expect("a step").stop,
        Some(Stop::Attempts)
    );
    assert_eq!(dialled(&many, "8 (926) 123-45-67"), "1 (111) 111-11-11");
}

#[test]
fn an_outcome_reads_as_the_design_has_it_in_json() {
    let outcome = rules("^8=7 ^9").apply("8926");
    let expected = serde_json::json!({
        "verdict": "filtered",
        "number": "7926",
        "steps": [
            { "rule": "^8=7", "kind": "replace", "before": "8926", "after": "7926", "matched": true },
            { "rule": "^9", "kind": "filter", "before": "7926", "after": "7926", "matched": false },
        ],
    });
    assert_eq!(serde_json::to_value(outcome).unwrap(), expected);
    let outcome = rules("x=y").apply(&"1".repeat(200));
    let json = serde_json::to_value(outcome).unwrap();
    assert_eq!(json["steps"][0]["reason"], "too-long");
}

#[test]
fn rules_are_shared_between_threads() {
    fn goes_anywhere<T: Send + Sync + Clone + 'static>(_: &T) {}
    goes_anywhere(&rules("(?=8)"));
}

/// Words made of what expressions are made of.
fn word() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[0-9a-cё]",
        Just(r"\d".to_string()),
        Just(r"[^\w+]".to_string()),
        Just(".".to_string()),
        Just("(?=".to_string()),
        Just("(?<!8".to_string()),
        Just("(".to_string()),
        Just(")".to_string()),
        Just("=".to_string()),
        Just("`".to_string()),
        Just("|".to_string()),
        Just("^".to_string()),
        Just("$".to_string()),
        "[*+?]",
        r"\{[0-9]{1,4}(,[0-9]{0,4})?\}",
        r"\\[0-9a-z]",
    ];
    prop::collection::vec(piece, 1..12).prop_map(|pieces| pieces.concat())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(word(), 0..5).prop_map(|words| words.join(" ")),
        r"\PC{0,40}",
        r"[\\(){}\[\]?=*+.|^$<!:0-9a-c \n`-]{0,40}",
    ]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        r"\+?[0-9 ()-]{0,20}",
        r"\PC{0,30}",
        "a{0,140}",
        "[abё1]{0,40}"
    ]
}

proptest! {
    #[test]
    fn whatever_is_typed_is_read_or_refused_with_a_place(text in text()) {
        match Rules::parse(&text) {
            Ok(_) => {}
            Err(error) => {
                prop_assert!(error.at >= 1 && error.at <= text.chars().count() + 1);
                prop_assert!(error.reason_key.starts_with("reason-rule-"));
                prop_assert!(text.contains(&error.rule));
            }
        }
    }

    #[test]
    fn rules_read_back_from_their_text_are_the_same(text in text(), number in number()) {
        if let Ok(rules) = Rules::parse(&text) {
            let again = Rules::parse(rules.text()).unwrap();
            prop_assert_eq!(&again, &rules);
            prop_assert_eq!(again.text(), rules.to_string());
            prop_assert_eq!(again.apply(&number), rules.apply(&number));
        }
    }

    #[test]
    fn words_joined_by_any_space_split_again(words in prop::collection::vec("[a-z0-9]{1,5}", 1..6), gap in r"\s{1,3}") {
        let rules = rules(&words.join(&gap));
        prop_assert_eq!(rules.text(), words.join(" "));
    }

    #[test]
    fn applying_is_bounded_and_always_the_same(text in text(), number in number()) {
        if let Ok(rules) = Rules::parse(&text) {
            let outcome = rules.apply(&number);
            prop_assert_eq!(&outcome, &rules.apply(&number));
            prop_assert!(outcome.number.chars().count() <= LONGEST_NUMBER.max(number.chars().count()));
            let mut before = number.as_str();
            for step in &outcome.steps {
                prop_assert_eq!(&step.before, before);
                before = &step.after;
            }
            prop_assert_eq!(outcome.number, before);
        }
    }

    #[test]
    fn a_replacement_without_groups_is_what_regex_makes_of_it(number in "[ab8]{0,12}", pattern in "[ab8.*?|^$]{0,6}") {
        if let Ok(expected) = regex::Regex::new(&pattern) {
            let made = expected.replace_all(&number, "-").into_owned();
            prop_assert_eq!(rules(&format!("{pattern}=-")).apply(&number).number, made);
        }
    }
}
