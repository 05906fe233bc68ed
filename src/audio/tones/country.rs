use super::Supervisory;

/// Frequencies that sound together, switched on and off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rhythm {
    /// Hz.
    pub hertz: &'static [f32],
    /// How long it sounds and how long it is quiet, in turn, ms; then again from the beginning.
    pub steps: &'static [u32],
}

/// The supervisory tones of a country, by ITU-T E.180 Supplement 2 and what its networks play.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Country {
    /// ISO 3166-1 alpha-2, small letters.
    pub code: &'static str,
    /// It rings at the far side.
    pub ringback: Rhythm,
    /// The far side is busy.
    pub busy: Rhythm,
    /// The call can't be put through.
    pub congestion: Rhythm,
}

const fn country(
    code: &'static str,
    hertz: &'static [f32],
    ringback: &'static [u32],
    busy: &'static [u32],
    congestion: &'static [u32],
) -> Country {
    Country {
        code,
        ringback: Rhythm {
            hertz,
            steps: ringback,
        },
        busy: Rhythm { hertz, steps: busy },
        congestion: Rhythm {
            hertz,
            steps: congestion,
        },
    }
}

const HZ_425: &[f32] = &[425.0];
const SECOND_IN_FIVE: &[u32] = &[1000, 4000];
const HALF: &[u32] = &[500, 500];
const QUARTER: &[u32] = &[250, 250];
const FIFTH: &[u32] = &[200, 200];

/// The countries there are tones of; the first is taken for all others.
const COUNTRIES: &[Country] = &[
    country("ru", HZ_425, &[800, 3200], &[350, 350], &[175, 175]),
    Country {
        ringback: Rhythm {
            hertz: &[413.0, 438.0],
            steps: &[400, 200, 400, 2000],
        },
        ..country("au", HZ_425, &[], &[375, 375], &[375, 375])
    },
    country("at", &[420.0], &[1000, 5000], &[400, 400], FIFTH),
    country("by", HZ_425, &[800, 3200], &[350, 350], &[175, 175]),
    country("cz", HZ_425, SECOND_IN_FIVE, &[330, 330], &[165, 165]),
    country("ch", HZ_425, SECOND_IN_FIVE, HALF, FIFTH),
    country("cn", &[450.0], SECOND_IN_FIVE, &[350, 350], &[700, 700]),
    country("de", HZ_425, SECOND_IN_FIVE, &[480, 480], &[240, 240]),
    country("ee", HZ_425, SECOND_IN_FIVE, &[300, 300], FIFTH),
    country(
        "es",
        HZ_425,
        &[1500, 3000],
        FIFTH,
        &[200, 200, 200, 200, 200, 600],
    ),
    country("fi", HZ_425, SECOND_IN_FIVE, &[300, 300], FIFTH),
    country("fr", &[440.0], &[1500, 3500], HALF, QUARTER),
    Country {
        ringback: Rhythm {
            hertz: &[400.0, 450.0],
            steps: &[400, 200, 400, 2000],
        },
        ..country("gb", &[400.0], &[], &[375, 375], &[400, 350, 225, 525])
    },
    country("il", &[414.0], &[1000, 3000], HALF, QUARTER),
    country("it", HZ_425, SECOND_IN_FIVE, HALF, FIFTH),
    country("kz", HZ_425, &[800, 3200], &[350, 350], &[175, 175]),
    country("lt", HZ_425, SECOND_IN_FIVE, &[350, 350], FIFTH),
    country("nl", HZ_425, SECOND_IN_FIVE, HALF, QUARTER),
    country("pl", HZ_425, SECOND_IN_FIVE, HALF, HALF),
    country("se", HZ_425, &[1000, 5000], QUARTER, &[250, 750]),
    country("ua", HZ_425, SECOND_IN_FIVE, HALF, QUARTER),
    Country {
        ringback: Rhythm {
            hertz: &[440.0, 480.0],
            steps: &[2000, 4000],
        },
        ..country("us", &[480.0, 620.0], &[], HALF, QUARTER)
    },
];

impl Country {
    /// All there are tones of.
    pub fn all() -> &'static [Self] {
        COUNTRIES
    }

    /// The country with this code, in letters of any size.
    pub fn find(code: &str) -> Option<&'static Self> {
        let is = |country: &&Self| country.code.eq_ignore_ascii_case(code);
        COUNTRIES.iter().find(is)
    }

    /// The country that a preference names; for anything else the one of the first of these
    /// locales (`de-AT`, `ru_RU.UTF-8`) whose region there are tones of, or Russia.
    pub fn choose(preference: &str, locales: impl Iterator<Item = String>) -> &'static Self {
        let region = |locale: String| {
            let mut parts = locale.split(['.', '@']).next()?.split(['-', '_']).skip(1);
            parts.find_map(Self::find)
        };
        let found = Self::find(preference).or_else(|| locales.into_iter().find_map(region));
        found.unwrap_or(Self::RUSSIA)
    }

    const RUSSIA: &'static Self = &COUNTRIES[0];
}

impl Default for &'static Country {
    fn default() -> Self {
        Country::RUSSIA
    }
}

impl From<&Rhythm> for Supervisory {
    fn from(rhythm: &Rhythm) -> Self {
        Self::new(rhythm.hertz, rhythm.steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(preference: &str, locales: &[&str]) -> &'static str {
        let locales = locales.iter().map(|locale| (*locale).to_owned());
        Country::choose(preference, locales).code
    }

    #[test]
    fn the_country_is_the_chosen_one_or_the_system_s_or_russia() {
        assert_eq!(chosen("de", &["en-US"]), "de");
        assert_eq!(chosen("system", &["en-GB", "ru-RU"]), "gb");
        assert_eq!(chosen("system", &["fr", "de_AT.UTF-8@euro"]), "at");
        assert_eq!(chosen("system", &["zh-Hans-CN"]), "cn");
        assert_eq!(chosen("system", &["C", "eo", "pt-BR"]), "ru");
        assert_eq!(chosen("", &[]), "ru");
    }

    #[test]
    fn every_country_has_its_own_code_and_three_tones_that_sound_and_rest() {
        for (at, country) in COUNTRIES.iter().enumerate() {
            assert!(
                COUNTRIES[..at]
                    .iter()
                    .all(|other| other.code != country.code)
            );
            for rhythm in [country.ringback, country.busy, country.congestion] {
                assert!((1..=2).contains(&rhythm.hertz.len()), "{}", country.code);
                let steps = rhythm.steps;
                assert!(
                    !steps.is_empty() && steps.len() % 2 == 0,
                    "{}",
                    country.code
                );
                assert!(steps.iter().all(|step| (100..=5000).contains(step)));
            }
        }
    }
}
