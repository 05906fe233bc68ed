//! Random rules and numbers: much like what people type, what they mistype, and what is made to
//! take long.

use fastrand::Rng;

/// Rules that try the engines hard.
const EVIL: &[&str] = &[
    r"(a|a)*b",
    r"(a*)*b",
    r"(?=(a+)+b)",
    r"^(a|a)*(?=b)$",
    r"(a|ab|b)*(?=c)",
    r"(\w+)\1",
    r"(\w+)\1+$",
    r"(?:(\w)(?=.*\1))+$",
    r"(?=.*a)(?=.*b)(?=.*c)a",
    r"(?=(?:.*a){3})x",
    r"(?!(?:a?){20}a{20}$)=b",
    r"(?:a?){30}a{30}",
    r".*[^a]|a=",
    r"(?:.*a)*b=1",
    r"(?<=a)(?=a)=aa",
    r"(.*)=\1\1",
    r"(?=)=1",
    r"[ab]*a[ab]{30}",
    r"\w{20}\d=",
    r"(?i)(?:иван|пётр|анна|мария){1,9}",
    r"(?:(?=a)a|a)*$",
    r"(?:(?:(?:(?=a)a)*)*)*b",
    r"((((a*)*)*)*)*(?=b)",
    r"(?:(?=)){400}x",
    r"\b(?!\d)\w+(?<!x)\b=y",
    r"(a?){400}c|.=x",
    r"(?:a?){400}a{400}c|.=x",
    r"(.?){100}c|.=",
    r"(?:(?:(.)(?=(.*)\1))+$)|.=q",
    r"(?:(?:(.)(?=(.*)\1))+$)|(?=.)",
    r"(?:.|.)*(?<!.{100})z=q",
    r"(?:(?!.*[z1]$)(?:a|a))*b$",
    r"(?i)(.*)(.*)\2\1z",
];

/// Rules as people write them.
const USUAL: &[&str] = &[
    r"[^\w+*#]=",
    r"\D=",
    r"\s=",
    r"^8=7",
    r"^\+7=8",
    r"^79\d{9}$",
    r"^(?!810)",
    r"^8(\d{10})$=+7\1",
    r"^(\d{3})$=7495123\1",
    r"^00=+",
    r".*=",
    r"(?=7)",
    r"(?<=\d)-(?=\d)=",
    r"^9(\d{2})(\d{7})$=0\1-\2",
    r"^(?:101|102|103|112)$",
    r"\B(?=(\d{3})+$)=.",
];

const ATOMS: &[&str] = &[
    "0",
    "7",
    "8",
    "9",
    "a",
    "b",
    "ё",
    "👍",
    ".",
    r"\d",
    r"\D",
    r"\w",
    r"\W",
    r"\s",
    r"\b",
    r"\B",
    "^",
    "$",
    r"\A",
    r"\z",
    "[0-9]",
    "[^0-9]",
    "[a-cё]",
    r"[\d+]",
    r"[^\w+*#]",
    "[[:alpha:]]",
    "[0-9&&[^8]]",
    r"\p{L}",
    r"\p{Cyrillic}",
    r"\x41",
    r"\u{451}",
    r"\+",
    r"\*",
    r"\.",
    r"\(",
    "-",
    "#",
];
const RARE_ATOMS: &[&str] = &[
    r"\1", r"\1", r"\2", r"\9", r"\k<n>", r"\K", r"\G", r"\h", r"\R", r"\Z", "=", "`", "(?i)",
    "(?s)", "(?U)",
];
const OPENINGS: &[&str] = &["(", "(", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?i:"];
const RARE_OPENINGS: &[&str] = &["(?>", "(?P<n>", "(?<m>", "(?~", "(?(1)", "(?P=n", "(?x:"];
const QUANTIFIERS: &[&str] = &[
    "*", "+", "?", "*", "+", "?", "*?", "+?", "??", "*+", "++", "{2}", "{3,}", "{0,4}", "{2,3}?",
    "{20}", "{,3}", "{0}", "{99}",
];
const GARBAGE: &[&str] = &[
    "(", ")", "[", "]", "{", "}", "?", "*", "|", "\\", "^", "$", "=", "&&", "-", ":", "<", "!",
    "\u{0}", "\u{200b}", "ß", "İ", "𝟘", ",", "1",
];
const RIGHT: &[&str] = &[
    "7", "8", "+7", "", "", "$1", "ё", "a", "00", "x", r"\\", r"\s", r"\*", "12",
];
const RARE_RIGHT: &[&str] = &[r"\2", r"\9", r"\0", r"\d"];

fn one<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    of.get(rng.usize(0..of.len())).copied().unwrap_or_default()
}

