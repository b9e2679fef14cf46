//! Graph's errors: the statuses, codes and messages that Microsoft documents or that were observed. Other modules decide
//! when they occur. Source: <https://learn.microsoft.com/graph/errors>.

use serde_json::{Value, json};
use time::UtcDateTime;

use crate::access::WRITE;
use crate::clock::error_date;

/// An error of Graph.
#[derive(Debug)]
pub struct GraphError {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
}

impl GraphError {
    pub fn unauthorized(message: &str) -> GraphError {
        GraphError { status: 401, code: "InvalidAuthenticationToken", message: message.to_owned() }
    }

    pub fn forbidden(needed: &str) -> GraphError {
        let message =
            format!("Missing role permissions on the request. API requires one of '{needed}'. Roles on the request ''.");
        GraphError { status: 403, code: "Forbidden", message }
    }

    pub fn bad_request(message: String) -> GraphError {
        GraphError { status: 400, code: "BadRequest", message }
    }

    /// Graph sends 400 here, not 404, because the request does not match its metadata.
    pub fn no_such_segment(segment: &str) -> GraphError {
        GraphError::bad_request(format!("Resource not found for the segment '{segment}'."))
    }

    pub fn not_found(what: &str) -> GraphError {
        GraphError { status: 404, code: "ResourceNotFound", message: format!("The {what} was not found.") }
    }

    pub fn method_not_allowed() -> GraphError {
        GraphError { status: 405, code: "BadRequest", message: "The HTTP method is not supported for this resource.".into() }
    }

    pub fn conflict() -> GraphError {
        GraphError { status: 409, code: "Conflict", message: "An operation is already queued for the device.".into() }
    }

    pub fn too_large() -> GraphError {
        GraphError { status: 413, code: "RequestEntityTooLarge", message: "The body of the request is too large.".into() }
    }

    pub fn too_many_requests() -> GraphError {
        GraphError { status: 429, code: "TooManyRequests", message: "Too many requests. Try again later.".into() }
    }

    /// The error for a status when nothing more is known.
    pub fn of_status(status: u16) -> GraphError {
        let (code, message) = match status {
            404 => return GraphError::not_found("operation"),
            403 => return GraphError::forbidden(WRITE),
            401 => return GraphError::unauthorized("Continuous access evaluation resulted in challenge."),
            409 => return GraphError::conflict(),
            410 => ("Gone", "This API is no longer available."),
            429 => return GraphError::too_many_requests(),
            413 => return GraphError::too_large(),
            424 => ("FailedDependency", "A request that this one depends on has failed."),
            504 => ("GatewayTimeout", "The service did not respond in time."),
            503 => ("ServiceUnavailable", "The service is temporarily unavailable."),
            400..=499 => ("BadRequest", "The request is invalid."),
            _ => ("InternalServerError", "An internal error occurred."),
        };
        GraphError { status, code, message: message.to_owned() }
    }

    /// The error document. The ids are those of the response's header fields.
    pub fn body(&self, now: UtcDateTime, request_id: &str, client_request_id: &str) -> Value {
        json!({ "error": {
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": error_date(now),
                "request-id": request_id,
                "client-request-id": client_request_id,
            },
        } })
    }
}
