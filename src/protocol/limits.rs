//! How much of anything there may be: nothing that a service, a gateway or a caller sends makes a call take memory or time without end.

/// Characters of a device id and of a location. What is longer may be a token that was passed in its place, and is not repeated.
pub const LONGEST_ARGUMENT: usize = 1_024;
/// Bytes of a response's body, after decompression: 1 MB. More is no usable answer.
pub const LONGEST_BODY: u32 = 1 << 20;
/// Bytes of the body of a list's page, after decompression: 64 MB.
pub const LONGEST_PAGE: u32 = 64 << 20;
/// Pages of a list: 500,000 devices.
pub const MOST_PAGES: u32 = 10_000;
/// Tokens of one call that are taken out of what the service sends. One lasts for an hour or more.
pub const KEPT_TOKENS: usize = 16;
/// Operations whose start is remembered, so that their location alone is enough to follow them.
pub const REMEMBERED_OPERATIONS: usize = 10_000;
