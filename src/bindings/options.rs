//! Options in: every one checked before anything is sent.

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::errors::invalid_argument;
use super::fetch::JsPlatform;
use super::tokens::Tokens;
use super::value::member;
use crate::client::OnConflict;
use crate::cloud::Cloud;
use crate::exchange::Limits;
use crate::location::ServiceRoot;

/// The options of any of the exported functions; each function uses those that its type declares.
pub struct Options {
    /// `token`
    pub tokens: Option<Tokens>,
    /// `cloud` or `baseUrl`
    pub root: Option<ServiceRoot>,
    /// `signal`
    pub signal: Option<AbortSignal>,
    /// `timeout`, `operationTimeout`, `maxRetries` and `pollInterval`
    pub limits: Limits,
    /// `onProgress`
    pub on_progress: Option<Function>,
    /// `fetch`
    pub fetch: Option<Function>,
    /// `onConflict`
    pub on_conflict: OnConflict,
}

type Checked<T> = Result<T, JsValue>;

impl Options {
    /// Takes the options argument; undefined and null mean that there is none.
    ///
    /// # Errors
    /// A DiagnosticsError `invalidArgument`, which names the option.
    pub fn read(options: &JsValue) -> Checked<Options> {
        if !options.is_object() && !options.is_null() && !options.is_undefined() {
            return Err(invalid_argument("options", "must be an object"));
        }
        let option = |name| {
            let value = if options.is_object() { member(options, name) } else { JsValue::UNDEFINED };
            (!value.is_undefined()).then_some(value)
        };
        let function = |name, path| match option(name).map(JsCast::dyn_into::<Function>) {
            Some(Err(_)) => Err(invalid_argument(path, "must be a function")),
            given => Ok(given.and_then(Result::ok)),
        };
        let above_zero = "must be a number of milliseconds, more than 0";
        let ms = |name, path, limit, problem| match option(name).map(|value| value.as_f64()) {
            None => Ok(None),
            Some(Some(ms)) if ms > 0.0 && ms <= limit => Ok(Some(ms)),
            Some(_) => Err(invalid_argument(path, problem)),
        };
        let defaults = Limits::default();
        let limits = Limits {
            timeout: ms("timeout", "options.timeout", f64::MAX, above_zero)?.unwrap_or(defaults.timeout),
            operation_timeout: ms("operationTimeout", "options.operationTimeout", f64::INFINITY, above_zero)?
                .unwrap_or(defaults.operation_timeout),
            max_retries: match option("maxRetries").map(|value| value.as_f64()) {
                None => defaults.max_retries,
                Some(Some(times)) if (0.0..=1_000_000.0).contains(&times) && times == times.trunc() => times as u32,
                Some(_) => return Err(invalid_argument("options.maxRetries", "must be a whole number, 0 or more")),
            },
            poll_interval: ms("pollInterval", "options.pollInterval", f64::MAX, above_zero)?,
        };
        let tokens = match option("token").map(Tokens::new) {
            Some(Err(problem)) => return Err(invalid_argument("options.token", problem)),
            given => given.and_then(Result::ok),
        };
        let signal = match option("signal") {
            Some(signal) if member(&signal, "aborted").as_bool().is_none() => {
                return Err(invalid_argument("options.signal", "must be an AbortSignal"));
            }
            given => given.map(JsCast::unchecked_into),
        };
        Ok(Options {
            tokens,
            root: root(option("cloud"), option("baseUrl"))?,
            signal,
            limits,
            on_progress: function("onProgress", "options.onProgress")?,
            fetch: function("fetch", "options.fetch")?,
            on_conflict: match option("onConflict").map(|value| value.as_string()) {
                None => OnConflict::Throw,
                Some(Some(word)) if word == "throw" => OnConflict::Throw,
                Some(Some(word)) if word == "attach" => OnConflict::Attach,
                Some(_) => return Err(invalid_argument("options.onConflict", "must be \"throw\" or \"attach\"")),
            },
        })
    }
}

/// The root of the global cloud, which is meant when no option says otherwise.
pub fn default_root() -> Checked<ServiceRoot> {
    parse_root("options.cloud", Cloud::Global.base_url())
}

fn root(cloud: Option<JsValue>, base_url: Option<JsValue>) -> Checked<Option<ServiceRoot>> {
    match (cloud, base_url) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(invalid_argument("options.cloud", "and options.baseUrl exclude each other")),
        (Some(cloud), None) => match cloud.as_string().as_deref().and_then(Cloud::from_name) {
            Some(cloud) => parse_root("options.cloud", cloud.base_url()).map(Some),
            None => Err(invalid_argument("options.cloud", "must be \"global\", \"usGovL4\", \"usGovL5\" or \"china\"")),
        },
        (None, Some(base_url)) => parse_root("options.baseUrl", &base_url.as_string().unwrap_or_default()).map(Some),
    }
}

fn parse_root(name: &str, base_url: &str) -> Checked<ServiceRoot> {
    let platform = JsPlatform { fetch: None };
    ServiceRoot::new(&platform, base_url).map_err(|problem| invalid_argument(name, problem))
}
