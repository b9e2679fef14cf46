//! The operations that were started, in order, and found by their device.

use std::collections::BTreeMap;

use crate::operation::Operation;

/// All operations.
#[derive(Default)]
pub struct Operations {
    all: Vec<Operation>,
    /// The positions of the operations of each device, by its id in lower case.
    of_device: BTreeMap<String, Vec<usize>>,
}

impl Operations {
    pub fn push(&mut self, operation: Operation) {
        self.of_device.entry(operation.device_id.to_ascii_lowercase()).or_default().push(self.all.len());
        self.all.push(operation);
    }

    pub fn all(&self) -> &[Operation] {
        &self.all
    }

    /// The operations of a device, the newest first.
    pub fn of_device(&self, device_id: &str) -> impl Iterator<Item = &Operation> {
        self.positions(device_id).iter().rev().map(|&at| &self.all[at])
    }

    /// The operation of a device with this id.
    pub fn find(&mut self, device_id: &str, id: &str) -> Option<&mut Operation> {
        let at = self.positions(device_id).iter().copied().find(|&at| self.all[at].id.eq_ignore_ascii_case(id))?;
        Some(&mut self.all[at])
    }

    pub fn clear(&mut self) {
        *self = Operations::default();
    }

    fn positions(&self, device_id: &str) -> &[usize] {
        self.of_device.get(&device_id.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }
}
