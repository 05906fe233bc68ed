use super::DeviceSpec;

/// What has just been found not to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Failed {
    /// The device that was asked for.
    pub(super) wanted: bool,
    /// The device that the system has as its default.
    pub(super) default: bool,
}

/// The best device to use now: the one that was asked for if it is there and works, else the
/// system's default, else silence, so that a call goes on.
pub(super) fn choose(wanted: &DeviceSpec, available: &[String], failed: Failed) -> DeviceSpec {
    let default_works = !available.is_empty() && !failed.default;
    match wanted {
        DeviceSpec::Named(name) if !failed.wanted && available.contains(name) => wanted.clone(),
        DeviceSpec::Direct(_) if !failed.wanted => wanted.clone(),
        DeviceSpec::Named(_) | DeviceSpec::Direct(_) | DeviceSpec::Default if default_works => {
            DeviceSpec::Default
        }
        DeviceSpec::Named(_) | DeviceSpec::Direct(_) | DeviceSpec::Default => DeviceSpec::Silence,
        _ if failed.wanted => DeviceSpec::Silence,
        _ => wanted.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_best_device_is_taken_whatever_fails() {
        let headset = DeviceSpec::Named("Headset".into());
        let direct = DeviceSpec::Direct(None);
        let file = DeviceSpec::File("in.wav".into());
        let (none, wanted, default, both) = (
            Failed::default(),
            Failed {
                wanted: true,
                default: false,
            },
            Failed {
                wanted: false,
                default: true,
            },
            Failed {
                wanted: true,
                default: true,
            },
        );
        let (nothing, other, all): (&[&str], &[&str], &[&str]) =
            (&[], &["Built-in"], &["Built-in", "Headset"]);
        for (asked, available, failed, chosen) in [
            // Asked by name: there, gone with others left, gone with nothing left.
            (&headset, all, none, &headset),
            (&direct, nothing, none, &direct),
            (&direct, all, wanted, &DeviceSpec::Default),
            (&direct, nothing, wanted, &DeviceSpec::Silence),
            (&headset, other, none, &DeviceSpec::Default),
            (&headset, nothing, none, &DeviceSpec::Silence),
            // Asked by name, there, but it doesn't work.
            (&headset, all, wanted, &DeviceSpec::Default),
            (&headset, all, both, &DeviceSpec::Silence),
            (&headset, all, default, &headset),
            (&headset, other, default, &DeviceSpec::Silence),
            // As the system has it.
            (&DeviceSpec::Default, all, none, &DeviceSpec::Default),
            (&DeviceSpec::Default, other, wanted, &DeviceSpec::Default),
            (&DeviceSpec::Default, other, default, &DeviceSpec::Silence),
            (&DeviceSpec::Default, nothing, none, &DeviceSpec::Silence),
            // What is no device of the system stays, unless it broke.
            (&file, nothing, none, &file),
            (&file, all, wanted, &DeviceSpec::Silence),
            (&DeviceSpec::Loop, all, both, &DeviceSpec::Silence),
            (
                &DeviceSpec::Tone(440.0),
                nothing,
                default,
                &DeviceSpec::Tone(440.0),
            ),
            (&DeviceSpec::Silence, all, none, &DeviceSpec::Silence),
        ] {
            let available: Vec<String> = available.iter().map(|name| (*name).into()).collect();
            assert_eq!(
                choose(asked, &available, failed),
                *chosen,
                "{asked} with {available:?} and {failed:?}"
            );
        }
    }
}
