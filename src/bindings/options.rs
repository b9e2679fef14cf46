//! Options in: every one checked before anything is sent.

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::errors::invalid_argument;
use super::events::OnProgress;
use super::fetch::JsPlatform;
use super::tokens::Tokens;
use super::value::member;
use crate::client::OnConflict;
use crate::exchange::Limits;
use crate::protocol::cloud::Cloud;
use crate::protocol::location::ServiceRoot;

/// The options of any of the exported functions; each function uses those that its type declares.
#[derive(Clone)]
pub struct Options {
    /// `token`
    pub tokens: Option<Tokens>,
    /// `cloud` or `baseUrl`; the global cloud when there is neither
    pub root: ServiceRoot,
    /// `fetch`, with the rest of the platform
    pub platform: JsPlatform,
    /// `signal`
    pub signal: Option<AbortSignal>,
    /// `timeout`, `operationTimeout`, `maxRetries` and `pollInterval`
    pub limits: Limits,
    /// `onProgress`
    pub observer: OnProgress,
    /// `onConflict`
    pub on_conflict: OnConflict,
}

type Checked<T> = Result<T, JsValue>;

impl Options {
    /// Takes the options argument, undefined and null mean that there is none, and what the location was started with, which
    /// stands in for options that are not given.
    ///
    /// # Errors
    /// A DiagnosticsError `invalidArgument`, which names the option.
    pub fn read(options: &JsValue, remembered: &JsValue) -> Checked<Options> {
        if !options.is_object() && !options.is_null() && !options.is_undefined() {
            return Err(invalid_argument("options", "must be an object"));
        }
        let given = Given { options, remembered };
        let defaults = Limits::default();
        let limits = Limits {
            timeout: given.ms("timeout", f64::MAX)?.unwrap_or(defaults.timeout),
            operation_timeout: given.ms("operationTimeout", f64::INFINITY)?.unwrap_or(defaults.operation_timeout),
            max_retries: match given.option("maxRetries").map(|value| value.as_f64()) {
                None => defaults.max_retries,
                Some(Some(times)) if (0.0..=1_000_000.0).contains(&times) && times == f64::from(times as u32) => {
                    times as u32
                }
                Some(_) => return Err(wrong("maxRetries", "must be a whole number, 0 or more")),
            },
            poll_interval: given.ms("pollInterval", f64::MAX)?,
        };
        let signal = given.option("signal");
        if signal.as_ref().is_some_and(|signal| member(signal, "aborted").as_bool().is_none()) {
            return Err(wrong("signal", "must be an AbortSignal"));
        }
        Ok(Options {
            tokens: match given.option("token") {
                Some(token) => Some(Tokens::new(token).map_err(|problem| wrong("token", problem))?),
                None => None,
            },
            root: given.root()?,
            platform: JsPlatform { fetch: given.function("fetch")?.map_or(JsValue::UNDEFINED, Into::into) },
            signal: signal.map(JsCast::unchecked_into),
            limits,
            observer: OnProgress(given.function("onProgress")?),
            on_conflict: match given.option("onConflict").map(|value| value.as_string()) {
                None => OnConflict::Throw,
                Some(Some(word)) if word == "throw" => OnConflict::Throw,
                Some(Some(word)) if word == "attach" => OnConflict::Attach,
                Some(_) => return Err(wrong("onConflict", "must be \"throw\" or \"attach\"")),
            },
        })
    }
}

struct Given<'a> {
    options: &'a JsValue,
    remembered: &'a JsValue,
}

impl Given<'_> {
    fn option(&self, name: &str) -> Option<JsValue> {
        let value = member(self.options, name);
        let value = if value.is_undefined() { member(self.remembered, name) } else { value };
        (!value.is_undefined()).then_some(value)
    }

    fn function(&self, name: &str) -> Checked<Option<Function>> {
        let Some(value) = self.option(name) else { return Ok(None) };
        value.dyn_into().map(Some).map_err(|_| wrong(name, "must be a function"))
    }

    fn ms(&self, name: &str, limit: f64) -> Checked<Option<f64>> {
        let Some(value) = self.option(name) else { return Ok(None) };
        let ms = value.as_f64().filter(|ms| *ms > 0.0 && *ms <= limit);
        ms.map(Some).ok_or_else(|| wrong(name, "must be a number of milliseconds, more than 0"))
    }

    fn root(&self) -> Checked<ServiceRoot> {
        // A cloud or a base URL of the caller's own stands in for both that are remembered.
        let own = [member(self.options, "cloud"), member(self.options, "baseUrl")];
        let [cloud, base_url] = if own.iter().all(JsValue::is_undefined) {
            [member(self.remembered, "cloud"), member(self.remembered, "baseUrl")]
        } else {
            own
        };
        let has_both = !cloud.is_undefined() && !base_url.is_undefined();
        let cloud =
            if cloud.is_undefined() { Some(Cloud::Global) } else { cloud.as_string().as_deref().and_then(Cloud::from_name) };
        let cloud = cloud.ok_or_else(|| wrong("cloud", "must be \"global\", \"usGovL4\", \"usGovL5\" or \"china\""))?;
        if has_both {
            return Err(wrong("cloud", "and options.baseUrl exclude each other"));
        }
        let base_url =
            if base_url.is_undefined() { cloud.base_url().into() } else { base_url.as_string().unwrap_or_default() };
        let platform = JsPlatform { fetch: JsValue::UNDEFINED };
        ServiceRoot::new(&platform, &base_url).map_err(|problem| wrong("baseUrl", problem))
    }
}

fn wrong(name: &str, problem: &str) -> JsValue {
    invalid_argument(&["options.", name].concat(), problem)
}
