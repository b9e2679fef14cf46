//! Collections, page by page: the devices of a tenant (`GET /teamwork/devices`) and the operations of a device
//! (`GET /teamwork/devices/{id}/operations`).
//! Sources: <https://learn.microsoft.com/graph/api/teamworkdevice-list?view=graph-rest-beta>,
//! <https://learn.microsoft.com/graph/api/teamworkdevice-list-operations?view=graph-rest-beta>.

use crate::machine::effect::Host;
use crate::protocol::device_id::{DeviceId, push_encoded};
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::http::Response;
use crate::protocol::limits::MOST_PAGES;
use crate::protocol::location::{ServiceRoot, TrustedUrl, is_uri_byte};
use crate::protocol::text::split_once_byte;
use crate::protocol::time::Instant;
use crate::protocol::token::Token;

/// How far a collection has been read. The order of its items is not documented.
pub struct PageCursor<V> {
    /// The device whose operations are read.
    pub device_id: Option<String>,
    /// The URL of the next page; `None` after the last one.
    next: Option<TrustedUrl>,
    /// The pages that were read, as a set of URLs, and their number.
    read_urls: V,
    page_count: u32,
    /// The items that were returned, as a set of ids.
    returned_ids: V,
    /// Whether every item so far could be read.
    pub is_complete: bool,
    /// The tokens that the pages were requested with.
    pub tokens: Vec<Token<V>>,
    /// The earliest time of the next request, if Graph requested a wait.
    pub not_before: Option<Instant>,
}

impl<V: Host> Default for PageCursor<V> {
    /// The cursor of a collection without pages.
    fn default() -> PageCursor<V> {
        PageCursor {
            device_id: None,
            next: None,
            read_urls: V::empty(),
            page_count: 0,
            returned_ids: V::empty(),
            is_complete: true,
            tokens: Vec::new(),
            not_before: None,
        }
    }
}

impl<V: Host> PageCursor<V> {
    /// The devices of the tenant, from the first, in the largest pages that the service sends (50).
    pub fn of_devices(root: &ServiceRoot) -> PageCursor<V> {
        PageCursor::of(None, root.url("/teamwork/devices?$top=50"))
    }

    /// The operations of a device, from the first.
    pub fn of_operations(root: &ServiceRoot, device: &DeviceId) -> PageCursor<V> {
        PageCursor::of(Some(device.as_str().to_owned()), root.url(&operations_path(device)))
    }

    fn of(device_id: Option<String>, first: TrustedUrl) -> PageCursor<V> {
        PageCursor { device_id, next: Some(first), ..PageCursor::default() }
    }

    /// The URL of the next page; `None` after the last one.
    ///
    /// # Errors
    /// If the links of the pages form a loop, or there are more than [`MOST_PAGES`] pages.
    pub fn next_url(&self) -> Result<Option<TrustedUrl>, Box<Error<V>>> {
        let Some(url) = &self.next else { return Ok(None) };
        if self.read_urls.member(url.as_str()).is_some() {
            let message = "Graph's list has no end: the links of its pages lead in a circle";
            return Err(Error::new(ErrorCode::Protocol, message));
        }
        if self.page_count == MOST_PAGES {
            return Err(Error::new(ErrorCode::Protocol, "Graph's list has more than 10,000 pages, the most that are read"));
        }
        Ok(Some(url.clone()))
    }

    /// Reads the items of the next page from a response. A page may be empty although others follow. An item that was
    /// returned before, because the collection has changed meanwhile, is left out.
    ///
    /// # Errors
    /// [`ErrorCode::UntrustedLocation`] for a link off the trusted origin, and [`ErrorCode::Protocol`] for a response that
    /// is not a page. The cursor then stays where it is, so that the page can be requested again.
    pub fn read(&mut self, response: &Response<V>, root: &ServiceRoot) -> Result<Vec<V>, Box<Error<V>>> {
        let document = response.body.as_ref().and_then(V::parse);
        let items = document.as_ref().and_then(|document| document.member("value")?.items());
        let (Some(document), Some(items)) = (document, items) else {
            let message = "Graph's response is not a list: it must be a JSON object with an array `value`, of 64 MB at most";
            return Err(Error::new(ErrorCode::Protocol, message));
        };
        let next = match self.next_link(&document) {
            link if link.is_empty() => None,
            link => Some(root.trust::<V>(&link).map_err(|untrusted| Error::untrusted_location(&link, untrusted))?),
        };
        let count = items.len();
        if let Some(url) = std::mem::replace(&mut self.next, next) {
            self.read_urls.insert(url.as_str());
            self.page_count += 1;
        }
        let items: Vec<V> = items.into_iter().filter(V::is_object).collect();
        self.is_complete &= items.len() == count;
        Ok(items.into_iter().filter(|item| self.is_new(item)).collect())
    }

    /// The link to the next page; empty if there is none. Characters that the service left unencoded, such as the spaces of
    /// a repeated filter, are encoded.
    fn next_link(&self, document: &V) -> String {
        let link = document.text_member("@odata.nextLink").unwrap_or_default();
        let link = link.trim_ascii();
        let mut encoded = String::new();
        // The link is only a query; the rest of the URL is that of this page.
        if let (Some(url), true) = (&self.next, link.starts_with('?')) {
            let url = url.as_str();
            encoded.push_str(split_once_byte(url, b'?').map_or(url, |(path, _)| path));
        }
        for byte in link.bytes() {
            push_encoded(&mut encoded, byte, is_uri_byte(byte));
        }
        encoded
    }

    fn is_new(&mut self, item: &V) -> bool {
        let id = item.text_member("id");
        let is_known = id.as_ref().is_some_and(|id| self.returned_ids.member(id).is_some());
        if let Some(id) = id.filter(|_| !is_known) {
            self.returned_ids.insert(&id);
        }
        !is_known
    }
}

/// The path of a device's operations below the service root.
pub fn operations_path(device: &DeviceId) -> String {
    ["/teamwork/devices/", &device.path_segment(), "/operations"].concat()
}
