use secrecy::SecretString;

/// What a program shows Telegram to be let in: `api_id` and `api_hash` of my.telegram.org.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// The number of the program.
    pub id: i32,
    /// Its secret, 32 hexadecimal digits.
    pub hash: SecretString,
}

impl ApiKey {
    /// The key this program was built with: `GUDOK_API_ID` and `GUDOK_API_HASH` at build time.
    pub fn of_build() -> Option<Self> {
        let id = option_env!("GUDOK_API_ID").and_then(Self::read_id)?;
        let hash = option_env!("GUDOK_API_HASH").and_then(Self::read_hash)?;
        Some(Self { id, hash })
    }

    /// Reads an `api_id`, a positive number.
    pub fn read_id(text: &str) -> Option<i32> {
        text.trim().parse().ok().filter(|id| *id > 0)
    }

    /// Reads an `api_hash`, 32 hexadecimal digits.
    pub fn read_hash(text: &str) -> Option<SecretString> {
        let text = text.trim();
        let fits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        fits.then(|| SecretString::from(text))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::ApiKey;

    #[test]
    fn an_id_is_a_positive_number_and_a_hash_32_hexadecimal_digits() {
        assert_eq!(ApiKey::read_id(" 12345 "), Some(12345));
        for wrong in ["", "0", "-5", "12a", "99999999999"] {
            assert_eq!(ApiKey::read_id(wrong), None, "{wrong}");
        }
        let hash = "0123456789abcdef0123456789ABCDEF";
        assert_eq!(ApiKey::read_hash(hash).unwrap().expose_secret(), hash);
        for wrong in ["", "0123", "0123456789abcdef0123456789abcdeg"] {
            assert!(ApiKey::read_hash(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_hash_is_not_told_by_debugging_output() {
        let hash = ApiKey::read_hash("0123456789abcdef0123456789abcdef").unwrap();
        assert!(!format!("{:?}", ApiKey { id: 1, hash }).contains("0123"));
    }
}
