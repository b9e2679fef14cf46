//! The requests that are kept for inspection. Their number and size are limited, so that a simulator which runs for days
//! does not grow.

use std::collections::VecDeque;

use crate::message::Request;

/// The maximum number of requests.
const REQUESTS_KEPT: usize = 10_000;
/// The maximum number of bytes kept of a body.
const BODY_KEPT: usize = 16 * 1024;
/// The maximum number of bytes of all requests together.
const BYTES_KEPT: usize = 64 * 1024 * 1024;

/// The newest requests, in order of arrival.
#[derive(Default)]
pub struct Record {
    requests: VecDeque<Request>,
    bytes: usize,
}

impl Record {
    /// Adds a request, and drops the oldest ones if a limit is exceeded.
    pub fn add(&mut self, request: &Request) {
        let kept = Request {
            method: request.method.clone(),
            target: request.target.clone(),
            headers: request.headers.clone(),
            body: request.body[..request.body.len().min(BODY_KEPT)].to_vec(),
        };
        self.bytes += size(&kept);
        self.requests.push_back(kept);
        while self.requests.len() > REQUESTS_KEPT || self.bytes > BYTES_KEPT {
            self.bytes -= self.requests.pop_front().as_ref().map_or(self.bytes, size);
        }
    }

    pub fn requests(&self) -> &VecDeque<Request> {
        &self.requests
    }

    pub fn clear(&mut self) {
        *self = Record::default();
    }
}

fn size(request: &Request) -> usize {
    let headers: usize = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    request.method.len() + request.target.len() + headers + request.body.len()
}
