//! What the core asks of its surroundings: a network, timers, clocks, and chance.

use crate::protocol::http::{Request, Response};
use crate::protocol::json::Json;
use crate::protocol::url::UrlParser;

/// What the client needs from its surroundings. Dropping a future that is returned here cancels what it stands for.
pub trait Platform: UrlParser {
    /// Values of the host language.
    type Value: Json;

    /// Sends a request, without following redirects, and reads the whole answer; of the 202 to a POST only the head, which says
    /// all.
    ///
    /// # Errors
    /// The host's own error when no (whole) answer came.
    async fn send(&self, request: &Request<'_>) -> Result<Response, Self::Value>;

    /// Waits for a number of milliseconds; for ever when that is infinite.
    async fn sleep(&self, ms: f64);

    /// Waits until waiting may have become pointless: the page is seen again (timers of hidden pages are slowed down), or the
    /// network is back. For ever where there is nothing of the kind.
    async fn stirred(&self);

    /// Milliseconds of a clock that never jumps.
    fn now(&self) -> f64;

    /// Milliseconds since the Unix epoch, by the host's calendar clock.
    fn unix_time(&self) -> f64;

    /// A random number, at least 0 and less than 1.
    fn random(&self) -> f64;
}
