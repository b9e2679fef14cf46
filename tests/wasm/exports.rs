//! The exported functions as the package's JavaScript calls them: arguments of any kind in, promises and events out. A
//! promise is rejected with the members of a `DiagnosticsError`, or with an array around what the caller's own code threw.
//!
//! Tests that need the simulated Graph are skipped if none runs, unless `SIMULATOR_URL` is set.

use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use serde::Deserialize;
use teams_device_diagnostics::bindings::{self, PageReader, get_operation, wait_for_operation};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[path = "../shared/trust.rs"]
mod trust;

const TOKEN: &str = "s3cret.t0ken-of-tests";

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    pub code: String,
    message: String,
    status_code: Option<u16>,
    location: Option<String>,
    request_id: Option<String>,
    client_request_id: Option<String>,
    pub may_have_started: bool,
    hint: Option<String>,
}

#[derive(Deserialize)]
struct Operation {
    state: String,
    status: String,
}

/// The URL of the simulated Graph; `npm test` sets it.
const SIMULATOR_URL: Option<&str> = option_env!("SIMULATOR_URL");

fn run_diagnostics(token: JsValue, device_id: JsValue, options: JsValue) -> Promise {
    bindings::run_diagnostics(token, device_id, options, Object::new().into())
}

fn base_url() -> String {
    [SIMULATOR_URL.unwrap_or("http://127.0.0.1:8787"), "/beta"].concat()
}

#[wasm_bindgen(inline_js = r#"
    export function say(line) {
        const output = globalThis.document?.getElementById("output");
        if (output) output.append(line + "\n");
        else globalThis.process?.stderr.write(line + "\n");
    }
"#)]
extern "C" {
    /// Prints a line, which the console of a passing test would hide.
    fn say(line: &str);
}

/// Whether a test must be skipped, because there is no simulated Graph and `SIMULATOR_URL` is not set.
pub async fn is_skipped() -> bool {
    if SIMULATOR_URL.is_some() {
        return false;
    }
    let devices = PageReader::new(TOKEN.into(), JsValue::UNDEFINED, options(&[("maxRetries", 0.into())])).unwrap();
    let is_missing = devices.next().await.is_err();
    if is_missing {
        say(&format!("skipped: no simulated Graph runs at {}, see \"With wasm-pack\" in CONTRIBUTING.md", base_url()));
    }
    is_missing
}

fn options(members: &[(&str, JsValue)]) -> JsValue {
    let options = Object::new();
    for (name, value) in [("baseUrl", base_url().into()), ("pollInterval", 10.into())].iter().chain(members) {
        Reflect::set(&options, &(*name).into(), value).unwrap();
    }
    options.into()
}

pub async fn start(device: &str, with: &[(&str, JsValue)]) -> Result<String, JsValue> {
    let location = run_diagnostics(TOKEN.into(), device.into(), options(with)).await?;
    Ok(location.as_string().unwrap())
}

async fn run(device: &str, with: &[(&str, JsValue)]) -> Result<Operation, JsValue> {
    let location = start(device, with).await?;
    let operation = wait_for_operation(location.into(), options(with)).await?;
    Ok(serde_wasm_bindgen::from_value(operation).unwrap())
}

/// The number of operations of a device.
pub async fn operations(device: &str) -> u32 {
    let pages = PageReader::new(TOKEN.into(), device.into(), options(&[])).unwrap();
    let mut count = 0;
    loop {
        let page = pages.next().await.unwrap();
        if page.is_undefined() {
            return count;
        }
        count += page.unchecked_into::<Array>().length();
    }
}

/// The members of an error, after a check that it has no token.
pub fn failure(rejected: JsValue) -> Failure {
    let text = String::from(JSON::stringify(&rejected).unwrap());
    assert!(!text.contains(TOKEN), "{text}");
    serde_wasm_bindgen::from_value(rejected).unwrap()
}

