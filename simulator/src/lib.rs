//! A simulated Microsoft Graph: the part of `/beta/teamwork/devices` that starts operations on Teams devices and shows them.
//!
//! The model is a pure function of its state and the time that is passed in ([`Graph::handle`]), so it runs under a virtual
//! clock as well as in JavaScript, where `teams-device-diagnostics/simulator` answers in memory and the command `simulate` over
//! HTTP. Times are those of the crate `time`: a point in time is a `UtcDateTime`, a length of time a `SignedDuration`. The
//! model follows what Microsoft documents, and knows nothing of the client that it tests.
//!
//! ```
//! use teams_device_diagnostics_simulator::{Disposition, Graph, Request, Settings, catalogue};
//! use time::macros::utc_datetime;
//!
//! let mut graph = Graph::new("https://graph.microsoft.com", Settings::default());
//! catalogue().into_iter().for_each(|device| graph.add_device(device));
//! let request = Request {
//!     method: "POST".into(),
//!     target: "/beta/teamwork/devices/successful/runDiagnostics".into(),
//!     headers: vec![("Authorization".into(), "Bearer any".into())],
//!     body: Vec::new(),
//! };
//! let Disposition::Respond(response) = graph.handle(utc_datetime!(2025-06-15 15:06:40), &request) else { unreachable!() };
//! assert_eq!(response.status, 202);
//! assert!(response.header("location").unwrap().starts_with("/teamwork/devices/successful/operations/"));
//! ```
#![warn(missing_docs)]

mod access;
mod batch;
mod catalogue;
mod clock;
mod cors;
mod device;
mod draft;
mod error;
#[cfg(target_arch = "wasm32")]
pub mod exports;
mod fault;
mod filter;
mod graph;
mod header;
mod hostile_text;
mod inventory;
mod large_tenant;
mod message;
mod operation;
mod operations;
mod page;
mod path;
mod query;
mod record;
mod sample_data;
mod scenario;
mod select;
mod settings;
mod tenant;

pub use catalogue::catalogue;
pub use clock::{Dates, milliseconds};
pub use device::Device;
pub use fault::{Fault, FaultBody, FaultResponse};
pub use graph::{BODY_LIMIT, Graph};
pub use message::{BodyEnd, Disposition, Request, Response};
pub use operation::{Operation, OperationType};
pub use scenario::{Envelope, LocationForm, NextLinkForm, Outcome, Scenario};
pub use settings::Settings;
pub use tenant::Tenant;
