//! Two futures side by side, of which the first to end counts; the other is dropped, and with it its timer or request.

use std::future::{Future, poll_fn};
use std::task::Poll;

/// Which of the two ended first.
pub enum First<A, B> {
    /// The left one; it also wins when both are ready.
    Left(A),
    /// The right one.
    Right(B),
}

/// Runs both until one ended, and drops the other.
///
/// Both are boxed: an async function would keep each of its arguments twice, and races lie within races, so that a call in
/// flight would take nine times the memory.
pub fn race<A, B>(left: impl Future<Output = A>, right: impl Future<Output = B>) -> impl Future<Output = First<A, B>> {
    let mut left = Box::pin(left);
    let mut right = Box::pin(right);
    poll_fn(move |context| {
        if let Poll::Ready(output) = left.as_mut().poll(context) {
            return Poll::Ready(First::Left(output));
        }
        right.as_mut().poll(context).map(First::Right)
    })
}
