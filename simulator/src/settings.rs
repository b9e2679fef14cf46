//! The behaviour of the simulated service as a whole. A device's `Scenario` can override it.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use time::SignedDuration;

use crate::clock::{Dates, read_pace};
use crate::scenario::{Envelope, LocationForm, NextLinkForm};

/// The behaviour of the service as a whole; devices can override it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Settings {
    /// How long an operation spends in each of the states Queued, Scheduled and InProgress; in milliseconds in a document.
    #[serde(rename = "paceMs", deserialize_with = "read_pace")]
    pub pace: SignedDuration,
    /// How `Location` is written.
    pub location: LocationForm,
    /// How a single operation is sent.
    pub envelope: Envelope,
    /// How times are written.
    pub dates: Dates,
    /// Whether pages may read `Retry-After` (CORS); responses captured in 2021 and 2022 did not permit it.
    pub expose_retry_after: bool,
    /// Whether pages may read `Location` (CORS).
    pub expose_location: bool,
    /// The default page size of a collection (without `$top`).
    #[serde(deserialize_with = "read_page_size")]
    pub page_size: usize,
    /// How links to the next page are written.
    pub next_link: NextLinkForm,
    /// Whether caches may keep the response to a GET for a minute. A client that does not bypass the browser's cache then
    /// sees a stale one.
    pub cacheable: bool,
    /// The number of requests in a second before 429; no limit if `None`.
    pub requests_per_second: Option<usize>,
    /// Which ids are generated; the same seed always yields the same ids.
    pub seed: u32,
}

fn read_page_size<'de, D: Deserializer<'de>>(file: D) -> Result<usize, D::Error> {
    match usize::deserialize(file)? {
        0 => Err(D::Error::custom("a page has at least one item")),
        size => Ok(size),
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            pace: SignedDuration::SECOND,
            location: LocationForm::default(),
            envelope: Envelope::default(),
            dates: Dates::default(),
            expose_retry_after: true,
            expose_location: true,
            page_size: 20,
            next_link: NextLinkForm::default(),
            cacheable: false,
            requests_per_second: None,
            seed: 0,
        }
    }
}