/// What the caller's own code threw.
fn thrown(rejected: JsValue) -> Option<String> {
    rejected.dyn_into::<Array>().ok()?.get(0).as_string()
}

#[wasm_bindgen_test]
async fn a_run_is_started_and_followed_to_success() {
    if is_skipped().await {
        return;
    }
    let operation = run("successful", &[]).await.unwrap();
    assert_eq!((operation.state.as_str(), operation.status.as_str()), ("successful", "Successful"));
}

#[wasm_bindgen_test]
async fn events_report_every_step() {
    if is_skipped().await {
        return;
    }
    let events = Array::new();
    let recorded = events.clone();
    let on_progress = Closure::<dyn Fn(JsValue)>::new(move |event| {
        recorded.push(&event);
    });
    run("throttled", &[("onProgress", on_progress.as_ref().clone())]).await.unwrap();
    let kinds: Vec<String> =
        events.iter().filter_map(|event| Reflect::get(&event, &"type".into()).ok()?.as_string()).collect();
    assert_eq!(kinds[..2], ["throttled", "started"]);
    assert!(kinds[2..].contains(&"throttled".to_owned()) && kinds.contains(&"status".to_owned()));
    let text = String::from(JSON::stringify(&events).unwrap());
    assert!(!text.contains(TOKEN), "{text}");
}

#[wasm_bindgen_test]
async fn a_failure_has_the_members_of_a_diagnostics_error() {
    if is_skipped().await {
        return;
    }
    for (device, code, status) in [
        ("failed", "operationFailed", Some(200)),
        ("canceled", "operationCancelled", Some(200)),
        ("conflict", "conflict", Some(409)),
        ("echo", "serviceError", Some(400)),
        ("html-error", "serviceError", Some(502)),
    ] {
        let failure = failure(run(device, &[]).await.err().unwrap());
        assert_eq!((failure.code.as_str(), failure.status_code), (code, status), "{device}");
        assert_eq!(failure.may_have_started, device == "html-error", "{device}");
        assert!(failure.client_request_id.is_some(), "{device}");
        assert!(failure.request_id.is_some(), "{device}");
        assert_eq!(failure.location.is_some(), ["failed", "canceled", "conflict"].contains(&device), "{device}");
        assert!(failure.hint.is_some(), "{device}");
    }
}

#[wasm_bindgen_test]
async fn a_run_without_a_location_is_found_and_a_queued_run_is_followed() {
    if is_skipped().await {
        return;
    }
    run("no-location", &[]).await.unwrap();
    let attach = ("onConflict", "attach".into());
    let location = start("conflict", &[attach]).await.unwrap();
    let queued = failure(start("conflict", &[]).await.err().unwrap());
    assert_eq!(queued.location, Some(location));
}

#[wasm_bindgen_test]
async fn operations_are_listed_page_by_page() {
    if is_skipped().await {
        return;
    }
    let before = operations("odd-dates").await;
    start("odd-dates", &[]).await.unwrap();
    assert_eq!(operations("odd-dates").await, before + 1);
    let pages = PageReader::new(TOKEN.into(), "odd-dates".into(), options(&[])).unwrap();
    let page: Array = pages.next().await.unwrap().unchecked_into();
    let operation: Operation = serde_wasm_bindgen::from_value(page.get(0)).unwrap();
    assert!(!operation.state.is_empty() && !operation.status.is_empty());
    assert!(PageReader::new(TOKEN.into(), 7.into(), options(&[])).is_err());
}

#[wasm_bindgen_test]
async fn the_devices_of_the_tenant_are_listed_as_graph_sends_them() {
    if is_skipped().await {
        return;
    }
    let devices = PageReader::new(TOKEN.into(), JsValue::UNDEFINED, options(&[])).unwrap();
    let page: Array = devices.next().await.unwrap().unchecked_into();
    let device = page.iter().find(|device| Reflect::get(device, &"id".into()) == Ok("queued".into())).unwrap();
    assert_eq!(Reflect::get(&device, &"healthStatus".into()), Ok("offline".into()));
    assert_eq!(Reflect::get(&device, &"state".into()), Ok(JsValue::UNDEFINED), "devices have no state");
    assert!(PageReader::new(TOKEN.into(), JsValue::NULL, options(&[])).is_err(), "null is not a device id");
}

