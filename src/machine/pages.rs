//! Collections, page by page: the devices of a tenant (`GET /teamwork/devices`) and the operations of a device
//! (`GET /teamwork/devices/{id}/operations`).
//! Sources: <https://learn.microsoft.com/graph/api/teamworkdevice-list?view=graph-rest-beta>,
//! <https://learn.microsoft.com/graph/api/teamworkdevice-list-operations?view=graph-rest-beta>.

use crate::machine::effect::Host;
use crate::protocol::device_id::{DeviceId, push_encoded};
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::http::Response;
use crate::protocol::limits::MOST_PAGES;
use crate::protocol::location::{ServiceRoot, TrustedUrl, is_of_uri};
use crate::protocol::text::split_once_byte;
use crate::protocol::time::Instant;
use crate::protocol::token::Token;

/// How far a collection has been read. The order of its items is not documented.
pub struct PageCursor<V> {
    /// The device whose operations are read.
    pub device_id: Option<String>,
    /// The page that comes next; nothing after the last one.
    next: Option<TrustedUrl>,
    /// The pages that were read, by their URLs, and how many they are.
    read: V,
    count: u32,
    /// The items that were given out, by their ids.
    given: V,
    /// Whether all items so far could be read.
    pub is_whole: bool,
    /// The tokens that the pages were read with.
    pub tokens: Vec<Token<V>>,
    /// When Graph wants to be asked again.
    pub not_before: Option<Instant>,
}

impl<V: Host> Default for PageCursor<V> {
    /// Of a collection that has no page.
    fn default() -> PageCursor<V> {
        PageCursor {
            device_id: None,
            next: None,
            read: V::empty(),
            count: 0,
            given: V::empty(),
            is_whole: true,
            tokens: Vec::new(),
            not_before: None,
        }
    }
}

impl<V: Host> PageCursor<V> {
    /// The devices of the tenant, from the first, in the largest pages that the service sends.
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

    /// The URL of the next page; nothing after the last one.
    ///
    /// # Errors
    /// The links of the pages lead in a circle, or there are more pages than this client reads.
    pub fn next_url(&self) -> Result<Option<TrustedUrl>, Box<Error<V>>> {
        let Some(url) = &self.next else { return Ok(None) };
        if self.read.member(url.as_str()).is_some() {
            let message = "Graph's list has no end: the links of its pages lead in a circle";
            return Err(Error::new(ErrorCode::Protocol, message));
        }
        if self.count == MOST_PAGES {
            return Err(Error::new(ErrorCode::Protocol, "Graph's list has more than 10,000 pages, the most that are read"));
        }
        Ok(Some(url.clone()))
    }

    /// The items of the next page, which this response holds. It may have none although others follow. An item that comes again,
    /// because the collection has changed meanwhile, is left out.
    ///
    /// # Errors
    /// [`ErrorCode::UntrustedLocation`] for a link off the trusted origin, and [`ErrorCode::Protocol`] for a response that is no
    /// page. The cursor then stays where it is, so that the page can be asked for again.
    pub fn read(&mut self, response: &Response<V>, root: &ServiceRoot) -> Result<Vec<V>, Box<Error<V>>> {
        let document = response.body.as_ref().and_then(V::parse);
        let items = document.as_ref().and_then(|document| document.member("value")?.items());
        let (Some(document), Some(items)) = (document, items) else {
            let message = "Graph's answer is no list: no JSON object with an array `value`, of 64 MB at most";
            return Err(Error::new(ErrorCode::Protocol, message));
        };
        let next = match self.link(&document) {
            link if link.is_empty() => None,
            link => Some(root.trust::<V>(&link).map_err(|untrusted| Error::untrusted_location(&link, untrusted))?),
        };
        let count = items.len();
        if let Some(url) = std::mem::replace(&mut self.next, next) {
            self.read.insert(url.as_str());
            self.count += 1;
        }
        let items: Vec<V> = items.into_iter().filter(V::is_object).collect();
        self.is_whole &= items.len() == count;
        Ok(items.into_iter().filter(|item| self.is_new(item)).collect())
    }

    /// The link to the next page; an empty text when there is none. What a service has not encoded, such as the blanks of a filter that
    /// it repeats, is.
    fn link(&self, document: &V) -> String {
        let link = document.text_member("@odata.nextLink").unwrap_or_default();
        let link = link.trim_ascii();
        let mut encoded = String::new();
        // Only a query: the rest is that of this page.
        if let (Some(url), true) = (&self.next, link.starts_with('?')) {
            let url = url.as_str();
            encoded.push_str(split_once_byte(url, b'?').map_or(url, |(path, _)| path));
        }
        for byte in link.bytes() {
            push_encoded(&mut encoded, byte, is_of_uri(byte));
        }
        encoded
    }

    fn is_new(&mut self, item: &V) -> bool {
        let id = item.text_member("id");
        let is_known = id.as_ref().is_some_and(|id| self.given.member(id).is_some());
        if let Some(id) = id.filter(|_| !is_known) {
            self.given.insert(&id);
        }
        !is_known
    }
}

/// The path of a device's operations below the service root.
pub fn operations_path(device: &DeviceId) -> String {
    ["/teamwork/devices/", &device.path_segment(), "/operations"].concat()
}
