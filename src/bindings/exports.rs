//! The functions that the package exports.

use alloc::boxed::Box;
use alloc::rc::Rc;
use core::cell::RefCell;
use core::pin::Pin;

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::abort::until_aborted;
use super::errors::{diagnostics_error, invalid_argument, reason};
use super::options::Options;
use super::remembered::{forget, recall, remember, remember_also};
use super::tokens::Tokens;
use super::value::{Js, member};
use crate::client::untrusted;
use crate::collection::Pages;
use crate::exchange::Call;
use crate::platform::Platform;
use crate::protocol::device_id::DeviceId;
use crate::protocol::error::{Code, Error};
use crate::protocol::operation::Operation;

/// Starts diagnostics on a device; resolves to the operation's absolute URL.
#[wasm_bindgen(js_name = runDiagnostics)]
pub fn run_diagnostics(token: JsValue, device_id: JsValue, options: JsValue) -> Promise {
    promise(async move {
        let (tokens, device) = (tokens(token)?, device(device_id)?);
        let read = Options::read(&options, &JsValue::UNDEFINED)?;
        perform(&tokens, &read, Task::Start { device: &device, options: &options }).await
    })
}

/// Waits until an operation ended; resolves to it when it succeeded.
#[wasm_bindgen(js_name = waitForOperation)]
pub fn wait_for_operation(location: JsValue, options: JsValue) -> Promise {
    promise(follow(location, options, true))
}

/// Looks at an operation once; resolves to it, whatever its state.
#[wasm_bindgen(js_name = getOperation)]
pub fn get_operation(location: JsValue, options: JsValue) -> Promise {
    promise(follow(location, options, false))
}

/// A collection, read page by page: the operations of a device, or the devices of the tenant.
#[wasm_bindgen]
pub struct Collection(Rc<Reading>);

struct Reading {
    tokens: Tokens,
    device: Option<DeviceId>,
    options: Options,
    pages: RefCell<Pages>,
}

#[wasm_bindgen]
impl Collection {
    /// The operations of a device; the tenant's devices when `device_id` is undefined. Sends nothing yet.
    #[wasm_bindgen(constructor)]
    pub fn new(token: JsValue, device_id: JsValue, options: JsValue) -> Result<Collection, JsValue> {
        let tokens = tokens(token)?;
        let device = if device_id.is_undefined() { None } else { Some(device(device_id)?) };
        let options = Options::read(&options, &JsValue::UNDEFINED)?;
        let pages = match &device {
            Some(device) => Pages::of_operations(&options.root, device),
            None => Pages::of_devices(&options.root),
        };
        Ok(Collection(Rc::new(Reading { tokens, device, options, pages: RefCell::new(pages) })))
    }

    /// The items of the next page as an array; undefined after the last one. One page at a time.
    pub fn next(&self) -> Promise {
        let reading = self.0.clone();
        promise(async move {
            let Reading { tokens, device, options, pages } = &*reading;
            perform(tokens, options, Task::Read { device: device.as_ref(), pages }).await
        })
    }
}

fn tokens(token: JsValue) -> Result<Tokens, JsValue> {
    Tokens::new(token).map_err(|problem| invalid_argument("token", problem))
}

fn device(device_id: JsValue) -> Result<DeviceId, JsValue> {
    let device_id = device_id.as_string().ok_or_else(|| invalid_argument("deviceId", "must be a string"))?;
    DeviceId::new(device_id).map_err(|problem| invalid_argument("deviceId", problem))
}

async fn follow(location: JsValue, options: JsValue, to_its_end: bool) -> Result<JsValue, JsValue> {
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
    let Some(tokens) = read.tokens.take() else {
        let mut error = Error::new(Code::MissingToken, "No token is known for this location");
        error.location = Some(location);
        return Err(diagnostics_error(&error));
    };
    let look_at = member(&remembered, "lookAt").as_f64();
    let look_after_ms = look_at.map_or(0.0, |look_at| (look_at - read.platform.now()).max(0.0));
    perform(&tokens, &read, Task::Follow { location: &location, look_after_ms, to_its_end }).await
}

/// One kind of future for all, so that the machinery of promises is there once.
fn promise(call: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let call: Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>> = Box::pin(call);
    future_to_promise(call)
}

/// What a call is about.
#[derive(Clone, Copy)]
enum Task<'a> {
    Start { device: &'a DeviceId, options: &'a JsValue },
    Follow { location: &'a str, look_after_ms: f64, to_its_end: bool },
    Read { device: Option<&'a DeviceId>, pages: &'a RefCell<Pages> },
}

/// All that is the same for every call, whatever it is about.
async fn perform(tokens: &Tokens, options: &Options, task: Task<'_>) -> Result<JsValue, JsValue> {
    let Options { root, platform, limits, observer, signal, on_conflict, .. } = options;
    let call = Call::new(platform, tokens, root, *limits, observer);
    let document = |operation: Operation<Js>| Js::or_undefined(&operation.document);
    let story = call.run(async {
        Ok(match task {
            Task::Start { device, .. } => Box::pin(call.run_diagnostics(device, *on_conflict)).await?.location.into(),
            Task::Follow { location, look_after_ms, to_its_end } => {
                call.known.borrow_mut().location = Some(location.into());
                document(if to_its_end { call.wait_for_operation(look_after_ms).await } else { call.get_operation().await }?)
            }
            Task::Read { device, pages } => {
                call.known.borrow_mut().device_id = device.map(|device| device.as_str().into());
                let mut reading = pages.take();
                let page = Box::pin(call.next_page(&mut reading)).await;
                pages.replace(reading);
                let item = |item| if device.is_some() { document(Operation::of_document(item)) } else { item.0 };
                page?.map_or(JsValue::UNDEFINED, |page| page.into_iter().map(item).collect::<Array>().into())
            }
        })
    });
    let outcome = until_aborted(signal, story).await.and_then(|outcome| outcome.map_err(reason));
    // Also after a failure: once Graph took the run, it must be possible to follow it.
    let known = call.known.borrow();
    match (task, &known.location) {
        (Task::Start { options, .. }, Some(location)) => {
            remember(location, &tokens.0, options, platform.now() + known.look_after_ms);
        }
        (Task::Follow { location, .. }, _) if known.has_ended => forget(location),
        // Going on from the error's location must find its token.
        (Task::Follow { location, .. }, Some(moved)) => remember_also(location, moved),
        _ => {}
    }
    outcome
}
