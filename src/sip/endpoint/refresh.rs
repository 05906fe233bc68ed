//! Session timers (RFC 4028). We never ask for them, but keep what a peer or a proxy asks for.

use std::time::{Duration, Instant};

use super::call::{Queued, Stage};
use super::timer::{SessionTimer, Terms};
use super::{Endpoint, Failure};
use crate::sip::message::{HeadersView, Request, header};

/// The shortest interval we agree to, seconds (RFC 4028 section 5).
const MIN_SE: u32 = 90;
/// The longest one, seconds.
const MAX_SE: u32 = 86_400;

/// Session-Expires: seconds, and who refreshes ("uac" or "uas").
fn session_expires(message: &impl HeadersView) -> Option<(u32, Option<bool>)> {
    let text = message.text("Session-Expires")?;
    let mut parts = text.split(';').map(str::trim);
    let seconds = parts.next()?.parse().ok()?;
    let refresher_is_uac = parts
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("refresher"))
        .map(|(_, value)| value.trim().eq_ignore_ascii_case("uac"));
    Some((seconds, refresher_is_uac))
}

/// What we agree to in a request. The error is the Min-SE of a 422.
pub(super) fn agree(request: &Request) -> Result<Option<Terms>, rsip::Header> {
    let Some((interval_s, refresher_is_uac)) = session_expires(request) else {
        return Ok(None);
    };
    let supported = request.lists("Supported", "timer") || request.lists("Require", "timer");
    if interval_s < MIN_SE {
        return Err(header("Min-SE", MIN_SE.to_string()));
    }
    // A caller that knows no timers leaves the refreshing to us (RFC 4028 section 9).
    let ours = !supported || refresher_is_uac == Some(false);
    Ok(Some(Terms {
        interval_s: interval_s.min(MAX_SE),
        ours,
    }))
}

/// What our 2xx says about it.
pub(super) fn agreed(terms: Option<Terms>) -> Vec<rsip::Header> {
    let Some(terms) = terms else {
        return Vec::new();
    };
    let refresher = if terms.ours { "uas" } else { "uac" };
    let mut headers = vec![header(
        "Session-Expires",
        format!("{};refresher={refresher}", terms.interval_s),
    )];
    if !terms.ours {
        headers.push(header("Require", "timer"));
    }
    headers
}

impl Endpoint {
    /// The 2xx to our INVITE may carry terms.
    pub(super) fn start_timer_as_caller(
        &mut self,
        now: Instant,
        call: u64,
        response: &impl HeadersView,
    ) {
        let terms = session_expires(response).map(|(interval_s, refresher_is_uac)| Terms {
            interval_s: interval_s.clamp(MIN_SE, MAX_SE),
            ours: refresher_is_uac != Some(false),
        });
        self.start_timer(now, call, terms);
    }

    pub(super) fn start_timer(&mut self, now: Instant, call: u64, terms: Option<Terms>) {
        if let Some(call) = self.calls.get_mut(&call) {
            call.timer = terms.map(|terms| SessionTimer::new(now, terms));
        }
    }

    /// A session timer may be due: refresh, or end what was not refreshed.
    pub(super) fn session_timeout(&mut self, now: Instant, id: u64) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let Some(timer) = &mut call.timer else {
            return;
        };
        if timer.at > now || !matches!(call.stage, Stage::Up) {
            return;
        }
        if timer.ours {
            // The 2xx sets the timer anew; if the refresh fails there is time for another.
            timer.at = now + Duration::from_secs(u64::from(timer.interval_s / 4));
            if call.queued.is_none() && call.change.is_none() {
                call.queued = Some(Queued {
                    not_before: now,
                    body: call.local_body.clone(),
                    refresh: true,
                });
            }
            return;
        }
        let host = call
            .dialog
            .as_ref()
            .map(|dialog| dialog.remote_target.host.to_string())
            .unwrap_or_default();
        self.tell_end(id, false, Some(Failure::Timeout { host }), None);
        self.leave(now, id);
    }

    /// The peer finds our interval too short (422): the next refresh asks for his.
    pub(super) fn lengthen_timer(&mut self, call: u64, min_se: Option<u32>) -> bool {
        let timer = self
            .calls
            .get_mut(&call)
            .and_then(|call| call.timer.as_mut());
        match (timer, min_se) {
            (Some(timer), Some(min_se)) if min_se > timer.interval_s && min_se <= MAX_SE => {
                timer.interval_s = min_se;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::message::{Host, Method, Uri, request};

    fn invite(headers: &[(&str, &str)]) -> Request {
        let uri = Uri::new(Some("bob"), Host::Name("b".into()), None);
        let headers = headers
            .iter()
            .map(|(name, value)| header(name, *value))
            .collect();
        request(Method::Invite, &uri, headers, Vec::new())
    }

    #[test]
    fn a_caller_that_knows_timers_refreshes_himself() {
        let terms = agree(&invite(&[
            ("Session-Expires", "1800"),
            ("Supported", "timer"),
        ]));
        let terms = terms.expect("long enough").expect("asked for");
        assert!(!terms.ours);
        let said: Vec<_> = agreed(Some(terms))
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            said,
            ["Session-Expires: 1800;refresher=uac", "Require: timer"]
        );
    }

    #[test]
    fn a_caller_that_knows_no_timers_leaves_it_to_us() {
        let terms = agree(&invite(&[("x", "1800")]));
        let terms = terms.expect("long enough").expect("asked for");
        assert!(terms.ours);
        let now = Instant::now();
        assert_eq!(
            SessionTimer::new(now, terms).at,
            now + Duration::from_secs(900)
        );
    }

    #[test]
    fn an_interval_below_90_s_is_refused() {
        let refused = agree(&invite(&[
            ("Session-Expires", "60"),
            ("Supported", "timer"),
        ]));
        assert_eq!(refused.expect_err("too short").to_string(), "Min-SE: 90");
        assert_eq!(agree(&invite(&[("Session-Expires", "soon")])), Ok(None));
    }

    #[test]
    fn a_peer_that_does_not_refresh_is_given_up_before_the_end() {
        let now = Instant::now();
        let terms = Terms {
            interval_s: 90,
            ours: false,
        };
        assert_eq!(
            SessionTimer::new(now, terms).at,
            now + Duration::from_secs(60)
        );
    }
}