fn one_or_rare<'a>(rng: &mut Rng, of: &[&'a str], rare: &[&'a str]) -> &'a str {
    let of = if rng.u8(0..25) == 0 { rare } else { of };
    one(rng, of)
}

/// A text of rules.
pub fn rules(rng: &mut Rng) -> String {
    let count = match rng.u8(0..20) {
        0 => rng.usize(4..64),
        1..=5 => rng.usize(2..5),
        _ => 1,
    };
    let mut rules: Vec<String> = (0..count).map(|_| rule(rng)).collect();
    if rng.u8(0..20) == 0 {
        rules.resize(rng.usize(1..65), rule(rng));
    }
    let mut text = rules.join(" ");
    if rng.u8(0..20) == 0 {
        text = format!("`{text}`");
    }
    text
}

fn rule(rng: &mut Rng) -> String {
    let mut text = String::new();
    match rng.u8(0..10) {
        0 => text.push_str(one(rng, EVIL)),
        1 => text.push_str(one(rng, USUAL)),
        2 => {
            for _ in 0..rng.usize(1..20) {
                text.push_str(one(rng, GARBAGE));
            }
        }
        3 => {
            // A rule that somebody mistyped.
            let of = if rng.bool() { USUAL } else { EVIL };
            let base = one(rng, of);
            let cut = rng.usize(0..=base.chars().count());
            text.extend(base.chars().take(cut));
            text.push_str(one(rng, GARBAGE));
            text.extend(base.chars().skip(cut + rng.usize(0..2)));
        }
        _ => {
            expression(rng, &mut text, 4);
            if rng.bool() {
                text.push('=');
                for _ in 0..rng.usize(0..4) {
                    text.push_str(one_or_rare(rng, RIGHT, RARE_RIGHT));
                }
                if text.contains('(') && rng.bool() {
                    text.push_str(r"\1");
                }
            }
        }
    }
    text
}

fn expression(rng: &mut Rng, text: &mut String, depth: usize) {
    for _ in 0..rng.usize(1..5) {
        if depth > 0 && rng.u8(0..4) == 0 {
            text.push_str(one_or_rare(rng, OPENINGS, RARE_OPENINGS));
            expression(rng, text, depth - 1);
            if rng.u8(0..60) != 0 {
                text.push(')');
            }
        } else {
            text.push_str(one_or_rare(rng, ATOMS, RARE_ATOMS));
        }
        if rng.u8(0..3) == 0 {
            text.push_str(one(rng, QUANTIFIERS));
        }
        if rng.u8(0..8) == 0 {
            text.push('|');
        }
    }
}

/// A number.
pub fn number(rng: &mut Rng) -> String {
    let any = |rng: &mut Rng, of: &str, most: usize| -> String {
        let of: Vec<char> = of.chars().collect();
        let length = rng.usize(0..=most);
        (0..length)
            .filter_map(|_| of.get(rng.usize(0..of.len())).copied())
            .collect()
    };
    match rng.u8(0..10) {
        0..=2 => any(rng, "0123456789", 15),
        3..=4 => any(rng, "0123456789 ()-+.", 25),
        5 => any(rng, "abcxyzё01", 40),
        6 => any(rng, "a", 128) + one(rng, &["", "b", "c", "1"]),
        7 => any(rng, "ab", 130),
        8 => any(rng, "0189 abёЖßİ👍𝟘\u{a0}\u{200b}\n*#", 128),
        _ => {
            let length = rng.usize(0..60);
            std::iter::repeat_with(|| rng.char(..))
                .take(length)
                .collect()
        }
    }
}
