//! The exported functions in Node, over real HTTP to the simulated Graph.
#![cfg(target_arch = "wasm32")]

#[path = "wasm/exports.rs"]
mod exports;

/// In Node only: a browser's own network stack sends a request again, a POST too, when a kept connection breaks before the
/// first byte of the answer, and no page can prevent that.
#[wasm_bindgen_test::wasm_bindgen_test]
async fn a_lost_202_is_not_started_again() {
    let failure = exports::failure(exports::start("lost-start", &[]).await.expect_err("the connection was closed"));
    assert_eq!((failure.code.as_str(), failure.may_have_started), ("network", true));
}
