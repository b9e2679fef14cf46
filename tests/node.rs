//! The exported functions in Node, over real HTTP to the simulated Graph.
#![cfg(target_arch = "wasm32")]

#[path = "wasm/exports.rs"]
mod exports;

/// In Node only: if a reused connection breaks before the response, a browser repeats the request, even a POST, and no page
/// can prevent that.
#[wasm_bindgen_test::wasm_bindgen_test]
async fn a_run_whose_202_was_lost_is_found_and_not_started_again() {
    if exports::is_skipped().await {
        return;
    }
    let before = exports::operations("lost-start").await;
    let location = exports::start("lost-start", &[]).await.expect("the run is found");
    assert!(location.contains("/teamwork/devices/lost-start/operations/"), "{location}");
    assert_eq!(exports::operations("lost-start").await, before + 1);
}
