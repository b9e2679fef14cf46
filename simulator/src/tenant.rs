//! What the tenant as a whole is like: which devices it has, and whether they can be listed. A device known by its id can be
//! asked for diagnostics in every tenant that has it.

use crate::access::READ;
use crate::device::Device;
use crate::error::GraphError;
use crate::{hostile_text, large_tenant};

/// The tenants that can be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tenant {
    /// The devices that were added.
    #[default]
    Catalogue,
    /// Five hundred devices.
    Many,
    /// No device.
    Empty,
    /// The list is answered with 403.
    Forbidden,
    /// The list is answered with 500.
    Failing,
    /// The list takes five seconds.
    Slow,
    /// Every text is markup.
    Markup,
}

impl Tenant {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Tenant; 7] =
        [Tenant::Catalogue, Tenant::Many, Tenant::Empty, Tenant::Forbidden, Tenant::Failing, Tenant::Slow, Tenant::Markup];

    /// The tenant of that name.
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

    /// The devices of its own; nothing where it has those that were added.
    pub(crate) fn devices(self) -> Option<Vec<Device>> {
        match self {
            Tenant::Many => Some(large_tenant::devices()),
            Tenant::Empty => Some(Vec::new()),
            Tenant::Markup => Some(hostile_text::devices()),
            Tenant::Catalogue | Tenant::Forbidden | Tenant::Failing | Tenant::Slow => None,
        }
    }

    /// Why the devices cannot be listed.
    pub(crate) fn refusal(self) -> Option<GraphError> {
        match self {
            Tenant::Forbidden => Some(GraphError::forbidden(READ)),
            Tenant::Failing => Some(GraphError::of_status(500)),
            _ => None,
        }
    }

    /// Milliseconds that the list takes.
    pub(crate) fn list_latency_ms(self) -> f64 {
        if self == Tenant::Slow { 5_000.0 } else { 0.0 }
    }
}
