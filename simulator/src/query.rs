//! The OData query options of a request: which a resource accepts, and their values. `page`, `filter` and `select` apply
//! them.

use percent_encoding::percent_decode_str;

use crate::error::GraphError;
use crate::path::Resource;

/// OData's own options. In beta, the `$` may be left out. Source: <https://learn.microsoft.com/graph/query-parameters>.
const SYSTEM: [&str; 10] =
    ["count", "expand", "filter", "format", "orderby", "search", "select", "skip", "skiptoken", "top"];

/// The options of a request, each at most once.
#[derive(Debug, Default)]
pub struct Options(Vec<(String, String)>);

/// The options that Microsoft documents for a resource. For operations nothing is documented: paging and `$select` are
/// supported. Source: <https://learn.microsoft.com/graph/api/teamworkdevice-list?view=graph-rest-beta>.
fn documented(resource: &Resource) -> &'static [&'static str] {
    match resource {
        Resource::Devices => &["filter", "select", "skiptoken", "top"],
        Resource::Operations(_) => &["select", "skiptoken", "top"],
        Resource::Device(_) | Resource::Operation(..) => &["select"],
        Resource::Action(..) | Resource::Batch(_) => &[],
    }
}

impl Options {
    /// Parses a query. Names are case-insensitive, and `$` may be written as `%24`. Options other than OData's are ignored.
    pub fn parse(query: &str, resource: &Resource) -> Result<Options, GraphError> {
        let mut options = Options::default();
        for pair in query.split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let key = decode(key).to_ascii_lowercase();
            let name = key.strip_prefix('$').unwrap_or(&key);
            if name == key && !SYSTEM.contains(&name) {
                continue;
            }
            if !documented(resource).contains(&name) {
                return Err(GraphError::bad_request(format!(
                    "The query specified in the URI is not valid. The query parameter '{key}' is not supported."
                )));
            }
            if options.get(name).is_some() {
                let message = "was specified more than once, but it must be specified at most once.";
                return Err(GraphError::bad_request(format!("Query option '{name}' {message}")));
            }
            options.0.push((name.to_owned(), decode(value)));
        }
        Ok(options)
    }

    /// The value of an option, by its name in lower case and without `$`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// `$top`.
    pub fn top(&self) -> Result<Option<usize>, GraphError> {
        let invalid = |text: &str| {
            GraphError::bad_request(format!(
                "Invalid value '{text}' for $top query option found. The $top query option requires a non-negative integer value."
            ))
        };
        self.get("top").map(|text| text.parse().map_err(|_| invalid(text))).transpose()
    }

    /// `$skipToken`: here, the number of items before the page.
    pub fn skip(&self) -> Result<usize, GraphError> {
        let invalid = |_| GraphError::bad_request("The value of $skipToken is not valid.".to_owned());
        self.get("skiptoken").map_or(Ok(0), |text| text.parse().map_err(invalid))
    }
}

/// Decodes a name or value of a query, in which a space may be written as `+`.
fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
