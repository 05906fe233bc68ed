use rsip::{Response, StatusCode};

/// The reason phrase that belongs to a status code; a general one for unknown codes.
pub fn reason_phrase(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        181 => "Call Is Being Forwarded",
        182 => "Queued",
        183 => "Session Progress",
        199 => "Early Dialog Terminated",
        200 => "OK",
        202 => "Accepted",
        204 => "No Notification",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Moved Temporarily",
        305 => "Use Proxy",
        380 => "Alternative Service",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Conditional Request Failed",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        417 => "Unknown Resource-Priority",
        420 => "Bad Extension",
        421 => "Extension Required",
        422 => "Session Interval Too Small",
        423 => "Interval Too Brief",
        424 => "Bad Location Information",
        428 => "Use Identity Header",
        429 => "Provide Referrer Identity",
        430 => "Flow Failed",
        433 => "Anonymity Disallowed",
        436 => "Bad Identity-Info",
        437 => "Unsupported Certificate",
        438 => "Invalid Identity Header",
        439 => "First Hop Lacks Outbound Support",
        440 => "Max-Breadth Exceeded",
        469 => "Bad Info Package",
        470 => "Consent Needed",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        483 => "Too Many Hops",
        484 => "Address Incomplete",
        485 => "Ambiguous",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        489 => "Bad Event",
        491 => "Request Pending",
        493 => "Undecipherable",
        494 => "Security Agreement Required",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        505 => "Version Not Supported",
        513 => "Message Too Large",
        580 => "Precondition Failure",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        606 => "Not Acceptable",
        607 => "Unwanted",
        608 => "Rejected",
        other => match other / 100 {
            1 => "In Progress",
            2 => "Success",
            3 => "Redirected",
            4 => "Request Failure",
            5 => "Server Failure",
            _ => "Global Failure",
        },
    }
}

/// A status code with a reason phrase of one's own, or the usual one.
///
/// `rsip` has no place for the phrase of a code it knows, so a code with an unusual phrase becomes
/// `StatusCode::Other`: compare [`StatusCode::code`], not variants.
pub fn status_code(status: u16, reason: Option<&str>) -> StatusCode {
    let usual = reason_phrase(status);
    let reason = reason.unwrap_or(usual);
    match StatusCode::from(status) {
        StatusCode::Other(..) => StatusCode::Other(status, reason.to_owned()),
        known if reason == usual => known,
        _ => StatusCode::Other(status, reason.to_owned()),
    }
}

/// The reason phrase of a response.
pub fn reason_of(response: &Response) -> &str {
    match &response.status_code {
        StatusCode::Other(_, reason) => reason,
        known => reason_phrase(known.code()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_a_phrase_and_keeps_an_unusual_one() {
        for status in 100..700 {
            assert!(!reason_phrase(status).is_empty());
            assert_eq!(status_code(status, None).code(), status);
            let response = Response {
                status_code: status_code(status, Some("Линия занята")),
                ..Response::default()
            };
            assert_eq!(reason_of(&response), "Линия занята");
            assert_eq!(response.status_code.code(), status);
        }
        assert_eq!(status_code(200, Some("OK")), StatusCode::OK);
        assert_eq!(status_code(481, None).code(), 481);
    }
}
