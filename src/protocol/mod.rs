//! Data and pure rules: no I/O, no clock, no timer, and no JavaScript types. The current time is passed in as an argument.

pub mod challenge;
pub mod cloud;
pub mod date;
pub mod device_id;
pub mod error;
pub mod error_code;
pub mod hint;
pub mod http;
pub mod json;
pub mod limits;
pub mod location;
pub mod operation;
pub mod operation_match;
pub mod poll_interval;
pub mod redaction;
pub mod retry;
pub mod text;
pub mod time;
pub mod token;
pub mod url;
