//! What to do about an error, in words that an administrator can act on.

use crate::protocol::error_code::ErrorCode;

impl ErrorCode {
    /// The hint for this code, which depends on whether the operation's location is known. `None` for
    /// [`ErrorCode::InvalidArgument`].
    pub fn hint(self, has_location: bool) -> Option<&'static str> {
        Some(match self {
            // The message itself names the argument and says what it must be.
            ErrorCode::InvalidArgument => return None,
            ErrorCode::MissingToken => MISSING_TOKEN,
            ErrorCode::Unauthorized => UNAUTHORIZED,
            ErrorCode::Forbidden => FORBIDDEN,
            ErrorCode::NotFound => NOT_FOUND,
            ErrorCode::Conflict if !has_location => CONFLICT_WITH_OTHERS,
            ErrorCode::Conflict => CONFLICT,
            ErrorCode::Throttled => "Too many requests: wait, and start fewer at a time.",
            ErrorCode::ServiceError => SERVICE_ERROR,
            ErrorCode::Network => NETWORK,
            ErrorCode::Timeout | ErrorCode::OperationTimeout if !has_location => NO_RESPONSE,
            ErrorCode::Timeout | ErrorCode::OperationTimeout => NOT_ENDED,
            ErrorCode::OperationFailed => OPERATION_FAILED,
            ErrorCode::OperationCancelled => "Start again if it is still wanted.",
            ErrorCode::Protocol => BETWEEN,
            ErrorCode::UntrustedLocation => UNTRUSTED_LOCATION,
        })
    }
}

const MISSING_TOKEN: &str = "Pass options.token. The token source is remembered only in the module instance that started the run, and only until the operation ends.";
const UNAUTHORIZED: &str = "Get a fresh token for this cloud's Graph and pass it without the word Bearer.";
const FORBIDDEN: &str = "Starting needs TeamworkDevice.ReadWrite.All, reading TeamworkDevice.Read.All, with admin consent, as the kind of permission (delegated or application) that the token is for; personal accounts are not supported. A token issued before the consent lacks the permission for about an hour.";
const NOT_FOUND: &str = "Check the id, the tenant and the cloud. If this happens with every device, Microsoft may have withdrawn this beta API, which is deprecated.";
const CONFLICT: &str = "An operation is already queued for this device. Follow it (onConflict: \"attach\", or error.location), or wait until it has ended and start again.";
const CONFLICT_WITH_OTHERS: &str = "Another operation is queued for this device: wait until it has ended, and start again.";
const SERVICE_ERROR: &str = "Try again later. If this continues, give requestId to Microsoft's support.";
const NETWORK: &str =
    "Check the connection. In a page, also check the proxy, CORS and the connect-src of the Content-Security-Policy.";
const NO_RESPONSE: &str =
    "Graph did not respond in time. Before starting again, check in the Teams admin center whether the run has started.";
const NOT_ENDED: &str = "The device may be offline or busy. waitForOperation(error.location) goes on where this ended.";
const OPERATION_FAILED: &str = "Check in the Teams admin center that the device is online, then start again.";
/// The hint if the response is not Graph's.
pub const BETWEEN: &str = "Check what stands between this client and Graph: a proxy, a gateway, a sign-in to the network.";
const UNTRUSTED_LOCATION: &str =
    "The token goes to the service at baseUrl only. For a national cloud pass options.cloud or options.baseUrl.";

/// The hint for a `Retry-After` that is too long.
pub const TRY_LATER: &str =
    "Graph's Retry-After is longer than operationTimeout. Try later, or with a longer operationTimeout.";

/// The hint for a 403 whose message mentions a licence.
pub const LICENCE: &str = "The tenant or the device lacks the licence that Graph names, such as one for Teams Rooms.";
