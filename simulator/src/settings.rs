//! How the simulated service behaves as a whole. A device's `Scenario` can differ from it.

use crate::clock::Dates;
use crate::scenario::{Envelope, LocationForm, NextLinkForm};

/// How the service behaves as a whole; devices can differ from it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Milliseconds that an operation spends in each of the states Queued, Scheduled and InProgress.
    pub pace_ms: f64,
    /// How `Location` is written.
    pub location: LocationForm,
    /// How one operation is sent.
    pub envelope: Envelope,
    /// How times are written.
    pub dates: Dates,
    /// Whether pages may read `Retry-After` (CORS); answers captured in 2021 and 2022 did not let them.
    pub expose_retry_after: bool,
    /// Whether pages may read `Location` (CORS).
    pub expose_location: bool,
    /// How many items a page of a collection has when nobody asks for a number (`$top`).
    pub page_size: usize,
    /// How links to the next page are written.
    pub next_link: NextLinkForm,
    /// Whether caches may keep the answer to a GET for a minute, so that who lets a browser cache sees a stale one.
    pub cacheable: bool,
    /// How many requests are taken in a second before 429; no limit when there is none.
    pub requests_per_second: Option<usize>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            pace_ms: 1_000.0,
            location: LocationForm::default(),
            envelope: Envelope::default(),
            dates: Dates::default(),
            expose_retry_after: true,
            expose_location: true,
            page_size: 20,
            next_link: NextLinkForm::default(),
            cacheable: false,
            requests_per_second: None,
        }
    }
}
