//! The operations of a device, page by page (`GET /teamwork/devices/{id}/operations`).
//! Source: <https://learn.microsoft.com/graph/api/teamworkdevice-list-operations?view=graph-rest-beta>.

use crate::client::untrusted;
use crate::device::DeviceId;
use crate::error::{Code, Error};
use crate::exchange::{Call, Outcome};
use crate::http::{Method, Platform, Value};
use crate::location::ServiceRoot;
use crate::operation::Operation;
use crate::progress::Observer;
use crate::token::TokenSource;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

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

    /// The operations of a device, from the first.
    pub fn of_operations(root: &ServiceRoot, device: &DeviceId) -> Pages {
        Pages { next: Some(root.url(&operations_path(device))), asked: Vec::new(), ids: Vec::new() }
    }
}

/// The path of a device's operations below the service root.
pub fn operations_path(device: &DeviceId) -> String {
    ["/teamwork/devices/", &device.path_segment(), "/operations"].concat()
}

impl<P: Platform, T: TokenSource<P::Value>, O: Observer<P::Value>> Call<'_, P, T, O> {
    /// Reads the next page as a call of its own; see [`Call::next_page`].
    ///
    /// # Errors
    /// Those of [`Call::next_page`].
    pub async fn read_page(
        &self,
        device: &DeviceId,
        pages: &RefCell<Pages>,
    ) -> Outcome<P, Option<Vec<Operation<P::Value>>>> {
        self.known.borrow_mut().device_id = Some(device.as_str().to_owned());
        let mut reading = pages.take();
        let page = self.run(self.next_page(&mut reading)).await;
        pages.replace(reading);
        page
    }

    /// Reads the next page; nothing after the last one. A page may be empty although others follow. An operation that
    /// comes again, because the collection has changed meanwhile, is left out.
    ///
    /// # Errors
    /// Whatever prevents it; [`Code::UntrustedLocation`] for a link off the trusted origin, and [`Code::Protocol`] for an
    /// answer that is no page, and for links that lead in a circle. A page that failed can be asked for again.
    pub async fn next_page(&self, pages: &mut Pages) -> Outcome<P, Option<Vec<Operation<P::Value>>>> {
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
        let mut operations = Vec::new();
        for operation in items.into_iter().filter(Value::is_object).map(Operation::of_document) {
            match operation.text("id") {
                Some(id) if pages.ids.contains(&id) => continue,
                Some(id) => pages.ids.push(id),
                None => {}
            }
            operations.push(operation);
        }
        Ok(Some(operations))
    }
}
