//! From what a lower room reports to what a person can act on.

use crate::audio::AudioError;
use crate::call::Problem;
use crate::media::DtlsFailure;
use crate::media::sdp::SdpError;
use crate::sip::{Failure, TransportError};

impl Problem {
    /// Why a call failed.
    pub fn of_call(failure: &Failure) -> Self {
        match failure {
            Failure::Status { status, reason } => match status {
                404 | 410 | 484 | 604 => Self::NotFound,
                408 | 480 => Self::Unavailable,
                415 | 488 | 606 => Self::NoCommonCodec,
                486 | 600 => Self::Busy,
                603 => Self::Declined,
                403 => Self::Forbidden {
                    reason: reason.clone(),
                },
                status => Self::Refused {
                    status: *status,
                    reason: reason.clone(),
                },
            },
            Failure::Redirected { contacts } => Self::Redirected {
                contacts: contacts.iter().map(ToString::to_string).collect(),
            },
            other => Self::of_server(other),
        }
    }

    /// Why a registration failed. Registrars tell a wrong password by 403 as often as by a
    /// second 401.
    pub fn of_registration(failure: &Failure) -> Self {
        match failure {
            Failure::Status {
                status: 401 | 403 | 407,
                ..
            } => Self::WrongPassword,
            Failure::Status { status: 404, .. } => Self::NotFound,
            Failure::Status { status, reason } => Self::Refused {
                status: *status,
                reason: reason.clone(),
            },
            other => Self::of_server(other),
        }
    }

    fn of_server(failure: &Failure) -> Self {
        match failure {
            Failure::WrongPassword => Self::WrongPassword,
            Failure::NoNetwork => Self::NoNetwork,
            Failure::Timeout { host } => Self::NoAnswerFromServer { host: host.clone() },
            Failure::Transport { host, error } => Self::of_transport(host.clone(), error),
            Failure::Status { status, reason } => Self::Refused {
                status: *status,
                reason: reason.clone(),
            },
            Failure::Redirected { .. } => Self::Refused {
                status: 302,
                reason: String::new(),
            },
        }
    }

    fn of_transport(host: String, error: &TransportError) -> Self {
        match error {
            TransportError::UnknownHost => Self::UnknownHost { host },
            TransportError::Refused | TransportError::Closed => Self::ServerDown { host },
            TransportError::TimedOut => Self::NoAnswerFromServer { host },
            TransportError::Unreachable => Self::NoNetwork,
            TransportError::CertificateNotTrusted {
                fingerprint,
                reason,
            } => Self::CertificateNotTrusted {
                host,
                fingerprint: fingerprint.clone(),
                reason: reason.clone(),
            },
            TransportError::CertificateWrongName { fingerprint } => Self::CertificateWrongName {
                host,
                fingerprint: fingerprint.clone(),
            },
            TransportError::Tls(reason) | TransportError::Io(reason) => Self::Refused {
                status: 503,
                reason: reason.clone(),
            },
        }
    }
}

impl From<&SdpError> for Problem {
    fn from(error: &SdpError) -> Self {
        match error {
            SdpError::NotEncrypted => Self::NotEncrypted,
            SdpError::Encrypted => Self::EncryptionNotAllowed,
            _ => Self::NoCommonCodec,
        }
    }
}

impl From<DtlsFailure> for Problem {
    fn from(failure: DtlsFailure) -> Self {
        let reason = match failure {
            DtlsFailure::WrongCertificate => "reason-keys-certificate",
            DtlsFailure::NoAnswer => "reason-keys-timeout",
            DtlsFailure::Refused => "reason-keys-refused",
        };
        Self::NoKeys {
            reason: reason.into(),
        }
    }
}

impl From<AudioError> for Problem {
    fn from(error: AudioError) -> Self {
        match error {
            AudioError::NoMicrophone => Self::NoMicrophone,
            AudioError::NoSpeaker => Self::NoSpeaker,
            AudioError::NotFound(device) => Self::Device {
                reason: "not found".into(),
                device,
            },
            AudioError::Device { name, reason } => Self::Device {
                device: name,
                reason,
            },
            AudioError::Lost { name, instead } => Self::DeviceLost {
                device: name,
                instead,
            },
            AudioError::File { path, reason } => Self::File {
                path: path.display().to_string(),
                reason,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Failure {
        Failure::Status {
            status,
            reason: "x".into(),
        }
    }

    #[test]
    fn statuses_become_causes() {
        for (code, problem) in [
            (404, Problem::NotFound),
            (480, Problem::Unavailable),
            (486, Problem::Busy),
            (488, Problem::NoCommonCodec),
            (600, Problem::Busy),
            (603, Problem::Declined),
            (
                500,
                Problem::Refused {
                    status: 500,
                    reason: "x".into(),
                },
            ),
        ] {
            assert_eq!(Problem::of_call(&status(code)), problem);
        }
    }

    #[test]
    fn a_forbidden_registration_points_to_the_password() {
        assert_eq!(
            Problem::of_registration(&status(403)),
            Problem::WrongPassword
        );
        assert_eq!(
            Problem::of_call(&status(403)),
            Problem::Forbidden { reason: "x".into() }
        );
    }
}
