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
use super::token_store::{self, Known, StartedWith};
use super::value::Js;
use crate::machine::call::{Call, CallKind};
use crate::machine::effect::Failure;
use crate::machine::follow::Until;
use crate::machine::pages::PageCursor;
use crate::machine::state::Settings;
use crate::protocol::device_id::DeviceId;
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::location::{ServiceRoot, TrustedUrl, Untrusted};
use crate::protocol::time::Millis;
use crate::protocol::token::refuse_token;

/// Starts diagnostics on a device; resolves to the operation's absolute URL. The object `facts` gets it as `location` as
/// soon as it is known, because nothing else is left if the WebAssembly traps after that.
#[wasm_bindgen(js_name = runDiagnostics)]
pub fn run_diagnostics(token: JsValue, device_id: JsValue, options: JsValue, facts: JsValue) -> Promise {
    or_rejected(start(token, device_id, &options, facts))
}

/// Waits until an operation has ended; resolves to it if it succeeded.
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
    /// `None` while a page is being read.
    cursor: Rc<Cell<Option<PageCursor<Js>>>>,
}

#[wasm_bindgen]
impl PageReader {
    /// A reader of the operations of a device, or of the tenant's devices if `device_id` is undefined. Sends nothing yet.
    ///
    /// # Errors
    /// An argument or option is wrong: the members of a `DiagnosticsError`.
    #[wasm_bindgen(constructor)]
    pub fn new(token: JsValue, device_id: JsValue, options: JsValue) -> Result<PageReader, JsValue> {
        PageReader::checked(token, device_id, &options).map_err(to_js_error)
    }

