//! Waiting in JavaScript.

use gloo_timers::future::TimeoutFuture;

/// The longest delay of `setTimeout` in milliseconds; anything longer would fire at once (HTML, timer initialization steps).
const LONGEST_DELAY_MS: f64 = 2_147_483_647.0;

/// Waits for a number of milliseconds; for ever when that is infinite. Dropping it clears the timer.
pub async fn sleep(mut ms: f64) {
    if ms == f64::INFINITY {
        return std::future::pending().await;
    }
    while ms > LONGEST_DELAY_MS {
        TimeoutFuture::new(LONGEST_DELAY_MS as u32).await;
        ms -= LONGEST_DELAY_MS;
    }
    TimeoutFuture::new(ms.ceil() as u32).await;
}
