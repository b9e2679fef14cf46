//! Tenants: which devices there are, and whether they can be listed. A device whose id is known can run diagnostics in every
//! tenant that has it.

use time::SignedDuration;

use crate::access::READ;
use crate::device::Device;
use crate::error::GraphError;
use crate::{hostile_text, large_tenant};

/// The tenants to choose from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tenant {
    /// The devices that were added.
    #[default]
    Catalogue,
    /// Five hundred devices.
    Many,
    /// No device.
    Empty,
    /// The list gets 403.
    Forbidden,
    /// The list gets 500.
    Failing,
    /// The list takes five seconds.
    Slow,
    /// Every text is markup.
    Markup,
}

impl Tenant {
    /// All tenants, in the order in which they are offered.
    pub const ALL: [Tenant; 7] =
        [Tenant::Catalogue, Tenant::Many, Tenant::Empty, Tenant::Forbidden, Tenant::Failing, Tenant::Slow, Tenant::Markup];

    /// The tenant with this name; `None` if there is none.
    pub fn named(name: &str) -> Option<Tenant> {
        Tenant::ALL.into_iter().find(|tenant| tenant.name() == name)
    }

    /// Its name for programs.
    pub fn name(self) -> &'static str {
        self.texts().0
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        self.texts().1
    }

    /// One sentence about it.
    pub fn about(self) -> &'static str {
        self.texts().2
    }

    fn texts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Tenant::Catalogue => ("catalogue", "Every behaviour", "Each device shows one thing that Graph does."),
            Tenant::Many => ("many", "500 devices", "An organisation of some size, over ten pages of the list."),
            Tenant::Empty => ("empty", "No devices", "A tenant without a Teams device."),
            Tenant::Forbidden => {
                ("forbidden", "List forbidden", "The list gets 403; a device whose id is known still runs.")
            }
            Tenant::Failing => ("failing", "List fails", "The list gets 500; a device whose id is known still runs."),
            Tenant::Slow => ("slow", "List is slow", "The list takes five seconds."),
            Tenant::Markup => ("markup", "Markup in every text", "Names, states and errors are full of markup."),
        }
    }

    /// Its own devices; `None` if it has those that were added.
    pub(crate) fn devices(self) -> Option<Vec<Device>> {
        match self {
            Tenant::Many => Some(large_tenant::devices()),
            Tenant::Empty => Some(Vec::new()),
            Tenant::Markup => Some(hostile_text::devices()),
            Tenant::Catalogue | Tenant::Forbidden | Tenant::Failing | Tenant::Slow => None,
        }
    }

    /// The error if the devices cannot be listed.
    pub(crate) fn refusal(self) -> Option<GraphError> {
        match self {
            Tenant::Forbidden => Some(GraphError::forbidden(READ)),
            Tenant::Failing => Some(GraphError::of_status(500)),
            _ => None,
        }
    }

    /// The delay of the list.
    pub(crate) fn list_latency(self) -> SignedDuration {
        if self == Tenant::Slow { SignedDuration::seconds(5) } else { SignedDuration::ZERO }
    }
}
