//! Pages of a collection: `$top`, `$skipToken` and the link to the next page.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// The largest page that the service sends, whatever `$top` says.
/// Source: <https://learn.microsoft.com/graph/api/teamworkdevice-list?view=graph-rest-beta>.
const LARGEST: usize = 50;

/// The page of `items` that the query asks for. `path` is that of the collection without version, and so is the link to the
/// next page, as documented.
pub fn page(items: Vec<Value>, page_size: usize, path: &str, context: &str, query: &str) -> Value {
    let top = parameter(query, "$top").unwrap_or(page_size).clamp(1, LARGEST);
    let skip = parameter(query, "$skiptoken").unwrap_or(0);
    let end = skip.saturating_add(top);
    let more = items.len() > end;
    let value: Vec<Value> = items.into_iter().skip(skip).take(top).collect();
    let mut document = json!({ "@odata.context": context, "value": value });
    if more {
        document["@odata.nextLink"] = format!("{path}?$top={top}&$skipToken={end}").into();
    }
    document
}

/// Names have no case, and clients write `$` as `%24` as well.
fn parameter(query: &str, name: &str) -> Option<usize> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| percent_decode_str(key).decode_utf8_lossy().eq_ignore_ascii_case(name))?;
    value.parse().ok()
}
