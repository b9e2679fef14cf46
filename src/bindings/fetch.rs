//! One request with fetch, and what is read of its response.

use js_sys::{Array, JsString, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, RequestInit, RequestRedirect};

use super::host::{end_request, exchange, headers};
use super::value::Js;
use crate::protocol::http::{Request, Response};

/// A request that is under way. Dropping it aborts it, unless its response is complete.
pub struct OpenRequest {
    controller: AbortController,
    is_complete: bool,
}

#[wasm_bindgen]
extern "C" {
    // What a replacement of fetch resolves to need not be a Response, and its getters may throw: web-sys would not catch that.
    type ResponseLike;
    #[wasm_bindgen(method, getter, structural, catch)]
    fn status(this: &ResponseLike) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, structural, catch)]
    fn headers(this: &ResponseLike) -> Result<HeadersLike, JsValue>;

    type HeadersLike;
    #[wasm_bindgen(method, structural, catch)]
    fn get(this: &HeadersLike, name: &JsString) -> Result<JsValue, JsValue>;
}

/// Sends a request; `fetch` is the caller's replacement for the global one, or undefined.
pub fn send(request: &Request<Js>, fetch: &JsValue) -> Result<(OpenRequest, Promise), JsValue> {
    let controller = AbortController::new()?;
    let init = RequestInit::new();
    init.set_method(request.method.as_str());
    init.set_headers(&headers(&request.token.value().0, &request.client_request_id));
    // Followed, a redirect would take the token along.
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&controller.signal()));
    let exchanged = exchange(fetch, request.url.as_str(), &init, &controller);
    Ok((OpenRequest { controller, is_complete: false }, exchanged))
}

impl OpenRequest {
    /// Reads what the exchange resolved to: the response, and the text of its body if that was read.
    ///
    /// # Errors
    /// What the response threw.
    pub fn read(&mut self, exchanged: &JsValue) -> Result<Response<Js>, JsValue> {
        let exchanged: &Array = exchanged.unchecked_ref();
        let response: ResponseLike = exchanged.get(0).unchecked_into();
        let body = Some(exchanged.get(1)).filter(JsValue::is_string).map(Js);
        let status = response.status()?.as_f64().unwrap_or_default() as u16;
        let headers = response.headers()?;
        let field = |name: &str| -> Result<Option<Js>, JsValue> {
            let value = headers.get(&name.into())?;
            Ok(value.is_string().then_some(Js(value)))
        };
        let text = |name: &str| -> Result<Option<String>, JsValue> { Ok(headers.get(&name.into())?.as_string()) };
        let response = Response {
            status,
            location: text("location")?,
            retry_after: text("retry-after")?,
            www_authenticate: text("www-authenticate")?,
            request_id: field("request-id")?,
            date: field("date")?,
            body,
        };
        self.is_complete = response.body.is_some();
        Ok(response)
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        if !self.is_complete {
            end_request(&self.controller);
        }
    }
}
