//! From the layouts of older programs to the present one, step by step.

use super::super::settings::Settings;
use crate::account::{Account, DtmfMethod};
use crate::codec::CodecId;

/// Brings settings that were written in the layout `from` to the present one.
pub(super) fn migrate(settings: &mut Settings, from: i64) {
    for entry in &mut settings.accounts {
        account(&mut entry.account, from);
    }
}

/// The same for one account.
pub(super) fn account(account: &mut Account, from: i64) {
    if from < 2 {
        offer_inband(account);
    }
    if from < 3 {
        offer_g722(account);
    }
}

/// Version 2 came with digits as tones: the last resort of whoever left the list as it was.
fn offer_inband(account: &mut Account) {
    if account.dtmf == [DtmfMethod::Rfc2833, DtmfMethod::Info] {
        account.dtmf.push(DtmfMethod::Inband);
    }
}

/// Version 3 came with G.722, for whoever left the list as it was.
fn offer_g722(account: &mut Account) {
    if account.codecs == [CodecId::Opus, CodecId::Alaw, CodecId::Ulaw] {
        account.codecs.insert(1, CodecId::G722);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_untouched_list_of_version_1_gets_inband_and_a_chosen_one_stays() {
        let mut untouched = Account::new("a1".into());
        untouched.dtmf = vec![DtmfMethod::Rfc2833, DtmfMethod::Info];
        let mut chosen = Account::new("a2".into());
        chosen.dtmf = vec![DtmfMethod::Info];
        for account in [&mut untouched, &mut chosen] {
            super::account(account, 1);
        }
        assert_eq!(untouched.dtmf, Account::new("a3".into()).dtmf);
        assert_eq!(chosen.dtmf, [DtmfMethod::Info]);

        let mut present = Account::new("a4".into());
        present.dtmf = vec![DtmfMethod::Rfc2833, DtmfMethod::Info];
        super::account(&mut present, 2);
        assert_eq!(present.dtmf, [DtmfMethod::Rfc2833, DtmfMethod::Info]);
    }
    #[test]
    fn an_untouched_list_of_version_2_gets_g722_and_a_chosen_one_stays() {
        use CodecId::{Alaw, Opus, Ulaw};
        for (codecs, from, migrated) in [
            (vec![Opus, Alaw, Ulaw], 1, CodecId::ALL.to_vec()),
            (vec![Opus, Alaw, Ulaw], 2, CodecId::ALL.to_vec()),
            (vec![Opus, Alaw, Ulaw], 3, vec![Opus, Alaw, Ulaw]),
            (vec![Alaw, Opus, Ulaw], 2, vec![Alaw, Opus, Ulaw]),
            (vec![Alaw], 2, vec![Alaw]),
        ] {
            let mut account = Account::new("a1".into());
            account.codecs = codecs;
            super::account(&mut account, from);
            assert_eq!(account.codecs, migrated, "{from}");
        }
    }
}
