//! Short ways to write responses, such as `status(429).retry_after("1")`, and the choice of the response to each request.

use teams_device_diagnostics_simulator::{Disposition, Request, Response};

/// A response without a body or header fields.
pub fn status(status: u16) -> Disposition {
    Disposition::Respond(Response::whole(status, Vec::new(), String::new()))
}

/// A 200 with this body.
pub fn ok(body: &str) -> Disposition {
    status(200).body(body)
}

/// Adds to a response. A disposition without a response stays unchanged.
pub trait Builder {
    /// Adds a header field.
    fn field(self, name: &str, value: &str) -> Self;
    /// Sets the body.
    fn body(self, body: &str) -> Self;
    /// Adds a `Retry-After`, unless the text is empty.
    fn retry_after(self, value: &str) -> Self
    where
        Self: Sized,
    {
        if value.is_empty() { self } else { self.field("Retry-After", value) }
    }
}

impl Builder for Disposition {
    fn field(mut self, name: &str, value: &str) -> Disposition {
        if let Disposition::Respond(response) = &mut self {
            response.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    fn body(mut self, body: &str) -> Disposition {
        if let Disposition::Respond(response) = &mut self {
            body.clone_into(&mut response.body);
        }
        self
    }
}

/// The kinds of requests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Post,
    /// The first page of the operations of a device.
    List,
    /// Any other GET: an operation, or a later page.
    Poll,
}

impl Kind {
    pub fn of(request: &Request) -> Kind {
        match request.method.as_str() {
            "POST" => Kind::Post,
            _ if request.target.ends_with("/operations") => Kind::List,
            _ => Kind::Poll,
        }
    }
}

/// The responses to requests of each kind, in order; the last one is repeated. Requests of other kinds get the response of
/// the simulated Graph.
#[derive(Default)]
pub struct Script(Vec<(Kind, Vec<Disposition>, usize)>);

impl Script {
    pub fn set(&mut self, kind: Kind, responses: Vec<Disposition>) {
        self.0.push((kind, responses, 0));
    }

    pub fn next(&mut self, request: &Request) -> Option<Disposition> {
        let kind = Kind::of(request);
        let (_, responses, count) = self.0.iter_mut().find(|(of, ..)| *of == kind)?;
        *count += 1;
        responses.get((*count).min(responses.len()) - 1).cloned()
    }
}
