//! Options in: read once, into values, and checked before anything is sent.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;

use super::errors::{invalid_argument, thrown};
use super::signal::Signal;
use super::token_source::TokenSource;
use super::value::Js;
use crate::machine::effect::Failure;
use crate::machine::start::OnConflict;
use crate::machine::state::Limits;
use crate::protocol::cloud::Cloud;
use crate::protocol::location::ServiceRoot;
use crate::protocol::time::Millis;

/// The options of any of the exported functions; each function uses those that its type declares.
#[derive(Clone, Default)]
pub struct Options {
    /// `token`
    pub tokens: Option<TokenSource>,
    /// `cloud` or `baseUrl`
    pub root: Option<ServiceRoot>,
    /// `fetch`, or undefined
    pub fetch: JsValue,
    /// `signal`
    pub signal: Option<Signal>,
    /// `timeout`, `operationTimeout`, `tokenTimeout`, `maxRetries` and `pollInterval`
    pub limits: Limits,
    /// `onProgress`
    pub on_progress: Option<Function>,
    /// `onConflict`
    pub on_conflict: OnConflict,
}

type Checked<T> = Result<T, Failure<Js>>;

impl Options {
    /// Reads the options argument; undefined and null mean that there is none.
    ///
    /// # Errors
    /// `invalidArgument`, which names the option; or what a getter of the caller's threw.
    pub fn read(argument: &JsValue) -> Checked<Options> {
        let mut options = Options::default();
        let mut service = Service::default();
        for (name, value) in given(argument)? {
            options.take(name, value, &mut service)?;
        }
        options.root = service.root()?;
        Ok(options)
    }

    fn take(&mut self, name: &str, value: JsValue, service: &mut Service) -> Checked<()> {
        let limits = &mut self.limits;
        match name {
            "token" => {
                let source = TokenSource::new(value).map_err(thrown)?;
                self.tokens = Some(source.map_err(|problem| wrong(name, problem))?);
            }
            "cloud" => service.cloud = Some(cloud(&value)?),
            "baseUrl" => service.base_url = Some(value.as_string().unwrap_or_default()),
            "fetch" => self.fetch = function(name, value)?.into(),
            "signal" => self.signal = Some(Signal::new(value)?),
            "timeout" => limits.timeout = millis(name, &value, f64::MAX)?,
            "operationTimeout" => limits.operation_timeout = millis(name, &value, f64::INFINITY)?,
            "tokenTimeout" => limits.token_timeout = millis(name, &value, f64::INFINITY)?,
            "maxRetries" => limits.max_retries = count(name, &value)?,
            "pollInterval" => limits.poll_interval = Some(millis(name, &value, f64::MAX)?),
            "onProgress" => self.on_progress = Some(function(name, value)?),
            "onConflict" => self.on_conflict = on_conflict(name, &value)?,
            _ => {}
        }
        Ok(())
    }
}

/// What says which service it is.
#[derive(Default)]
struct Service {
    cloud: Option<Cloud>,
    base_url: Option<String>,
}

impl Service {
    fn root(self) -> Checked<Option<ServiceRoot>> {
        let base_url = match (&self.cloud, &self.base_url) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => return Err(wrong("cloud", "and options.baseUrl exclude each other")),
            (Some(cloud), None) => cloud.base_url(),
            (None, Some(base_url)) => base_url,
        };
        ServiceRoot::new::<Js>(base_url).map(Some).map_err(|problem| wrong("baseUrl", problem))
    }
}

/// The root of the worldwide service.
pub fn default_root() -> Checked<ServiceRoot> {
    ServiceRoot::new::<Js>(Cloud::Global.base_url()).map_err(|problem| wrong("baseUrl", problem))
}

/// What options are called.
const NAMES: [&str; 12] = [
    "token",
    "cloud",
    "baseUrl",
    "fetch",
    "signal",
    "timeout",
    "operationTimeout",
    "tokenTimeout",
    "maxRetries",
    "pollInterval",
    "onProgress",
    "onConflict",
];

/// The options that are given, by name. What only `Object.prototype` has is no option: somebody else may have put it there.
fn given(options: &JsValue) -> Checked<Vec<(&'static str, JsValue)>> {
    let mut found: Vec<(&str, JsValue)> = Vec::new();
    if options.is_undefined() || options.is_null() {
        return Ok(found);
    }
    if !options.is_object() {
        return Err(invalid_argument("options", "must be an object"));
    }
    let mut holder: JsValue = options.clone();
    while !holder.is_null() {
        let above: JsValue = Reflect::get_prototype_of(&holder).map_err(thrown)?.into();
        if above.is_null() && holder != *options {
            break;
        }
        let names: Array = Reflect::own_keys(&holder).map_err(thrown)?;
        for key in names.iter() {
            let text = key.as_string().unwrap_or_default();
            let Some(name) = NAMES.into_iter().find(|name| *name == text) else { continue };
            if !found.iter().any(|(known, _)| *known == name) {
                found.push((name, Reflect::get(options, &key).map_err(thrown)?));
            }
        }
        holder = above;
    }
    found.retain(|(_, value)| !value.is_undefined());
    Ok(found)
}

fn wrong(name: &str, problem: &str) -> Failure<Js> {
    invalid_argument(&["options.", name].concat(), problem)
}

fn function(name: &str, value: JsValue) -> Checked<Function> {
    value.dyn_into().map_err(|_| wrong(name, "must be a function"))
}

fn millis(name: &str, value: &JsValue, limit: f64) -> Checked<Millis> {
    let ms = value.as_f64().filter(|ms| *ms > 0.0 && *ms <= limit);
    ms.map(Millis).ok_or_else(|| wrong(name, "must be a number of milliseconds, more than 0"))
}

fn count(name: &str, value: &JsValue) -> Checked<u32> {
    let times = value.as_f64().filter(|times| (0.0..=1_000_000.0).contains(times) && *times == times.trunc());
    times.map(|times| times as u32).ok_or_else(|| wrong(name, "must be a whole number, 0 or more"))
}

fn cloud(value: &JsValue) -> Checked<Cloud> {
    let cloud = value.as_string().as_deref().and_then(Cloud::from_name);
    cloud.ok_or_else(|| wrong("cloud", "must be \"global\", \"usGovL4\", \"usGovL5\" or \"china\""))
}

fn on_conflict(name: &str, value: &JsValue) -> Checked<OnConflict> {
    match value.as_string().as_deref() {
        Some("throw") => Ok(OnConflict::Throw),
        Some("attach") => Ok(OnConflict::Attach),
        _ => Err(wrong(name, "must be \"throw\" or \"attach\"")),
    }
}
