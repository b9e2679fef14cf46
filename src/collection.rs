//! Collections, page by page: the devices of a tenant (`GET /teamwork/devices`) and the operations of a device
//! (`GET /teamwork/devices/{id}/operations`).
//! Sources: <https://learn.microsoft.com/graph/api/teamworkdevice-list?view=graph-rest-beta>,
//! <https://learn.microsoft.com/graph/api/teamworkdevice-list-operations?view=graph-rest-beta>.

use crate::client::untrusted;
use crate::exchange::{Call, Outcome};
use crate::platform::Platform;
use crate::progress::Observer;
use crate::protocol::device_id::DeviceId;
use crate::protocol::error::{Code, Error};
use crate::protocol::http::Method;
use crate::protocol::json::Json;
use crate::protocol::location::ServiceRoot;
use crate::token::TokenSource;
use alloc::string::String;
use alloc::vec::Vec;

/// How far a collection has been read. The order of its items is not documented.
#[derive(Default)]
pub struct Pages {
    /// The page that comes next; nothing after the last one.
    next: Option<String>,
    /// The pages that were asked for.
    asked: Vec<String>,
    /// The ids of the items that were given out.
    ids: Vec<String>,
}

impl Pages {
    /// How many pages a collection may have: one that never ends is none.
    const LIMIT: usize = 1_000;

    /// The devices of the tenant, from the first, in the largest pages that the service sends.
    pub fn of_devices(root: &ServiceRoot) -> Pages {
        Pages { next: Some(root.url("/teamwork/devices?$top=50")), ..Pages::default() }
    }

    /// The operations of a device, from the first.
    pub fn of_operations(root: &ServiceRoot, device: &DeviceId) -> Pages {
        Pages { next: Some(root.url(&operations_path(device))), ..Pages::default() }
    }
}

/// The path of a device's operations below the service root.
pub fn operations_path(device: &DeviceId) -> String {
    ["/teamwork/devices/", &device.path_segment(), "/operations"].concat()
}

impl<P: Platform, T: TokenSource<P::Value>, O: Observer<P::Value>> Call<'_, P, T, O> {
    /// Reads the next page; nothing after the last one. A page may be empty although others follow. An item that comes again,
    /// because the collection has changed meanwhile, is left out.
    ///
    /// # Errors
    /// Whatever prevents it; [`Code::UntrustedLocation`] for a link off the trusted origin, and [`Code::Protocol`] for an
    /// answer that is no page, and for links that lead in a circle. A page that failed can be asked for again.
    pub async fn next_page(&self, pages: &mut Pages) -> Outcome<P, Option<Vec<P::Value>>> {
        let Some(url) = pages.next.clone() else { return Ok(None) };
        if pages.asked.contains(&url) || pages.asked.len() == Pages::LIMIT {
            return Err(
                Error::new(Code::Protocol, "Graph's list has no end: the links of its pages lead in a circle").into()
            );
        }
        let response = self.send(Method::Get, &url).await?;
        let document = P::Value::parse(&response.body);
        let items = document.as_ref().and_then(|document| document.member("value")?.items());
        let (Some(document), Some(items)) = (document, items) else {
            return Err(Error::new(Code::Protocol, "Graph's answer is no list: no JSON object with an array `value`").into());
        };
        let next = match document.member("@odata.nextLink").and_then(|link| link.text()) {
            None => None,
            Some(link) => Some(self.root.trust(self.platform, &link).ok_or_else(|| untrusted(&link))?),
        };
        pages.asked.push(url);
        pages.next = next;
        let is_new = |item: &P::Value| {
            let id = item.member("id").and_then(|id| id.text());
            let is_known = id.as_ref().is_some_and(|id| pages.ids.contains(id));
            pages.ids.extend(id.filter(|_| !is_known));
            item.is_object() && !is_known
        };
        Ok(Some(items.into_iter().filter(is_new).collect()))
    }
}
