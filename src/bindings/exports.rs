//! The functions that the package exports.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::abort::abortable;
use super::errors::{diagnostics_error, invalid_argument, reason};
use super::events::OnProgress;
use super::fetch::JsPlatform;
use super::options::{Options, default_root};
use super::tokens::Tokens;
use super::value::Js;
use crate::client::untrusted;
use crate::collection::Pages;
use crate::device::DeviceId;
use crate::error::{Code, Error, Failure};
use crate::exchange::Call;
use crate::http::Platform;
use crate::location::ServiceRoot;
use crate::operation::Operation;
use crate::token::Remembered;

/// What reaches one tenant's Graph.
struct Connection {
    tokens: Tokens,
    root: ServiceRoot,
    fetch: Option<Function>,
}

/// What a location is remembered with: how to reach it, and when Graph wants it to be looked at for the first time.
#[derive(Clone)]
struct StartedWith {
    connection: Rc<Connection>,
    look_at: f64,
}

thread_local! {
    static STARTED: RefCell<Remembered<StartedWith>> = const { RefCell::new(Remembered::new()) };
}

/// Starts diagnostics on a device; resolves to the operation's absolute URL.
#[wasm_bindgen(js_name = runDiagnostics)]
pub async fn run_diagnostics(token: JsValue, device_id: JsValue, options: JsValue) -> Result<String, JsValue> {
    let (tokens, device) = tokens_and_device(token, device_id)?;
    let options = Options::read(&options)?;
    let root = options.root.map_or_else(default_root, Ok)?;
    let platform = JsPlatform { fetch: options.fetch };
    let observer = OnProgress(options.on_progress);
    let call = Call::new(&platform, &tokens, &root, options.limits, &observer);
    let outcome =
        abortable(options.signal, async { call.run_diagnostics(&device, options.on_conflict).await.map_err(reason) }).await;
    // Also after a failure: once Graph took the run, it must be possible to follow it.
    let (location, look_after_ms) = match &outcome {
        Ok(started) => (Some(started.location.clone()), started.look_after_ms),
        Err(_) => (call.known.into_inner().location, 0.0),
    };
    if let Some(location) = location {
        let look_at = platform.now() + look_after_ms;
        let connection = Rc::new(Connection { tokens, root, fetch: platform.fetch });
        STARTED.with_borrow_mut(|started| started.insert(&location, StartedWith { connection, look_at }));
    }
    outcome.map(|started| started.location)
}

/// Waits until an operation ended; resolves to it when it succeeded.
#[wasm_bindgen(js_name = waitForOperation)]
pub async fn wait_for_operation(location: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    follow(location, options, Until::Ended).await
}

/// Looks at an operation once; resolves to it, whatever its state.
#[wasm_bindgen(js_name = getOperation)]
pub async fn get_operation(location: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    follow(location, options, Until::Seen).await
}

/// The operations of a device, read page by page.
#[wasm_bindgen]
pub struct OperationPages {
    tokens: Tokens,
    root: ServiceRoot,
    options: Options,
    device: DeviceId,
    pages: Pages,
}

#[wasm_bindgen]
impl OperationPages {
    /// Sends nothing yet.
    #[wasm_bindgen(constructor)]
    pub fn new(token: JsValue, device_id: JsValue, options: JsValue) -> Result<OperationPages, JsValue> {
        let (tokens, device) = tokens_and_device(token, device_id)?;
        let mut options = Options::read(&options)?;
        let root = options.root.take().map_or_else(default_root, Ok)?;
        let pages = Pages::of_operations(&root, &device);
        Ok(OperationPages { tokens, root, options, device, pages })
    }

    /// The operations of the next page as an array; undefined after the last one.
    pub async fn next(&mut self) -> Result<JsValue, JsValue> {
        let options = &self.options;
        let platform = JsPlatform { fetch: options.fetch.clone() };
        let observer = OnProgress(options.on_progress.clone());
        let call = Call::new(&platform, &self.tokens, &self.root, options.limits, &observer);
        call.known.borrow_mut().device_id = Some(self.device.as_str().to_owned());
        let page = call.run(call.next_page(&mut self.pages));
        let page = abortable(options.signal.clone(), async { page.await.map_err(reason) }).await?;
        let documents = |page: Vec<Operation<Js>>| -> Array {
            page.into_iter().filter_map(|operation| operation.document).map(|document| document.0).collect()
        };
        Ok(page.map_or(JsValue::UNDEFINED, |page| documents(page).into()))
    }
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

/// Everything that is the same for all who follow an operation: finding its connection, and forgetting it at the end.
async fn follow(location: JsValue, options: JsValue, until: Until) -> Result<JsValue, JsValue> {
    let Options { tokens, root, signal, limits, on_progress, fetch, .. } = Options::read(&options)?;
    let text = location.as_string().filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| invalid_argument("location", "must be a non-empty string"))?;
    let recall = |location: &str| STARTED.with_borrow(|started| started.get(location));
    let mut remembered = recall(&text);
    let root = match (root, &remembered) {
        (Some(root), _) => root,
        (None, Some(with)) => with.connection.root.clone(),
        (None, None) => default_root()?,
    };
    let fetch = fetch.or_else(|| remembered.as_ref()?.connection.fetch.clone());
    let platform = JsPlatform { fetch };
    let location = root.trust(&platform, &text).ok_or_else(|| diagnostics_error(untrusted(&text)))?;
    remembered = remembered.or_else(|| recall(&location));
    let tokens = tokens.or_else(|| Some(remembered.as_ref()?.connection.tokens.clone()));
    let Some(tokens) = tokens else {
        let message = "No token is known for this location";
        return Err(diagnostics_error(Error { location: Some(location), ..Error::new(Code::MissingToken, message) }));
    };
    let observer = OnProgress(on_progress);
    let call = Call::new(&platform, &tokens, &root, limits, &observer);
    call.known.borrow_mut().location = Some(location.clone());
    let look_after_ms = remembered.as_ref().map_or(0.0, |with| (with.look_at - platform.now()).max(0.0));
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
        STARTED.with_borrow_mut(|started| {
            if ended {
                started.remove(&location);
            } else if let (Some(moved), Some(with)) = (&call.known.borrow().location, remembered) {
                // The operation may have moved; going on from the error's location must find its token.
                started.insert(moved, with);
            }
        });
        outcome.map(|operation| operation.document.map_or(JsValue::UNDEFINED, |document| document.0)).map_err(reason)
    })
    .await
}
