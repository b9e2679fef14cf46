//! Two futures side by side, of which the first to end counts; the other is dropped, and with it its timer or request.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Which of the two ended first.
pub enum First<A, B> {
    /// The left one; it also wins when both are ready.
    Left(A),
    /// The right one.
    Right(B),
}

/// Runs both until one ended, and drops the other.
pub async fn race<A, B>(left: impl Future<Output = A>, right: impl Future<Output = B>) -> First<A, B> {
    let mut left = pin!(left);
    let mut right = pin!(right);
    poll_fn(|context| {
        if let Poll::Ready(output) = left.as_mut().poll(context) {
            return Poll::Ready(First::Left(output));
        }
        right.as_mut().poll(context).map(First::Right)
    })
    .await
}
