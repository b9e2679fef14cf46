//! The devices of a tenant, each with the faults that are still to come. An id is found whatever its case, as Graph does.

use std::collections::BTreeMap;

use crate::device::Device;
use crate::error::GraphError;
use crate::fault::Fault;

/// The devices of a tenant, in order.
#[derive(Default)]
pub struct Inventory {
    devices: Vec<DeviceState>,
    /// The position of each device, by its id in lower case.
    positions: BTreeMap<String, usize>,
}

/// A device, and the faults of the POST that are still to come, last first.
pub struct DeviceState {
    pub device: Device,
    pub post_faults: Vec<Fault>,
}

impl Inventory {
    /// Adds a device, or replaces the one with its id.
    pub fn put(&mut self, device: Device) {
        let id = device.id.to_ascii_lowercase();
        let state = DeviceState::from(device);
        match self.positions.get(&id) {
            Some(&at) => self.devices[at] = state,
            None => {
                self.positions.insert(id, self.devices.len());
                self.devices.push(state);
            }
        }
    }

    /// All devices, in the order in which they were added.
    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        self.devices.iter().map(|state| &state.device)
    }

    pub fn device(&self, id: &str) -> Result<&Device, GraphError> {
        let at = self.positions.get(&id.to_ascii_lowercase()).ok_or_else(no_such_device)?;
        Ok(&self.devices[*at].device)
    }

    pub fn state(&mut self, id: &str) -> Result<&mut DeviceState, GraphError> {
        let at = self.positions.get(&id.to_ascii_lowercase()).ok_or_else(no_such_device)?;
        Ok(&mut self.devices[*at])
    }

    /// Starts the scripted faults of every device again.
    pub fn reset_faults(&mut self) {
        self.devices.iter_mut().for_each(DeviceState::reset_faults);
    }
}

impl FromIterator<Device> for Inventory {
    fn from_iter<T: IntoIterator<Item = Device>>(devices: T) -> Inventory {
        let mut inventory = Inventory::default();
        devices.into_iter().for_each(|device| inventory.put(device));
        inventory
    }
}

fn no_such_device() -> GraphError {
    GraphError::not_found("device")
}

impl From<Device> for DeviceState {
    fn from(device: Device) -> DeviceState {
        let mut state = DeviceState { device, post_faults: Vec::new() };
        state.reset_faults();
        state
    }
}

impl DeviceState {
    /// Starts the scripted faults again.
    pub fn reset_faults(&mut self) {
        self.post_faults = self.device.scenario.post_faults.iter().rev().cloned().collect();
    }
}