#[wasm_bindgen_test]
async fn redirects_are_not_followed() {
    if is_skipped().await {
        return;
    }
    for device in ["start-redirect", "poll-redirect"] {
        let failure = failure(run(device, &[("patience", 0.into())]).await.err().unwrap());
        assert_eq!(failure.code, "untrustedLocation", "{device}");
    }
}

#[wasm_bindgen_test]
async fn every_location_resolves_as_in_the_table() {
    // The replacement for fetch records the URL, and sends nothing.
    let fetch = Function::new_with_args("url", "globalThis.requested = url; return Promise.reject(new Error('not sent'))");
    for (location, expected) in trust::LOCATIONS {
        Reflect::set(&js_sys::global(), &"requested".into(), &JsValue::NULL).unwrap();
        let options = Object::new();
        for (name, value) in [("token", TOKEN.into()), ("fetch", fetch.clone().into()), ("maxRetries", 0.into())] {
            Reflect::set(&options, &name.into(), &value).unwrap();
        }
        let failure = failure(get_operation((*location).into(), options.into()).await.err().unwrap());
        let requested = Reflect::get(&js_sys::global(), &"requested".into()).unwrap().as_string();
        assert_eq!(requested.as_deref(), *expected, "{location:?}");
        // A text that is not a URL is an invalid argument; anything else leads to another origin.
        let codes = if expected.is_some() { ["network"; 2] } else { ["untrustedLocation", "invalidArgument"] };
        assert!(codes.contains(&failure.code.as_str()), "{location:?}: {}", failure.code);
    }
}

#[wasm_bindgen_test]
async fn an_invalid_argument_is_refused_and_named() {
    let number = JsValue::from(7);
    let cases: [(&str, JsValue); 15] = [
        ("timeout", 0.into()),
        ("timeout", "1".into()),
        ("timeout", f64::INFINITY.into()),
        ("operationTimeout", f64::NAN.into()),
        ("tokenTimeout", 0.into()),
        ("maxRetries", 1.5.into()),
        ("pollInterval", (-1).into()),
        ("cloud", "moon".into()),
        ("baseUrl", "http://graph.microsoft.com/beta".into()),
        ("signal", number.clone()),
        ("signal", Object::new().into()),
        ("onProgress", number.clone()),
        ("fetch", number.clone()),
        ("onConflict", "wait".into()),
        ("rememberToken", number.clone()),
    ];
    for (name, value) in cases {
        let options = Object::new();
        Reflect::set(&options, &name.into(), &value).unwrap();
        let thrown = run_diagnostics(TOKEN.into(), "successful".into(), options.into()).await.err().unwrap();
        let failure = failure(thrown);
        assert!(failure.message.starts_with(&["options.", name, " "].concat()), "{}", failure.message);
        assert_eq!(failure.code, "invalidArgument");
    }
    for (token, device) in
        [(number.clone(), "d".into()), (TOKEN.into(), number.clone()), ("".into(), "d".into()), (TOKEN.into(), "..".into())]
    {
        assert_eq!(failure(run_diagnostics(token, device, JsValue::UNDEFINED).await.err().unwrap()).code, "invalidArgument");
    }
    assert_eq!(failure(wait_for_operation(number, JsValue::UNDEFINED).await.err().unwrap()).code, "invalidArgument");
}

#[wasm_bindgen_test]
async fn a_wait_for_an_unknown_location_requires_a_token() {
    let failure = failure(wait_for_operation("/teamwork/devices/d/operations/o".into(), options(&[])).await.err().unwrap());
    assert_eq!(failure.code, "missingToken");
}

