//! Authorisation. The text of a token says what it permits; any other text has all rights. The content of real tokens is not
//! read.

use crate::error::GraphError;
use crate::message::Request;

/// What a list needs.
pub const READ: &str = "TeamworkDevice.Read.All, TeamworkDevice.ReadWrite.All";
/// What a start needs.
pub const WRITE: &str = "TeamworkDevice.ReadWrite.All";

/// Checks that the request's token permits it.
pub fn authorize(request: &Request) -> Result<(), GraphError> {
    let writes = request.method != "GET";
    match authenticate(request)? {
        "no-roles" => Err(GraphError::forbidden(if writes { WRITE } else { READ })),
        "read-only" if writes => Err(GraphError::forbidden(WRITE)),
        _ => Ok(()),
    }
}

/// The request's token, whatever it permits.
pub fn authenticate(request: &Request) -> Result<&str, GraphError> {
    match bearer_token(request) {
        None | Some("") => Err(GraphError::unauthorized("Access token is empty.")),
        Some(token) if token.starts_with("expired") => {
            Err(GraphError::unauthorized("Lifetime validation failed, the token is expired."))
        }
        Some(token) => Ok(token),
    }
}

/// The name of the scheme is case-insensitive (RFC 9110, section 11.1).
fn bearer_token(request: &Request) -> Option<&str> {
    let (scheme, token) = request.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
