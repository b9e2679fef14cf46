//! What can happen to a request instead of the model's own response, and how often.

use teams_device_diagnostics::protocol::http::Method;
use teams_device_diagnostics::protocol::time::{Instant, Millis};

use crate::plan::Plan;
use crate::rng::Rng;

/// What happens to a request, apart from the model's own response.
#[derive(Debug)]
pub enum Fault {
    None,
    /// The connection breaks, or the response never comes, before or after the request was read.
    Reset {
        is_read: bool,
    },
    Hang {
        is_read: bool,
    },
    /// A gateway responds, before or after the request was read.
    Gateway {
        status: u16,
        is_read: bool,
    },
    Redirect,
    /// The sign-in page of a network responds with a success.
    Portal,
    /// A gateway reports that the service is unavailable, before or after it has read the request.
    Unavailable {
        is_read: bool,
    },
    /// One of several replicas does not know the operation.
    Missing,
    /// The body has more than the document.
    Appended,
    /// The body is cut at some byte, and the connection may break.
    Cut {
        breaks: bool,
    },
    /// The body takes this long.
    Slow(Millis),
}

impl Fault {
    pub fn draw(method: Method, now: Instant, plan: &Plan, rng: &Rng) -> Fault {
        if plan.throttle_window.contains(&now) {
            return Fault::Gateway { status: 429, is_read: false };
        }
        if !rng.happens(plan.fault_rate) {
            return Fault::None;
        }
        let is_read = rng.happens(0.5);
        // A list that lags behind for longer than a search takes cannot show whether a run was started.
        let is_list_good = plan.list_lag < Millis(5_000.0);
        match rng.below(14) {
            0 | 1 => Fault::Reset { is_read },
            2 => Fault::Hang { is_read },
            3 | 4 => {
                // If the service says that it did not accept the request, that is true.
                let status = rng.pick(&[408, 421, 425, 429, 429, 499, 500, 500, 501, 502, 503, 503, 504, 509, 520]);
                Fault::Gateway { status, is_read: is_read && !matches!(status, 421 | 425 | 429 | 501 | 503) }
            }
            5 | 6 => Fault::Gateway { status: rng.pick(&[429, 503]), is_read: false },
            7 if method == Method::Get && rng.happens(0.2) => Fault::Redirect,
            7 => Fault::Cut { breaks: true },
            8 => Fault::Cut { breaks: false },
            10 => Fault::Portal,
            11 => Fault::Unavailable { is_read: is_read && is_list_good },
            12 if method == Method::Get => Fault::Missing,
            13 => Fault::Appended,
            _ => Fault::Slow(rng.millis(0.0, 2.0 * plan.timeout.0)),
        }
    }

    /// Whether the service reads the request.
    pub fn is_read(&self) -> bool {
        match *self {
            Fault::Redirect | Fault::Portal => false,
            Fault::Reset { is_read } | Fault::Hang { is_read } => is_read,
            Fault::Gateway { is_read, .. } | Fault::Unavailable { is_read } => is_read,
            Fault::None | Fault::Missing | Fault::Appended | Fault::Cut { .. } | Fault::Slow(_) => true,
        }
    }
}
