//! The one model that all connections of the server share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use teams_device_diagnostics_simulator::Graph;

/// The model, as handlers get it.
pub type Shared = Arc<Mutex<Graph>>;

/// A request whose handling panicked must not stop the others.
pub fn lock(graph: &Shared) -> MutexGuard<'_, Graph> {
    graph.lock().unwrap_or_else(PoisonError::into_inner)
}
