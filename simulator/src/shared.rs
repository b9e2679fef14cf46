//! The one model that all connections of the server share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use teams_device_diagnostics_simulator::Graph;

/// The model in the form that handlers receive.
pub type Shared = Arc<Mutex<Graph>>;

/// Locks the model, even if the handling of another request panicked.
pub fn lock(graph: &Shared) -> MutexGuard<'_, Graph> {
    graph.lock().unwrap_or_else(PoisonError::into_inner)
}
