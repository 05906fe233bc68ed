/// A telephone number as Telegram wants it, `+` and 7 to 15 digits, out of what a person typed.
///
/// A Russian number that begins with 8 is taken for what it means; any other has to begin with
/// its country.
pub fn international(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let is_written = |c: char| c.is_ascii_digit() || " ()-.\u{a0}".contains(c);
    let (plus, rest) = match typed.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, typed),
    };
    if !rest.chars().all(is_written) {
        return None;
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let digits = match digits.strip_prefix("00") {
        Some(after) if !plus => after.to_owned(),
        _ => digits,
    };
    let russian = !plus && digits.len() == 11;
    let digits = match digits.strip_prefix('8') {
        Some(after) if russian => format!("7{after}"),
        _ => digits,
    };
    let fits = (7..=15).contains(&digits.len()) && !digits.starts_with('0');
    fits.then(|| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use super::international;

    #[test]
    fn a_number_is_understood_however_it_is_written() {
        for (typed, meant) in [
            ("+7 926 123-45-67", "+79261234567"),
            ("8 (926) 123-45-67", "+79261234567"),
            ("79261234567", "+79261234567"),
            ("00 49 30 901820", "+4930901820"),
            ("+81 3 1234 5678", "+81312345678"),
            (" +1.415.555.0132 ", "+14155550132"),
        ] {
            assert_eq!(international(typed).as_deref(), Some(meant), "{typed}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for typed in [
            "",
            "+",
            "123",
            "anna",
            "+7926123456789012",
            "7+926",
            "0123456789",
        ] {
            assert_eq!(international(typed), None, "{typed}");
        }
    }
}
