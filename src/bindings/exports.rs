//! The functions that the package exports.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::driver::{Caller, OnEnd, Task};
use super::errors::{invalid_argument, thrown, to_js_error};
use super::host;
use super::options::Options;
use super::token_source::TokenSource;
use super::token_store::{self, StartedWith};
use super::value::Js;
use crate::machine::call::{Call, CallKind};
use crate::machine::effect::Failure;
use crate::machine::follow::Until;
use crate::machine::pages::PageCursor;
use crate::machine::state::Settings;
use crate::protocol::device_id::DeviceId;
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::limits::LONGEST_ARGUMENT;
use crate::protocol::location::{ServiceRoot, TrustedUrl, Untrusted};
use crate::protocol::time::Millis;
use crate::protocol::token::looks_like_token;

/// Starts diagnostics on a device; resolves to the operation's absolute URL. `facts` is an object that gets it as `location` as soon as
/// it is known: a trap after that leaves nothing else.
#[wasm_bindgen(js_name = runDiagnostics)]
pub fn run_diagnostics(token: JsValue, device_id: JsValue, options: JsValue, facts: JsValue) -> Promise {
    or_rejected(start(token, device_id, &options, facts))
}

/// Waits until an operation ended; resolves to it when it succeeded.
#[wasm_bindgen(js_name = waitForOperation)]
pub fn wait_for_operation(location: JsValue, options: JsValue) -> Promise {
    or_rejected(follow(&location, &options, Until::End))
}

/// Polls an operation once; resolves to it, whatever its state.
#[wasm_bindgen(js_name = getOperation)]
pub fn get_operation(location: JsValue, options: JsValue) -> Promise {
    or_rejected(follow(&location, &options, Until::FirstPoll))
}

/// Reads a collection page by page: the operations of a device, or the devices of the tenant.
#[wasm_bindgen]
pub struct PageReader {
    tokens: TokenSource,
    options: Box<Options>,
    root: ServiceRoot,
    /// Nothing while a page is being read.
    cursor: Rc<Cell<Option<PageCursor<Js>>>>,
}

#[wasm_bindgen]
impl PageReader {
    /// The operations of a device; the tenant's devices when `device_id` is undefined. Sends nothing yet.
    #[wasm_bindgen(constructor)]
    pub fn new(token: JsValue, device_id: JsValue, options: JsValue) -> Result<PageReader, JsValue> {
        PageReader::checked(token, device_id, &options).map_err(to_js_error)
    }

    fn checked(token: JsValue, device_id: JsValue, options: &JsValue) -> Result<PageReader, Failure<Js>> {
        let tokens = token_source(token)?;
        let device = if device_id.is_undefined() { None } else { Some(device(device_id)?) };
        let options = Options::read(options)?;
        let root = options.root()?;
        let cursor = match &device {
            Some(device) => PageCursor::of_operations(&root, device),
            None => PageCursor::of_devices(&root),
        };
        Ok(PageReader { tokens, options, root, cursor: Rc::new(Cell::new(Some(cursor))) })
    }

    /// The items of the next page as an array; undefined after the last one, and while another page is being read.
    pub fn next(&self) -> Promise {
        let cursor = self.cursor.take().unwrap_or_default();
        let read = self.cursor.clone();
        let on_end: OnEnd = Box::new(move |call| read.set(call.into_cursor()));
        let (root, tokens) = (self.root.clone(), self.tokens.clone());
        or_rejected(begin(CallKind::List { cursor }, root, tokens, &self.options, on_end))
    }
}

fn start(token: JsValue, device_id: JsValue, options: &JsValue, facts: JsValue) -> Result<Promise, Failure<Js>> {
    let (tokens, device) = (token_source(token)?, device(device_id)?);
    let mut options = Options::read(options)?;
    options.facts = Some(facts);
    let root = options.root()?;
    let (remembered_tokens, remembered_root, fetch) = (tokens.clone(), root.clone(), options.fetch.clone());
    let remember = move |call: Call<Js>| {
        // Also after a failure: once Graph took the run, it must be possible to follow it.
        let Some(location) = &call.facts().location else { return };
        let first_poll_at = call.facts().first_poll_at;
        let started_with = StartedWith { tokens: remembered_tokens, root: remembered_root, fetch, first_poll_at };
        token_store::set(location.clone(), Rc::new(started_with));
    };
    let kind = CallKind::Start { device, on_conflict: options.on_conflict };
    begin(kind, root, tokens, &options, Box::new(remember))
}

