//! The functions that the package exports.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::pin::Pin;

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::abort::abortable;
use super::errors::{diagnostics_error, invalid_argument, reason};
use super::options::Options;
use super::remembered::{forget, recall, remember};
use super::tokens::Tokens;
use super::value::{Js, member};
use crate::client::untrusted;
use crate::collection::Pages;
use crate::device::DeviceId;
use crate::error::{Code, Error, Failure};
use crate::exchange::Call;
use crate::http::Platform;
use crate::operation::Operation;

/// Starts diagnostics on a device; resolves to the operation's absolute URL.
#[wasm_bindgen(js_name = runDiagnostics)]
pub fn run_diagnostics(token: JsValue, device_id: JsValue, options: JsValue) -> Promise {
    promise(start(token, device_id, options))
}

/// Waits until an operation ended; resolves to it when it succeeded.
#[wasm_bindgen(js_name = waitForOperation)]
pub fn wait_for_operation(location: JsValue, options: JsValue) -> Promise {
    promise(follow(location, options, Until::Ended))
}

/// Looks at an operation once; resolves to it, whatever its state.
#[wasm_bindgen(js_name = getOperation)]
pub fn get_operation(location: JsValue, options: JsValue) -> Promise {
    promise(follow(location, options, Until::Seen))
}

/// The operations of a device, read page by page.
#[wasm_bindgen]
pub struct OperationPages(Rc<Reading>);

struct Reading {
    tokens: Tokens,
    device: DeviceId,
    options: Options,
    pages: RefCell<Pages>,
}

#[wasm_bindgen]
impl OperationPages {
    /// Sends nothing yet.
    #[wasm_bindgen(constructor)]
    pub fn new(token: JsValue, device_id: JsValue, options: JsValue) -> Result<OperationPages, JsValue> {
        let (tokens, device) = tokens_and_device(token, device_id)?;
        let options = Options::read(&options, &JsValue::UNDEFINED)?;
        let pages = RefCell::new(Pages::of_operations(&options.root, &device));
        Ok(OperationPages(Rc::new(Reading { tokens, device, options, pages })))
    }

    /// The operations of the next page as an array; undefined after the last one. One page at a time.
    pub fn next(&self) -> Promise {
        promise(next_page(self.0.clone()))
    }
}

/// One kind of future for all, so that the machinery of promises is there once.
fn promise(call: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let call: Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>> = Box::pin(call);
    future_to_promise(call)
}

async fn start(token: JsValue, device_id: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let (tokens, device) = tokens_and_device(token, device_id)?;
    let Options { platform, root, limits, observer, signal, on_conflict, .. } =
        Options::read(&options, &JsValue::UNDEFINED)?;
    let call = Call::new(&platform, &tokens, &root, limits, &observer);
    let outcome = abortable(signal, async { call.run_diagnostics(&device, on_conflict).await.map_err(reason) }).await;
    // Also after a failure: once Graph took the run, it must be possible to follow it.
    if let Some(location) = &call.known.borrow().location {
        let look_after_ms = outcome.as_ref().map_or(0.0, |started| started.look_after_ms);
        remember(location, &tokens.0, &root.url(""), &platform.fetch, platform.now() + look_after_ms);
    }
    outcome.map(|started| started.location.into())
}

async fn next_page(reading: Rc<Reading>) -> Result<JsValue, JsValue> {
    let Reading { tokens, device, options, pages } = &*reading;
    let call = Call::new(&options.platform, tokens, &options.root, options.limits, &options.observer);
    call.known.borrow_mut().device_id = Some(device.as_str().into());
    let mut pages = pages.borrow_mut();
    let page = call.run(call.next_page(&mut pages));
    let page = abortable(options.signal.clone(), async { page.await.map_err(reason) }).await?;
    let documents = |page: Vec<Operation<Js>>| -> Array {
        page.into_iter().filter_map(|operation| operation.document).map(|document| document.0).collect()
    };
    Ok(page.map_or(JsValue::UNDEFINED, |page| documents(page).into()))
}

fn tokens_and_device(token: JsValue, device_id: JsValue) -> Result<(Tokens, DeviceId), JsValue> {
    let tokens = Tokens::new(token).map_err(|problem| invalid_argument("token", problem))?;
    let device_id = device_id.as_string().ok_or_else(|| invalid_argument("deviceId", "must be a string"))?;
    let device = DeviceId::new(device_id).map_err(|problem| invalid_argument("deviceId", problem))?;
    Ok((tokens, device))
}

/// How long an operation is followed.
enum Until {
    Ended,
    Seen,
}

/// Everything that is the same for all who follow an operation: finding what it was started with, and forgetting that at the end.
async fn follow(location: JsValue, options: JsValue, until: Until) -> Result<JsValue, JsValue> {
    let text = location.as_string().filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| invalid_argument("location", "must be a non-empty string"))?;
    let mut remembered = recall(&text);
    let mut read = Options::read(&options, &remembered)?;
    let trusted = read.root.trust(&read.platform, &text);
    let location = trusted.ok_or_else(|| diagnostics_error(&untrusted(&text)))?;
    if remembered.is_undefined() {
        // It may have been written in another way.
        remembered = recall(&location);
        read = Options::read(&options, &remembered)?;
    }
    let Options { tokens, root, platform, limits, observer, signal, .. } = read;
    let Some(tokens) = tokens else {
        let mut error = Error::new(Code::MissingToken, "No token is known for this location");
        error.location = Some(location);
        return Err(diagnostics_error(&error));
    };
    let call = Call::new(&platform, &tokens, &root, limits, &observer);
    call.known.borrow_mut().location = Some(location.clone());
    let look_at = member(&remembered, "lookAt").as_f64();
    let look_after_ms = look_at.map_or(0.0, |look_at| (look_at - platform.now()).max(0.0));
    abortable(signal, async {
        let outcome = match until {
            Until::Ended => call.wait_for_operation(look_after_ms).await,
            Until::Seen => call.get_operation().await,
        };
        let ended = match &outcome {
            Ok(operation) => operation.state.has_ended(),
            Err(Failure::Error(error)) => matches!(error.code, Code::OperationFailed | Code::OperationCancelled),
            Err(Failure::Callback(_)) => false,
        };
        if ended {
            forget(&location);
        } else if let (Some(moved), Some(look_at)) = (&call.known.borrow().location, look_at) {
            // The operation may have moved; going on from the error's location must find its token.
            remember(moved, &member(&remembered, "token"), &root.url(""), &platform.fetch, look_at);
        }
        outcome.map(|operation| Js::or_undefined(&operation.document)).map_err(reason)
    })
    .await
}
