//! JSON documents made of the members of Graph's bodies, also in places where they do not belong.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};

const NAMES: &[&str] = &[
    "value",
    "status",
    "state",
    "id",
    "error",
    "code",
    "message",
    "innerError",
    "innererror",
    "request-id",
    "date",
    "operationType",
];

const TEXTS: &[&str] = &[
    "",
    "Queued",
    "scheduled",
    "InProgress",
    "Successful",
    "succeeded",
    "SUCCEEDED",
    "failed",
    "Cancelled",
    "canceled",
    "running",
    "Succeeded ",
    "ſuccessful",
    "Conflict",
    "2026-01-01T00:00:00",
];

/// Any document, often with a member where Graph has one.
pub fn document() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        4 => select(TEXTS).prop_map(Json::from),
        1 => any::<String>().prop_map(Json::from),
        1 => select(vec![json!(null), json!(true), json!(0), json!(-1.5), json!([]), json!({})]),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let name = prop_oneof![9 => select(NAMES).prop_map(str::to_owned), 1 => any::<String>()];
        prop_oneof![
            5 => btree_map(name, inner.clone(), 0..6).prop_map(|members| members.into_iter().collect()),
            1 => vec(inner, 0..3).prop_map(Json::from),
        ]
    })
}
