//! A virtual clock and the executor that moves it: time passes only when everything waits.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// The time, and who waits for which moment.
#[derive(Default)]
pub struct World {
    now_ms: Cell<f64>,
    timers: RefCell<Vec<(u64, f64)>>,
    timers_begun: Cell<u64>,
}

/// How a future was left.
pub enum End<R> {
    Ready(R),
    /// It was dropped at an await point, as an abort does it.
    Dropped,
}

impl World {
    pub fn now(&self) -> f64 {
        self.now_ms.get()
    }

    /// Timers that somebody still waits for.
    pub fn live_timers(&self) -> usize {
        self.timers.borrow().len()
    }

    pub fn sleep(&self, ms: f64) -> Sleep<'_> {
        let id = self.timers_begun.get();
        self.timers_begun.set(id + 1);
        let due = self.now() + ms;
        self.timers.borrow_mut().push((id, due));
        Sleep { world: self, id, due }
    }

    /// Runs a future to its end, or until it was polled `drop_after` times.
    pub fn run<R>(&self, future: impl Future<Output = R>, drop_after: usize) -> End<R> {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..drop_after {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return End::Ready(output);
            }
            let due = self.timers.borrow().iter().map(|&(_, due)| due).fold(f64::INFINITY, f64::min);
            assert!(due < f64::INFINITY, "it waits for something that never comes");
            self.now_ms.set(self.now().max(due));
        }
        End::Dropped
    }
}

/// A moment that is waited for.
pub struct Sleep<'a> {
    world: &'a World,
    id: u64,
    due: f64,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.world.now() >= self.due { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        self.world.timers.borrow_mut().retain(|&(id, _)| id != self.id);
    }
}