#[wasm_bindgen_test]
async fn a_token_source_can_be_a_function_or_a_credential() {
    if is_skipped().await {
        return;
    }
    let function =
        Function::new_with_args("request", "return Promise.resolve(request.scopes[0].endsWith('/.default') ? 'abc' : '')");
    let location = run_diagnostics(function.clone().into(), "succeeded".into(), options(&[])).await.unwrap();
    wait_for_operation(location, options(&[])).await.unwrap();
    let credential = Object::new();
    let get_token = Function::new_with_args("scopes", "return Promise.resolve({ token: this.secret + scopes.length })");
    Reflect::set(&credential, &"secret".into(), &"abc".into()).unwrap();
    Reflect::set(&credential, &"getToken".into(), &get_token).unwrap();
    let location = run_diagnostics(credential.into(), "bare".into(), options(&[])).await.unwrap();
    wait_for_operation(location, options(&[])).await.unwrap();
    // The simulated Graph sends a claims challenge for the first POST; its claims reach both kinds of source.
    for source in
        ["return request => claims(request)", "return { getToken: (scopes, request) => ({ token: claims(request) }) }"]
    {
        let source = Function::new_no_args(
            &["const claims = ({ claims }) => claims ? (globalThis.claims = claims, 'new') : 'old';", source].concat(),
        );
        let source = source.call0(&JsValue::UNDEFINED).unwrap();
        Reflect::set(&js_sys::global(), &"claims".into(), &JsValue::NULL).unwrap();
        let location = run_diagnostics(source, "claims-challenge".into(), options(&[])).await.unwrap();
        wait_for_operation(location, options(&[])).await.unwrap();
        let claims = Reflect::get(&js_sys::global(), &"claims".into()).unwrap().as_string();
        assert_eq!(claims.as_deref(), Some(r#"{"access_token":{"nbf":{"essential":true,"value":"1750000000"}}}"#));
    }
    for body in ["return null", "return ''", "return { getToken: 1 }"] {
        let source = Function::new_no_args(body);
        assert_eq!(
            failure(run_diagnostics(source.into(), "d".into(), options(&[])).await.err().unwrap()).code,
            "invalidArgument"
        );
    }
    let thrown =
        run_diagnostics(Function::new_no_args("throw new TypeError('signed out')").into(), "d".into(), options(&[])).await;
    let thrown = thrown.err().unwrap();
    let cause = Reflect::get(&thrown, &"cause".into()).unwrap();
    assert_eq!(Reflect::get(&cause, &"message".into()).unwrap(), "signed out");
    assert_eq!(failure(thrown).code, "unauthorized");
}

#[wasm_bindgen_test]
async fn an_abort_rejects_with_the_reason_of_the_signal() {
    if is_skipped().await {
        return;
    }
    let controller = web_sys::AbortController::new().unwrap();
    let signal = [("signal", controller.signal().into())];
    let location = start("slow", &signal).await.unwrap();
    let waiting = wait_for_operation(location.clone().into(), options(&signal));
    gloo_timers::future::TimeoutFuture::new(60).await;
    controller.abort_with_reason(&"enough".into());
    assert_eq!(thrown(waiting.await.err().unwrap()).as_deref(), Some("enough"));
    let already = wait_for_operation(location.into(), options(&signal)).await;
    assert_eq!(thrown(already.err().unwrap()).as_deref(), Some("enough"));
}

#[wasm_bindgen_test]
async fn an_error_of_the_callback_rejects_the_call_unchanged() {
    if is_skipped().await {
        return;
    }
    let throws = Function::new_no_args("throw 'my own'");
    let location = start("successful", &[]).await.unwrap();
    let outcome = wait_for_operation(location.into(), options(&[("onProgress", throws.into())])).await;
    assert_eq!(thrown(outcome.err().unwrap()).as_deref(), Some("my own"));
}
