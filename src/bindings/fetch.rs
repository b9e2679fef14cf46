//! One request with fetch, and the parts of its response that are read.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, RequestInit, RequestRedirect};

use super::host::{end_request, exchange, headers, signal_of};
use super::value::Js;
use crate::protocol::http::{Request, Response};
use crate::protocol::text::take_line;

/// A request in progress. Dropping it aborts it, unless its response is complete.
pub struct OpenRequest {
    controller: AbortController,
    is_complete: bool,
}

/// Sends a request. `fetch` is the caller's replacement for the global one; `facts` receives the location of a 202. Either
/// may be undefined.
///
/// # Errors
/// What a replaced `AbortController` threw.
pub fn send(request: &Request<Js>, fetch: &JsValue, facts: &JsValue) -> Result<(OpenRequest, Promise), JsValue> {
    let controller = AbortController::new()?;
    let init = RequestInit::new();
    init.set_method(request.method.as_str());
    init.set_headers(&headers(&request.token.value().0, &request.client_request_id));
    // If fetch followed a redirect, it would send the token along.
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&signal_of(&controller)?));
    let exchanged = exchange(fetch, request.url.as_str(), &init, &controller, request.longest_body, facts);
    Ok((OpenRequest { controller, is_complete: false }, exchanged))
}

impl OpenRequest {
    /// Aborts the request. Returns what the exchange of a POST resolves to, if that has been read.
    pub fn abort(&self) -> Option<JsValue> {
        Some(end_request(&self.controller)).filter(JsValue::is_object)
    }

    /// Reads what the exchange resolved to.
    pub fn read(&mut self, exchanged: &JsValue) -> Response<Js> {
        let exchanged: &Array = exchanged.unchecked_ref();
        let text = exchanged.get(1).as_string().unwrap_or_default();
        let mut lines = text.as_str();
        let mut field = || take_line(&mut lines).strip_prefix('=').map(str::to_owned);
        let response = Response {
            status: exchanged.get(0).as_f64().unwrap_or_default() as u16,
            location: field(),
            retry_after: field(),
            www_authenticate: field(),
            request_id: field(),
            date: field(),
            content_type: field(),
            body: Some(exchanged.get(2)).filter(JsValue::is_string).map(Js),
        };
        self.is_complete = response.body.is_some();
        response
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        if !self.is_complete {
            end_request(&self.controller);
        }
    }
}
