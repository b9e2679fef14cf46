//! Pages of a collection: applying `$filter`, `$top`, `$skipToken` and `$select`, and linking to the next page.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::error::GraphError;
use crate::filter::Filter;
use crate::query::Options;
use crate::select::{EntityType, Selection};

/// The largest page. That a larger `$top` is reduced to this, and not refused, is an assumption: Microsoft's page only says
/// "Max page limit is 50". Source: <https://learn.microsoft.com/graph/api/teamworkdevice-list?view=graph-rest-beta>.
const LARGEST: usize = 50;

/// A collection that is sent in pages.
pub struct Collection {
    /// Its address, as written in links to its pages.
    pub link: String,
    /// Its context URL.
    pub context: String,
    pub entity_type: &'static EntityType,
    /// The default page size (without `$top`).
    pub page_size: usize,
}

impl Collection {
    /// The page of `items` that the options select. Only what is on it, or must be filtered, becomes a document.
    pub fn page<T>(
        &self,
        items: impl Iterator<Item = T>,
        document: impl Fn(T) -> Value,
        options: &Options,
    ) -> Result<Value, GraphError> {
        let filter = options.get("filter").map(Filter::parse).transpose()?;
        let selection = Selection::parse(options.get("select"), self.entity_type)?;
        let top = options.top()?.unwrap_or(self.page_size).min(LARGEST);
        let skip = options.skip()?;
        let end = skip.saturating_add(top);
        let one_more = top.saturating_add(1);
        let mut found: Vec<Value> = match filter {
            None => items.skip(skip).take(one_more).map(document).collect(),
            Some(filter) => items.map(document).filter(|item| filter.matches(item)).skip(skip).take(one_more).collect(),
        };
        let has_more = top > 0 && found.len() > top;
        found.truncate(top);
        let value: Vec<Value> = found.into_iter().map(|item| selection.of(item)).collect();
        let context = format!("{}{}", self.context, selection.in_context());
        let mut page = json!({ "@odata.context": context, "value": value });
        if has_more {
            page["@odata.nextLink"] = self.next_link(options, top, end).into();
        }
        Ok(page)
    }

    /// The link to the next page, which keeps filter, selection and page size.
    fn next_link(&self, options: &Options, top: usize, end: usize) -> String {
        let kept = |name: &str| {
            let text = options.get(name)?;
            Some(format!("${name}={}&", utf8_percent_encode(text, NON_ALPHANUMERIC)))
        };
        let kept: String = ["filter", "select"].into_iter().filter_map(kept).collect();
        format!("{}?{kept}$top={top}&$skipToken={end}", self.link)
    }
}
