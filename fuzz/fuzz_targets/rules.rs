//! Any text is read as dial rules or refused, and what is read can be applied to any number.
//!
//! The first line of the input is the number, the rest the rules.
#![no_main]

use gudok_fuzz::rules::Rules;
use gudok_fuzz::rules::limits::LONGEST_NUMBER;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let (number, text) = input.split_once('\n').unwrap_or((input, input));
    match Rules::parse(text) {
        Ok(rules) => {
            assert_eq!(Rules::parse(rules.text()).as_ref(), Ok(&rules));
            let outcome = rules.apply(number);
            assert_eq!(outcome, rules.apply(number));
            let longest = LONGEST_NUMBER.max(number.chars().count());
            assert!(outcome.number.chars().count() <= longest);
        }
        Err(error) => assert!((1..=text.chars().count() + 1).contains(&error.at)),
    }
});
