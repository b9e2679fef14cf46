//! Coming back to a page that was hidden or offline.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/src/bindings/stirred.js")]
extern "C" {
    /// Calls back at every event; returns the function that ends this.
    fn listen(stirred: &Function) -> Function;
}

/// Waits until the page is seen again or the network is back. Dropping it takes the listeners away.
pub async fn stirred() {
    let mut listening = None;
    let event = Promise::new(&mut |resolve, _| listening = Some(Listening(listen(&resolve))));
    let _ = JsFuture::from(event).await;
}

struct Listening(Function);

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}