    fn checked(token: JsValue, device_id: JsValue, options: &JsValue) -> Result<PageReader, Failure<Js>> {
        let tokens = token_source(token)?;
        let device = if device_id.is_undefined() { None } else { Some(device(&device_id, &tokens)?) };
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
    let tokens = token_source(token)?;
    let device = device(&device_id, &tokens)?;
    let mut options = Options::read(options)?;
    options.facts = Some(facts);
    let root = options.root()?;
    let started_with = started_with(&tokens, &options, &root);
    let remember = move |call: Call<Js>| {
        // Also after a failure: once Graph has accepted the run, it must be possible to follow it.
        let Some(location) = &call.facts().location else { return };
        let not_before = call.facts().not_before;
        token_store::update(location, Known { started_with: Some(Rc::new(started_with)), not_before });
    };
    let kind = CallKind::Start { device, on_conflict: options.on_conflict, interrupted: None };
    begin(kind, root, tokens, &options, Box::new(remember))
}

fn follow(location: &JsValue, options: &JsValue, until: Until) -> Result<Promise, Failure<Js>> {
    let text = text_argument("location", location)?;
    let mut options = Options::read(options)?;
    let found = token_store::get(&text);
    // A location that this package returned is accepted, however long its ids are.
    if found.is_none() {
        refuse("location", &text, options.tokens.as_ref())?;
    }
    let Operation { location: trusted, root, known } = resolve_operation(&text, found, &options)?;
    let tokens = token_source_for(&trusted, &known, options.tokens.take())?;
    // The `fetch` replacement of one caller must not see the token of another.
    let is_same_source = |started_with: &Rc<StartedWith>| started_with.tokens.as_ref() == Some(&tokens);
    if let Some(started_with) = known.started_with.filter(is_same_source).filter(|_| options.fetch.is_undefined()) {
        options.fetch = started_with.fetch.clone();
    }
    let mut first_poll_after = Millis::ZERO;
    if let Some(at) = known.not_before.filter(|_| until == Until::End) {
        first_poll_after = (at - host::now().map_err(thrown)?.instant).max(Millis::ZERO);
    }
    let known_as = trusted.clone();
    let remember = move |call: Call<Js>| update_store(&known_as, &call);
    let kind = CallKind::Follow { location: trusted, first_poll_after, until };
    begin(kind, root, tokens, &options, Box::new(remember))
}

/// Updates the store after a call that followed the operation known as `known_as`.
fn update_store(known_as: &TrustedUrl, call: &Call<Js>) {
    let facts = call.facts();
    let Some(location) = &facts.location else { return };
    if facts.has_ended {
        token_store::delete(known_as);
        token_store::delete(location);
        return;
    }
    if facts.not_before.is_some() {
        token_store::update(known_as, Known { started_with: None, not_before: facts.not_before });
    }
    // A call that resumes from the error's location must find its token.
    if let Some((_, known)) = token_store::get(known_as.as_str()).filter(|_| location != known_as) {
        token_store::update(location, known);
    }
}

/// The token source of a wait or poll: the caller's own, or the one that the operation was started with.
fn token_source_for(location: &TrustedUrl, known: &Known, own: Option<TokenSource>) -> Result<TokenSource, Failure<Js>> {
    let started_with = known.started_with.as_ref();
    if let Some(tokens) = own.or_else(|| started_with?.tokens.clone()) {
        return Ok(tokens);
    }
    let mut error = Error::new(ErrorCode::MissingToken, "No token is known for this location");
    if started_with.is_some_and(|started_with| started_with.has_several) {
        error.specific_hint = Some("Pass options.token: this operation was started with several token sources.");
    }
    error.location = Some(location.as_str().to_owned());
    Err(Failure::Error(error))
}

/// An operation to follow.
struct Operation {
    location: TrustedUrl,
    root: ServiceRoot,
    known: Known,
}

/// The operation for a caller's location; `found` is what the store has for exactly this text.
fn resolve_operation(text: &str, found: Option<(TrustedUrl, Known)>, options: &Options) -> Result<Operation, Failure<Js>> {
    if let Some((location, known)) = &found
        && let Some(started_with) = &known.started_with
        && options.root.as_ref().is_none_or(|root| *root == started_with.root)
    {
        return Ok(Operation { location: location.clone(), root: started_with.root.clone(), known: known.clone() });
    }
    let mut root = options.root()?;
    let location = root.trust_operation::<Js>(text).map_err(|untrusted| location_error(text, untrusted))?;
    // The same location may have been written in another form.
    let (_, known) = found.or_else(|| token_store::get(location.as_str())).unwrap_or((location.clone(), Known::default()));
    if let (None, Some(started_with)) = (&options.root, &known.started_with) {
        root = started_with.root.clone();
    }
    Ok(Operation { location, root, known })
}

/// Begins a call: the part that is the same for every kind.
fn begin(
    kind: CallKind<Js>,
    root: ServiceRoot,
    tokens: TokenSource,
    options: &Options,
    on_end: OnEnd,
) -> Result<Promise, Failure<Js>> {
    let settings = settings(&tokens, options, root);
    let caller = Caller {
        tokens,
        fetch: options.fetch.clone(),
        on_progress: options.on_progress.clone(),
        signal: options.signal.clone(),
        facts: options.facts.clone(),
    };
    Task::begin(kind, settings, caller, on_end)
}

/// The settings of a call, as the caller chose them.
pub fn settings(tokens: &TokenSource, options: &Options, root: ServiceRoot) -> Settings {
    Settings {
        root,
        limits: options.limits,
        can_renew_token: tokens.text().is_none(),
        emits_events: options.on_progress.is_some(),
        awaits_turns: false,
    }
}

/// What the store keeps of a start.
pub fn started_with(tokens: &TokenSource, options: &Options, root: &ServiceRoot) -> StartedWith {
    let tokens = Some(tokens.clone()).filter(|_| !options.forgets_token);
    StartedWith { tokens, has_several: false, root: root.clone(), fetch: options.fetch.clone() }
}

/// Checks the argument `token`.
///
/// # Errors
/// `invalidArgument`, or what a getter threw.
pub fn token_source(token: JsValue) -> Result<TokenSource, Failure<Js>> {
    TokenSource::new(token).map_err(thrown)?.map_err(|problem| invalid_argument("token", problem))
}

/// Checks the argument `deviceId`.
///
/// # Errors
/// `invalidArgument`.
pub fn device(device_id: &JsValue, tokens: &TokenSource) -> Result<DeviceId, Failure<Js>> {
    let id = text_argument("deviceId", device_id)?;
    refuse("deviceId", &id, Some(tokens))?;
    DeviceId::new(id).map_err(|problem| invalid_argument("deviceId", problem))
}

fn text_argument(name: &str, value: &JsValue) -> Result<String, Failure<Js>> {
    let text = value.as_string().filter(|text| !text.is_empty());
    text.ok_or_else(|| invalid_argument(name, "must be a non-empty string"))
}

/// Refuses an argument that may be a token.
fn refuse(name: &str, argument: &str, tokens: Option<&TokenSource>) -> Result<(), Failure<Js>> {
    refuse_token(argument, tokens.and_then(TokenSource::text)).map_err(|problem| invalid_argument(name, problem))
}

fn or_rejected(promise: Result<Promise, Failure<Js>>) -> Promise {
    promise.unwrap_or_else(|failure| Promise::reject(&to_js_error(failure)))
}

/// The error for a location that the caller passed.
fn location_error(location: &str, untrusted: Untrusted) -> Failure<Js> {
    match untrusted {
        Untrusted::Malformed | Untrusted::NoOperation => {
            invalid_argument("location", "must be the URL of an operation: pass what runDiagnostics resolved to")
        }
        Untrusted::Elsewhere => Failure::Error(Error::untrusted_location(location, untrusted)),
    }
}
