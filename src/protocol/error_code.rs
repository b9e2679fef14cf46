//! The kinds of failure, and what an HTTP status means.

/// The kind of failure. The names are those of `code` in the JavaScript API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// An argument or option is invalid; nothing was sent.
    InvalidArgument,
    /// No token is known for this location; nothing was sent.
    MissingToken,
    /// 401, or the token source failed.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404 or 410.
    NotFound,
    /// 409: an operation is already queued for the device.
    Conflict,
    /// 429.
    Throttled,
    /// Any other status that is not a success.
    ServiceError,
    /// No complete response came.
    Network,
    /// One request exceeded its timeout.
    Timeout,
    /// The call exceeded its deadline, or a requested wait would.
    OperationTimeout,
    /// The operation failed.
    OperationFailed,
    /// The operation was cancelled.
    OperationCancelled,
    /// The response cannot be used.
    Protocol,
    /// A `Location` or a redirect leaves the trusted origin; nothing was sent there.
    UntrustedLocation,
}

impl ErrorCode {
    /// The name in the JavaScript API.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorCode::InvalidArgument => "invalidArgument",
            ErrorCode::MissingToken => "missingToken",
            ErrorCode::Unauthorized => "unauthorized",
            ErrorCode::Forbidden => "forbidden",
            ErrorCode::NotFound => "notFound",
            ErrorCode::Conflict => "conflict",
            ErrorCode::Throttled => "throttled",
            ErrorCode::ServiceError => "serviceError",
            ErrorCode::Network => "network",
            ErrorCode::Timeout => "timeout",
            ErrorCode::OperationTimeout => "operationTimeout",
            ErrorCode::OperationFailed => "operationFailed",
            ErrorCode::OperationCancelled => "operationCancelled",
            ErrorCode::Protocol => "protocol",
            ErrorCode::UntrustedLocation => "untrustedLocation",
        }
    }

    /// The kind of failure that an HTTP status stands for. 0 is a redirect that a browser hides.
    pub fn of_http_status(status: u16) -> ErrorCode {
        match status {
            0 | 300..=399 => ErrorCode::UntrustedLocation,
            401 => ErrorCode::Unauthorized,
            403 => ErrorCode::Forbidden,
            404 | 410 => ErrorCode::NotFound,
            409 => ErrorCode::Conflict,
            429 => ErrorCode::Throttled,
            _ => ErrorCode::ServiceError,
        }
    }
}
