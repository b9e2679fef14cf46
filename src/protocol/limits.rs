//! Limits on everything that a service, a gateway or a caller sends, so that no call takes unbounded memory or time.

/// Characters of a device id or a location. A longer text may be a token that was passed in its place, so it is not
/// repeated.
pub const LONGEST_ARGUMENT: usize = 1_024;
/// Bytes of a response body, after decompression: 1 MB. A longer body is unusable.
pub const LONGEST_BODY: u32 = 1 << 20;
/// Bytes of the body of one page of a list, after decompression: 64 MB.
pub const LONGEST_PAGE: u32 = 64 << 20;
/// Pages of a list: 500,000 devices at 50 a page.
pub const MOST_PAGES: u32 = 10_000;
/// Tokens of one call that are removed from what the service sends. Each lasts for an hour or more.
pub const KEPT_TOKENS: usize = 16;
/// Operations that are remembered after their start, so that their location alone is enough to follow them.
pub const REMEMBERED_OPERATIONS: usize = 10_000;