fn follow(location: &JsValue, options: &JsValue, until: Until) -> Result<Promise, Failure<Js>> {
    let text = location.as_string().filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| invalid_argument("location", "must be a non-empty string"))?;
    if looks_like_token(&text) {
        return Err(invalid_argument("location", "looks like an access token: pass what runDiagnostics resolved to"));
    }
    if text.len() > LONGEST_ARGUMENT {
        return Err(invalid_argument(
            "location",
            "must not be longer than 1,024 characters: pass what runDiagnostics resolved to",
        ));
    }
    let mut options = Options::read(options)?;
    let Operation { location: trusted, root, started_with } = operation_at(&text, &options)?;
    let tokens = options.tokens.take().or_else(|| Some(started_with.as_ref()?.tokens.clone()));
    let Some(tokens) = tokens else {
        let mut error = Error::new(ErrorCode::MissingToken, "No token is known for this location");
        error.location = Some(trusted.as_str().to_owned());
        return Err(Failure::Error(error));
    };
    let mut first_poll_after = Millis::ZERO;
    if let Some(started_with) = started_with {
        if options.fetch.is_undefined() {
            options.fetch = started_with.fetch.clone();
        }
        if let Some(at) = started_with.first_poll_at.filter(|_| until == Until::End) {
            first_poll_after = (at - host::now().map_err(thrown)?.instant).max(Millis::ZERO);
        }
    }
    let known_as = trusted.clone();
    let remember = move |call: Call<Js>| {
        let Some(location) = &call.facts().location else { return };
        if call.facts().has_ended {
            token_store::delete(&known_as);
            token_store::delete(location);
        } else if *location != known_as {
            // Going on from the error's location must find its token.
            token_store::alias(&known_as, location);
        }
    };
    let kind = CallKind::Follow { location: trusted, first_poll_after, until };
    begin(kind, root, tokens, &options, Box::new(remember))
}

/// An operation that is to be followed.
struct Operation {
    location: TrustedUrl,
    root: ServiceRoot,
    /// Nothing when this instance did not start it, or has forgotten it.
    started_with: Option<Rc<StartedWith>>,
}

/// The operation that a caller's text means.
fn operation_at(text: &str, options: &Options) -> Result<Operation, Failure<Js>> {
    let known = token_store::get(text);
    if let Some((location, started_with)) = &known
        && options.root.as_ref().is_none_or(|root| *root == started_with.root)
    {
        let (location, root) = (location.clone(), started_with.root.clone());
        return Ok(Operation { location, root, started_with: Some(started_with.clone()) });
    }
    let mut root = options.root()?;
    let location = root.trust::<Js>(text).map_err(|untrusted| not_followed(text, untrusted))?;
    // It may have been written in another way.
    let known = known.or_else(|| token_store::get(location.as_str()));
    let started_with = known.map(|(_, started_with)| started_with);
    if let (None, Some(started_with)) = (&options.root, &started_with) {
        root = started_with.root.clone();
    }
    Ok(Operation { location, root, started_with })
}

/// All that is the same for every call, whatever it is about.
fn begin(
    kind: CallKind<Js>,
    root: ServiceRoot,
    tokens: TokenSource,
    options: &Options,
    on_end: OnEnd,
) -> Result<Promise, Failure<Js>> {
    let settings = Settings {
        root,
        limits: options.limits,
        can_renew_token: tokens.text().is_none(),
        emits_events: options.on_progress.is_some(),
    };
    let caller = Caller {
        tokens,
        fetch: options.fetch.clone(),
        on_progress: options.on_progress.clone(),
        signal: options.signal.clone(),
        facts: options.facts.clone(),
    };
    Task::begin(kind, settings, caller, on_end)
}

fn token_source(token: JsValue) -> Result<TokenSource, Failure<Js>> {
    TokenSource::new(token).map_err(thrown)?.map_err(|problem| invalid_argument("token", problem))
}

fn device(device_id: JsValue) -> Result<DeviceId, Failure<Js>> {
    let device_id = device_id.as_string().ok_or_else(|| invalid_argument("deviceId", "must be a string"))?;
    DeviceId::new(device_id).map_err(|problem| invalid_argument("deviceId", problem))
}

fn or_rejected(promise: Result<Promise, Failure<Js>>) -> Promise {
    promise.unwrap_or_else(|failure| Promise::reject(&to_js_error(failure)))
}

/// The error of a location that the caller gave.
fn not_followed(location: &str, untrusted: Untrusted) -> Failure<Js> {
    match untrusted {
        Untrusted::Malformed => invalid_argument("location", "must be a URL: pass what runDiagnostics resolved to"),
        Untrusted::Elsewhere => Failure::Error(Error::untrusted_location(location, untrusted)),
    }
}
