//! JSON batches: parsing their requests and writing their responses. Routing is in `graph`. Source:
//! <https://learn.microsoft.com/graph/json-batching>.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::error::GraphError;
use crate::message::{Request, Response};

const LARGEST: usize = 20;

/// One request of a batch.
pub struct Step {
    pub id: String,
    pub request: Request,
    /// The ids of the requests that must have succeeded before.
    pub depends_on: Vec<String>,
}

#[derive(Deserialize)]
struct Batch {
    requests: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    #[serde(default)]
    depends_on: Vec<String>,
}

/// The requests of a batch, in order. An error is about the batch as a whole.
pub fn steps(version: &str, batch: &Request) -> Result<Vec<Step>, GraphError> {
    let Batch { requests } = serde_json::from_slice(&batch.body)
        .map_err(|error| GraphError::bad_request(format!("Invalid batch payload format: {error}.")))?;
    if requests.len() > LARGEST {
        return Err(GraphError::bad_request("Number of requests inside batch exceeds the limit.".to_owned()));
    }
    let mut ids = HashSet::new();
    for item in &requests {
        item.check(&ids)?;
        ids.insert(item.id.to_ascii_lowercase());
    }
    Ok(requests.into_iter().map(|item| item.into_step(version, batch)).collect())
}

impl Item {
    /// Checks one request. `earlier` are the ids before it, in lower case, because ids are case-insensitive.
    fn check(&self, earlier: &HashSet<String>) -> Result<(), GraphError> {
        let id = &self.id;
        let is_known = |id: &String| earlier.contains(&id.to_ascii_lowercase());
        let has_content_type = self.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
        let writes = ["POST", "PUT", "PATCH"].contains(&self.method.as_str());
        let message = if is_known(id) {
            format!("Request Id {id} has been used more than once.")
        } else if !self.depends_on.iter().all(is_known) {
            format!("Request id : {id} depends on a request that does not come before it.")
        } else if self.body.is_some() && !has_content_type || writes && self.body.is_none() {
            // Graph refuses this too, even for an action that takes no body.
            format!("Write request id : {id} does not contain Content-Type header or body.")
        } else {
            return Ok(());
        };
        Err(GraphError::bad_request(message))
    }

    /// The URL is relative to the version. The token is that of the batch, and so is `client-request-id` if the request has
    /// none.
    fn into_step(self, version: &str, batch: &Request) -> Step {
        let is_token = |name: &str| name.eq_ignore_ascii_case("authorization");
        let own = self.headers.into_iter().filter(|(name, _)| !is_token(name));
        let of_batch = |(name, _): &&(String, String)| is_token(name) || name.eq_ignore_ascii_case("client-request-id");
        let request = Request {
            method: self.method,
            target: format!("/{version}/{}", self.url.trim_start_matches('/')),
            headers: own.chain(batch.headers.iter().filter(of_batch).cloned()).collect(),
            body: self.body.map(|body| body.to_string().into_bytes()).unwrap_or_default(),
        };
        Step { id: self.id, request, depends_on: self.depends_on }
    }
}

/// The response to one request, as an item of the batch's response. A body that is not JSON is written as a string.
pub fn response_item(id: &str, response: &Response) -> Value {
    let of_connection = |name: &str| name == "Content-Length" || name == "Date" || name.starts_with("Access-Control-");
    let own = response.headers.iter().filter(|(name, _)| !of_connection(name));
    let headers: Map<String, Value> = own.map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let mut item = json!({ "id": id, "status": response.status, "headers": headers });
    if !response.body.is_empty() {
        item["body"] = serde_json::from_str(&response.body).unwrap_or_else(|_| response.body.clone().into());
    }
    item
}
