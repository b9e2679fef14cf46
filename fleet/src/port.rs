//! The JavaScript half of a fleet, which its constructor receives. None of its functions throws.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Receives what happens in a fleet.
    #[derive(Clone)]
    pub type Port;
    /// The object that receives the location of a device as soon as its 202 has come, as for a single call.
    #[wasm_bindgen(method)]
    pub fn facts(this: &Port, key: u32) -> JsValue;
    /// A record of a device must be kept.
    #[wasm_bindgen(method, js_name = keepRecord)]
    pub fn keep_record(this: &Port, key: u32, number: u32, record: &JsValue);
    /// An event of a device.
    #[wasm_bindgen(method)]
    pub fn event(this: &Port, key: u32, event: &JsValue);
    /// The state of the fleet, or a pause.
    #[wasm_bindgen(method, js_name = fleetEvent)]
    pub fn fleet_event(this: &Port, event: &JsValue);
    /// The result of a device.
    #[wasm_bindgen(method)]
    pub fn result(this: &Port, key: u32, result: &JsValue);
    /// The fleet has ended. `failure` is undefined, or as what a promise of a call is rejected with.
    #[wasm_bindgen(method)]
    pub fn done(this: &Port, failure: &JsValue);
}
