//! The order in which the servers of SRV records are tried (RFC 2782).

/// One SRV record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record<T> {
    pub priority: u16,
    pub weight: u16,
    pub target: T,
}

/// Lower priorities first; among equal ones by lot, in proportion to the weights.
pub(super) fn in_order<T>(mut records: Vec<Record<T>>, rng: &mut fastrand::Rng) -> Vec<T> {
    let mut ordered = Vec::with_capacity(records.len());
    // Those of weight 0 stand first, as RFC 2782 has it: they are drawn only by the number 0.
    records.sort_by_key(|record| (record.priority, record.weight != 0));
    while let Some(priority) = records.first().map(|record| record.priority) {
        let equal = || {
            records
                .iter()
                .take_while(|record| record.priority == priority)
        };
        let total: u64 = equal().map(|record| u64::from(record.weight)).sum();
        let lot = rng.u64(0..=total);
        let mut sum = 0;
        let drawn = equal().position(|record| {
            sum += u64::from(record.weight);
            sum >= lot
        });
        ordered.push(records.remove(drawn.unwrap_or(0)).target);
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(priority: u16, weight: u16, target: &'static str) -> Record<&'static str> {
        Record {
            priority,
            weight,
            target,
        }
    }

    #[test]
    fn lower_priorities_go_first_whatever_the_weight() {
        let mut rng = fastrand::Rng::with_seed(1);
        for _ in 0..50 {
            let records = vec![
                record(20, 1, "last"),
                record(10, 65_535, "second"),
                record(0, 0, "first"),
            ];
            assert_eq!(in_order(records, &mut rng), ["first", "second", "last"]);
        }
    }

    #[test]
    fn equal_priorities_share_by_weight() {
        let mut rng = fastrand::Rng::with_seed(2);
        let firsts = (0..4000).filter(|_| {
            let records = vec![record(1, 10, "small"), record(1, 30, "big")];
            in_order(records, &mut rng).first() == Some(&"big")
        });
        let share = firsts.count() as f64 / 4000.0;
        assert!((0.70..0.80).contains(&share), "{share}");
    }

    #[test]
    fn weight_zero_is_rarely_first_and_never_left_out() {
        let mut rng = fastrand::Rng::with_seed(3);
        let mut zero_first = 0;
        for _ in 0..1000 {
            let records = vec![record(1, 0, "zero"), record(1, 99, "some")];
            let ordered = in_order(records, &mut rng);
            assert_eq!(ordered.len(), 2);
            zero_first += usize::from(ordered.first() == Some(&"zero"));
        }
        assert!((1..50).contains(&zero_first), "{zero_first}");
    }

    #[test]
    fn no_records_give_no_targets() {
        let none: Vec<Record<()>> = Vec::new();
        assert!(in_order(none, &mut fastrand::Rng::with_seed(4)).is_empty());
    }
}
