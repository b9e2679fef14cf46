//! What a scenario says about a response must be what HTTP can send: statuses and header fields are checked when it is read.
//! Source: RFC 9110, sections 5.1, 5.5 and 15.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// The fields that say where a message ends (RFC 9112, section 6), or concern the connection.
const OF_CONNECTION: [&str; 6] = ["connection", "content-length", "keep-alive", "trailer", "transfer-encoding", "upgrade"];

/// The status code of a final response.
pub fn read_status<'de, D: Deserializer<'de>>(file: D) -> Result<u16, D::Error> {
    let status = u16::deserialize(file)?;
    if (200..=999).contains(&status) {
        return Ok(status);
    }
    Err(D::Error::custom(format!("{status} is no status of a final response, which are 200 to 999")))
}

/// The value of a header field.
pub fn read_value<'de, D: Deserializer<'de>>(file: D) -> Result<String, D::Error> {
    let value = String::deserialize(file)?;
    check_value(&value).map_err(D::Error::custom)?;
    Ok(value)
}

/// The value of a header field, or null.
pub fn read_optional_value<'de, D: Deserializer<'de>>(file: D) -> Result<Option<String>, D::Error> {
    let value = Option::<String>::deserialize(file)?;
    value.as_deref().map_or(Ok(()), check_value).map_err(D::Error::custom)?;
    Ok(value)
}

/// Names and values of header fields.
pub fn read_fields<'de, D: Deserializer<'de>>(file: D) -> Result<Vec<(String, String)>, D::Error> {
    let fields = Vec::<(String, String)>::deserialize(file)?;
    for (name, value) in &fields {
        check_name(name).and_then(|()| check_value(value)).map_err(D::Error::custom)?;
    }
    Ok(fields)
}

fn check_name(name: &str) -> Result<(), String> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(format!("{name:?} is no name of a header field"));
    }
    if OF_CONNECTION.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        return Err(format!("{name:?} is for the connection to set"));
    }
    Ok(())
}

fn check_value(value: &str) -> Result<(), String> {
    if value.bytes().all(|byte| byte == b'\t' || !byte.is_ascii_control()) {
        return Ok(());
    }
    Err(format!("the header field {value:?} contains a control character"))
}
