//! The platform in JavaScript: fetch, timers, clocks, chance and the URL parser.

use alloc::string::String;
use js_sys::{Date, Function, Math, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, RequestRedirect};

use super::abort::AbortOnDrop;
use super::value::{Js, member};
use super::waiting::{sleep, stirred, until};
use crate::http::{Method, Platform, Request, Response, Url};

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

impl JsPlatform {
    async fn fetch(&self, request: &Request<'_>) -> Result<Response, JsValue> {
        let headers = Headers::new()?;
        headers.set("authorization", &["Bearer ", request.token].concat())?;
        headers.set("client-request-id", request.client_request_id)?;
        let ended = AbortOnDrop::new()?;
        let init = RequestInit::new();
        init.set_method(request.method.as_str());
        init.set_headers(&headers);
        init.set_redirect(RequestRedirect::Manual);
        init.set_signal(Some(&ended.signal()));
        let replacement = self.fetch.clone();
        let fetch = if replacement.is_undefined() { member(&js_sys::global(), "fetch") } else { replacement };
        let fetch: Function = fetch.dyn_into()?;
        let sent = fetch.call2(&JsValue::UNDEFINED, &request.url.into(), &init)?;
        // Not checked with instanceof: a replacement for fetch may have a Response of its own.
        let response: web_sys::Response = JsFuture::from(Promise::resolve(&sent)).await?.unchecked_into();
        let headers = response.headers();
        let field = |name| headers.get(name).ok().flatten();
        let status = response.status();
        // The head of the 202 says where the run is: that must not be lost because a body, which is empty, broke or stalled.
        let body = if status == 202 && request.method == Method::Post {
            String::new()
        } else {
            JsFuture::from(response.text()?).await?.as_string().unwrap_or_default()
        };
        Ok(Response {
            status,
            location: field("location"),
            retry_after: field("retry-after"),
            request_id: field("request-id"),
            date: field("date"),
            www_authenticate: field("www-authenticate"),
            body,
        })
    }
}

impl Platform for JsPlatform {
    type Value = Js;

    async fn send(&self, request: &Request<'_>) -> Result<Response, Js> {
        self.fetch(request).await.map_err(Js)
    }

    async fn sleep(&self, ms: f64) {
        until(|done| sleep(ms, done)).await;
    }

    async fn stirred(&self) {
        until(stirred).await;
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

    fn parse_url(&self, text: &str) -> Option<Url> {
        let url = web_sys::Url::new(text).ok()?;
        Some(Url {
            origin: url.origin(),
            protocol: url.protocol(),
            hostname: url.hostname(),
            pathname: url.pathname(),
            search: url.search(),
            has_credentials: !url.username().is_empty() || !url.password().is_empty(),
            has_fragment: !url.hash().is_empty(),
        })
    }
}
