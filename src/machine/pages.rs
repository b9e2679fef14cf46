//! Collections, page by page: the devices of a tenant (`GET /teamwork/devices`) and the operations of a device
//! (`GET /teamwork/devices/{id}/operations`).
//! Sources: <https://learn.microsoft.com/graph/api/teamworkdevice-list?view=graph-rest-beta>,
//! <https://learn.microsoft.com/graph/api/teamworkdevice-list-operations?view=graph-rest-beta>.

use crate::machine::effect::Host;
use crate::protocol::device_id::DeviceId;
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::http::Response;
use crate::protocol::location::{ServiceRoot, TrustedUrl};

/// How far a collection has been read. The order of its items is not documented.
#[derive(Default)]
pub struct PageCursor {
    /// The device whose operations are read.
    pub device_id: Option<String>,
    /// The page that comes next; nothing after the last one.
    next: Option<TrustedUrl>,
    /// The pages that were read.
    read: Vec<TrustedUrl>,
    /// The ids of the items that were given out.
    ids: Vec<String>,
}

impl PageCursor {
    /// How many pages a collection may have: one that never ends is none.
    const LIMIT: usize = 1_000;

    /// The devices of the tenant, from the first, in the largest pages that the service sends.
    pub fn of_devices(root: &ServiceRoot) -> PageCursor {
        PageCursor { next: Some(root.url("/teamwork/devices?$top=50")), ..PageCursor::default() }
    }

    /// The operations of a device, from the first.
    pub fn of_operations(root: &ServiceRoot, device: &DeviceId) -> PageCursor {
        let device_id = Some(device.as_str().to_owned());
        PageCursor { device_id, next: Some(root.url(&operations_path(device))), ..PageCursor::default() }
    }

    /// The URL of the next page; nothing after the last one.
    ///
    /// # Errors
    /// The links of the pages lead in a circle.
    pub fn next_url<V>(&self) -> Result<Option<TrustedUrl>, Box<Error<V>>> {
        let Some(url) = &self.next else { return Ok(None) };
        if self.read.contains(url) || self.read.len() == Self::LIMIT {
            let message = "Graph's list has no end: the links of its pages lead in a circle";
            return Err(Error::new(ErrorCode::Protocol, message));
        }
        Ok(Some(url.clone()))
    }

    /// The items of the next page, which this response holds. It may have none although others follow. An item that comes again,
    /// because the collection has changed meanwhile, is left out.
    ///
    /// # Errors
    /// [`ErrorCode::UntrustedLocation`] for a link off the trusted origin, and [`ErrorCode::Protocol`] for a response that is no
    /// page. The cursor then stays where it is, so that the page can be asked for again.
    pub fn read<V: Host>(&mut self, response: &Response<V>, root: &ServiceRoot) -> Result<Vec<V>, Box<Error<V>>> {
        let document = response.body.as_ref().and_then(V::parse);
        let items = document.as_ref().and_then(|document| document.member("value")?.items());
        let (Some(document), Some(items)) = (document, items) else {
            let message = "Graph's answer is no list: no JSON object with an array `value`";
            return Err(Error::new(ErrorCode::Protocol, message));
        };
        let next = match document.text_member("@odata.nextLink") {
            None => None,
            Some(link) => Some(root.trust::<V>(&link).ok_or_else(|| Error::untrusted_location(&link))?),
        };
        self.read.extend(std::mem::replace(&mut self.next, next));
        Ok(items.into_iter().filter(|item| self.is_new(item)).collect())
    }

    fn is_new<V: Host>(&mut self, item: &V) -> bool {
        let id = item.text_member("id");
        let is_known = id.as_ref().is_some_and(|id| self.ids.contains(id));
        self.ids.extend(id.filter(|_| !is_known));
        item.is_object() && !is_known
    }
}

/// The path of a device's operations below the service root.
pub fn operations_path(device: &DeviceId) -> String {
    ["/teamwork/devices/", &device.path_segment(), "/operations"].concat()
}
