//! The platform in JavaScript: fetch, timers, clocks, chance and the URL parser.

use js_sys::{Array, Date, Math};
use wasm_bindgen::prelude::*;

use super::value::Js;
use super::waiting::{Id, Settle, Waiting, sleep, stirred};
use crate::platform::Platform;
use crate::protocol::http::{Request, Response};
use crate::protocol::url::{Url, UrlParser};

#[wasm_bindgen(module = "/src/bindings/values.js")]
extern "C" {
    /// Undefined when the text is no absolute URL.
    #[wasm_bindgen(js_name = parseUrl)]
    fn parse_url(text: &str) -> JsValue;
}

#[wasm_bindgen(module = "/src/bindings/fetch.js")]
extern "C" {
    fn send(fetch: &JsValue, method: &str, url: &str, token: &str, client_request_id: &str, id: Id, settle: &Settle);
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// A browser, Node, or anything else with fetch.
#[derive(Clone)]
pub struct JsPlatform {
    /// The replacement for the global `fetch`, or undefined.
    pub fetch: JsValue,
}

impl UrlParser for JsPlatform {
    fn parse_url(&self, text: &str) -> Option<Url> {
        let parts: Array = parse_url(text).dyn_into().ok()?;
        let part = |at| parts.get(at).as_string().unwrap_or_default();
        Some(Url {
            origin: part(0),
            protocol: part(1),
            hostname: part(2),
            pathname: part(3),
            search: part(4),
            has_credentials: !part(5).is_empty(),
            has_fragment: !part(6).is_empty(),
        })
    }
}

impl Platform for JsPlatform {
    type Value = Js;

    async fn send(&self, request: &Request<'_>) -> Result<Response, Js> {
        let Request { method, url, token, client_request_id } = *request;
        let sent = Waiting::new(|id, settle| send(&self.fetch, method.as_str(), url, token, client_request_id, id, settle));
        let answer: Array = sent.await.map_err(Js)?.unchecked_into();
        let text = |at| answer.get(at).as_string();
        Ok(Response {
            status: answer.get(0).as_f64().unwrap_or_default() as u16,
            location: text(1),
            retry_after: text(2),
            request_id: text(3),
            date: text(4),
            www_authenticate: text(5),
            body: text(6).unwrap_or_default(),
        })
    }

    async fn sleep(&self, ms: f64) {
        let _ = Waiting::new(|id, settle| sleep(ms, id, settle)).await;
    }

    async fn stirred(&self) {
        let _ = Waiting::new(stirred).await;
    }

    fn now(&self) -> f64 {
        performance_now()
    }

    fn unix_time(&self) -> f64 {
        Date::now()
    }

    fn random(&self) -> f64 {
        Math::random()
    }
}
