//! A simulated Microsoft Graph: the part of `/beta/teamwork/devices` that starts operations on Teams devices and shows them.
//!
//! One model answers requests as a pure function of its state and the time it is told ([`Graph::answer`]), so it runs under a
//! virtual clock as well as behind the HTTP server of this crate (feature `server`). It is made after what Microsoft
//! documents, and knows nothing of the client that it tests.
#![warn(missing_docs)]

mod catalogue;
mod clock;
mod device;
mod error;
mod graph;
mod message;
mod operation;
mod scenario;

pub use catalogue::catalogue;
pub use device::Device;
pub use graph::{Graph, Settings};
pub use message::{Answer, Request, Response};
pub use operation::{Operation, OperationType};
pub use scenario::{Body, Dates, Envelope, Fault, LocationForm, Outcome, Scenario};
