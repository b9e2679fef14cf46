//! Requests and responses, without the types of any HTTP library, so that a test can pass them in memory. Their meaning is
//! not known here.

/// A request as it was received.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST`, `OPTIONS`, …
    pub method: String,
    /// Path and query as in the request line: `/beta/teamwork/devices?$top=5`.
    pub target: String,
    /// The header fields, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The first header field with this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }

    /// The path and the query of the target, without the `?`.
    pub(crate) fn path_and_query(&self) -> (&str, &str) {
        self.target.split_once('?').unwrap_or((&self.target, ""))
    }
}

/// A response.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header fields, in order.
    pub headers: Vec<(String, String)>,
    /// The body, or what comes of it.
    pub body: String,
    /// How its transfer ends.
    pub end: BodyEnd,
}

/// How the transfer of a body ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodyEnd {
    /// All of it comes.
    #[default]
    Complete,
    /// The connection is closed before the rest comes.
    Reset,
    /// The rest never comes.
    Hang,
}

impl Response {
    /// A response whose body comes completely.
    pub fn whole(status: u16, headers: Vec<(String, String)>, body: String) -> Response {
        Response { status, headers, body, end: BodyEnd::Complete }
    }

    /// The first header field with this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Disposition<R = Response> {
    /// It gets a response.
    Respond(R),
    /// The connection is closed without a response.
    Reset,
    /// It never gets a response.
    Hang,
}

fn first<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
