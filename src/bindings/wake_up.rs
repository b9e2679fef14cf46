//! What ends a pause early: the page is visible again (timers of hidden pages are slowed down), or the network is back.

use js_sys::global;
use wasm_bindgen::prelude::*;

use super::host::Listener;
use super::value::member;

/// The listeners; none outside of pages, where there is no such event, or no document.
pub struct WakeUps(#[expect(dead_code, reason = "dropping it ends the listening")] Vec<Listener>);

impl WakeUps {
    /// Calls `wake_up` at each of these events.
    pub fn listen(wake_up: impl Fn() + Clone + 'static) -> WakeUps {
        let (window, page) = (JsValue::from(global()), member(&global(), "document"));
        let mut listeners = Vec::new();
        if has_events(&page) {
            let (page_now, wake_up) = (page.clone(), wake_up.clone());
            let seen = move || {
                if member(&page_now, "visibilityState").as_string().as_deref() == Some("visible") {
                    wake_up();
                }
            };
            listeners.extend(Listener::add(&page, "visibilitychange", Closure::new(seen)).ok());
        }
        if has_events(&window) {
            listeners.extend(Listener::add(&window, "online", Closure::new(wake_up)).ok());
        }
        WakeUps(listeners)
    }
}

fn has_events(target: &JsValue) -> bool {
    member(target, "addEventListener").is_function()
}
