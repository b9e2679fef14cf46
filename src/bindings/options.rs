//! The options: read once, converted, and checked before anything is sent.

use std::cell::RefCell;

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::errors::{invalid_argument, thrown};
use super::host::{member, read_options};
use super::signal::Signal;
use super::token_source::TokenSource;
use super::value::Js;
use crate::machine::effect::Failure;
use crate::machine::start::OnConflict;
use crate::machine::state::Limits;
use crate::protocol::cloud::Cloud;
use crate::protocol::location::ServiceRoot;
use crate::protocol::time::Millis;

/// The options of all exported functions; each function uses those that its type declares.
#[derive(Default)]
pub struct Options {
    /// `token`
    pub tokens: Option<TokenSource>,
    /// `cloud` or `baseUrl`
    pub root: Option<ServiceRoot>,
    /// `fetch`, or undefined
    pub fetch: JsValue,
    /// `signal`
    pub signal: Option<Signal>,
    /// `timeout`, `operationTimeout`, `tokenTimeout`, `maxRetries`, `patience` and `pollInterval`
    pub limits: Limits,
    /// `onProgress`
    pub on_progress: Option<Function>,
    /// `onConflict`
    pub on_conflict: OnConflict,
    /// Not an option: the object that receives the operation's location, for a call that starts one
    pub facts: Option<JsValue>,
    /// `rememberToken: false`
    pub forgets_token: bool,
}

/// What a check returns.
pub type Checked<T> = Result<T, Failure<Js>>;

impl Options {
    /// Reads the options argument; undefined and null mean no options.
    ///
    /// # Errors
    /// `invalidArgument`, which names the option; or what one of the caller's getters threw.
    pub fn read(argument: &JsValue) -> Checked<Box<Options>> {
        let given = Given(read_options(argument));
        if let Some(failed) = given.0.dyn_ref::<Array>() {
            return Err(thrown(failed.get(0)));
        }
        if !given.0.is_object() && !given.0.is_undefined() && !given.0.is_null() {
            return Err(invalid_argument("options", "must be an object"));
        }
        // Filled in one by one, so that an early return drops only one box.
        let mut options = Box::<Options>::default();
        given.limits(&mut options.limits)?;
        options.tokens = given.tokens()?;
        options.root = given.root()?;
        options.fetch = given.function("fetch")?.into();
        options.signal = given.option("signal").map(Signal::new).transpose()?;
        options.on_progress = given.function("onProgress")?;
        options.on_conflict = given.on_conflict()?;
        options.forgets_token = given.forgets_token()?;
        Ok(options)
    }

    /// The service that the options name, by default the worldwide one.
    ///
    /// # Errors
    /// `invalidArgument` for a wrong base URL.
    pub fn root(&self) -> Checked<ServiceRoot> {
        self.root.clone().map_or_else(|| root_of(Cloud::Global.base_url()), Ok)
    }
}

/// The options that are given: a plain object, or undefined or null.
pub struct Given(pub JsValue);

impl Given {
    /// The value of an option, if it is given.
    pub fn option(&self, name: &str) -> Option<JsValue> {
        Some(member(&self.0, name)).filter(|value| !value.is_undefined())
    }

    fn function(&self, name: &str) -> Checked<Option<Function>> {
        let Some(value) = self.option(name) else { return Ok(None) };
        value.dyn_into().map(Some).map_err(|_| wrong(name, "must be a function"))
    }

    fn limits(&self, limits: &mut Limits) -> Checked<()> {
        self.millis("timeout", f64::MAX, &mut limits.timeout)?;
        self.millis("operationTimeout", f64::INFINITY, &mut limits.operation_timeout)?;
        self.millis("tokenTimeout", f64::INFINITY, &mut limits.token_timeout)?;
        let mut poll_interval = Millis::ZERO;
        if self.millis("pollInterval", f64::MAX, &mut poll_interval)? {
            limits.poll_interval = Some(poll_interval);
        }
        if let Some(value) = self.option("patience") {
            let ms = value.as_f64().filter(|ms| *ms >= 0.0);
            limits.patience.0 = ms.ok_or_else(|| wrong("patience", "must be a number of milliseconds, 0 or more"))?;
        }
        if let Some(value) = self.option("maxRetries") {
            let times = value.as_f64().filter(|times| (0.0..=1_000_000.0).contains(times) && *times == times.trunc());
            limits.max_retries =
                times.ok_or_else(|| wrong("maxRetries", "must be a whole number from 0 to 1,000,000"))? as u32;
        }
        Ok(())
    }

    /// Reads an option in milliseconds. Returns whether it is given.
    ///
    /// # Errors
    /// `invalidArgument`.
    pub fn millis(&self, name: &str, limit: f64, to: &mut Millis) -> Checked<bool> {
        let Some(value) = self.option(name) else { return Ok(false) };
        let ms = value.as_f64().filter(|ms| *ms > 0.0 && *ms <= limit);
        let finite = if limit == f64::INFINITY { "" } else { "finite " };
        to.0 = ms.ok_or_else(|| wrong(name, &["must be a ", finite, "number of milliseconds, more than 0"].concat()))?;
        Ok(true)
    }

    fn tokens(&self) -> Checked<Option<TokenSource>> {
        let Some(source) = self.option("token") else { return Ok(None) };
        TokenSource::new(source).map_err(thrown)?.map(Some).map_err(|problem| wrong("token", problem))
    }

    fn on_conflict(&self) -> Checked<OnConflict> {
        match self.option("onConflict").map(|value| value.as_string().unwrap_or_default()).as_deref() {
            None | Some("throw") => Ok(OnConflict::Throw),
            Some("attach") => Ok(OnConflict::Attach),
            _ => Err(wrong("onConflict", "must be \"throw\" or \"attach\"")),
        }
    }

    fn forgets_token(&self) -> Checked<bool> {
        let Some(value) = self.option("rememberToken") else { return Ok(false) };
        value.as_bool().map(|remembers| !remembers).ok_or_else(|| wrong("rememberToken", "must be true or false"))
    }

    /// The service that `cloud` or `baseUrl` names.
    fn root(&self) -> Checked<Option<ServiceRoot>> {
        let cloud = match self.option("cloud") {
            None => None,
            Some(name) => {
                let cloud = name.as_string().as_deref().and_then(Cloud::from_name);
                let problem = "must be \"global\", \"usGovL4\", \"usGovL5\" or \"china\"";
                Some(cloud.ok_or_else(|| wrong("cloud", problem))?.base_url().to_owned())
            }
        };
        let base_url = self.option("baseUrl").map(|value| value.as_string().unwrap_or_default());
        if cloud.is_some() && base_url.is_some() {
            return Err(wrong("cloud", "and options.baseUrl exclude each other"));
        }
        cloud.or(base_url).map(|base_url| root_of(&base_url)).transpose()
    }
}

thread_local! {
    /// The last base URL and its service: nearly all callers use only one.
    static LAST_ROOT: RefCell<Option<(String, ServiceRoot)>> = const { RefCell::new(None) };
}

/// The service at a base URL.
fn root_of(base_url: &str) -> Checked<ServiceRoot> {
    LAST_ROOT.with_borrow_mut(|last| match last {
        Some((known, root)) if known == base_url => Ok(root.clone()),
        _ => {
            let root = ServiceRoot::new::<Js>(base_url).map_err(|problem| wrong("baseUrl", problem))?;
            *last = Some((base_url.to_owned(), root.clone()));
            Ok(root)
        }
    })
}

/// The failure for a wrong option.
pub fn wrong(name: &str, problem: &str) -> Failure<Js> {
    invalid_argument(&["options.", name].concat(), problem)
}
