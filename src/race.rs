//! A future that must end in time, or until something else happens.

use alloc::boxed::Box;
use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::Poll;

/// What `future` gives, which also wins when both are ready; nothing when `end` comes first. The other is dropped, and with it
/// its timer or request.
///
/// Both are boxed: an async function would keep each of its arguments twice, and races lie within races, so that a call in
/// flight would take nine times the memory. What is behind a `dyn` is also not compiled into each that waits for it.
pub fn race<'a, T: 'a>(
    future: impl Future<Output = T> + 'a,
    end: impl Future<Output = ()> + 'a,
) -> impl Future<Output = Option<T>> + 'a {
    let mut future: Pin<Box<dyn Future<Output = T> + 'a>> = Box::pin(future);
    let mut end: Pin<Box<dyn Future<Output = ()> + 'a>> = Box::pin(end);
    poll_fn(move |context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        end.as_mut().poll(context).map(|()| None)
    })
}
