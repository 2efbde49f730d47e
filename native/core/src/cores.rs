//! The executor's cores: each open task holds the one it runs on, and may borrow those that no task holds.
//!
//! Spark gives a task a core of its own. Where it has fewer tasks than cores (the last ones of a stage, a
//! coalesced plan), the columns of a batch are encoded side by side.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Cores held in this process.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// Cores held until this is dropped.
#[derive(Debug)]
pub struct Cores<'a> {
    held: &'a AtomicUsize,
    count: usize,
}

impl Cores<'static> {
    /// The core of a task, which Spark has given it, whatever others hold.
    pub fn of_task() -> Self {
        HELD.fetch_add(1, Ordering::Relaxed);
        Self {
            held: &HELD,
            count: 1,
        }
    }

    /// Up to `most` of the `all` cores of this process that nobody holds.
    pub fn borrow(most: usize, all: usize) -> Self {
        Self::idle(&HELD, most, all)
    }
}

impl<'a> Cores<'a> {
    fn idle(held: &'a AtomicUsize, most: usize, all: usize) -> Self {
        let idle = |busy: usize| all.saturating_sub(busy).min(most);
        let taken = held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |busy| {
            Some(busy + idle(busy))
        });
        let count = idle(taken.unwrap_or(all));
        Self { held, count }
    }

    /// How many they are.
    pub fn count(&self) -> usize {
        self.count
    }
}

impl Drop for Cores<'_> {
    fn drop(&mut self) {
        self.held.fetch_sub(self.count, Ordering::Relaxed);
    }
}

/// Cores this process may use: those of the machine, or of its container, but no more than the `granted`.
pub fn available(granted: Option<NonZero<usize>>) -> usize {
    let machine = thread::available_parallelism().map_or(1, NonZero::get);
    granted.map_or(machine, |granted| machine.min(granted.get()))
}

/// Does `work` to all `items`, on the calling thread and one more for each of `cores`. The first error ends
/// it; items that have not been begun by then are left out. A panic goes on in the calling thread.
pub fn for_each<T: Send, E: Send>(
    items: impl Iterator<Item = T> + Send,
    cores: &Cores<'_>,
    work: impl Fn(T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let queue = Mutex::new(Some(items));
    let queue = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    let next = || queue().as_mut().and_then(Iterator::next);
    let run = || {
        while let Some(item) = next() {
            work(item).inspect_err(|_| *queue() = None)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        // A thread that the system refuses is done without.
        let started = (0..cores.count())
            .map_while(|_| {
                let thread = thread::Builder::new().name("sluice-encode".into());
                thread.spawn_scoped(scope, run).ok()
            })
            .collect::<Vec<_>>();
        let own = run();
        started.into_iter().fold(own, |result, thread| {
            result.and(thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Barrier;
    use std::sync::atomic::AtomicU64;

    use super::*;

    #[test]
    fn no_more_is_lent_than_is_idle() {
        let held = AtomicUsize::new(3);
        let first = Cores::idle(&held, 4, 8);
        let second = Cores::idle(&held, 4, 8);
        let third = Cores::idle(&held, 4, 8);
        assert_eq!((first.count(), second.count(), third.count()), (4, 1, 0));
        drop(first);
        assert_eq!(Cores::idle(&held, 9, 8).count(), 4);
        drop((second, third));
        assert_eq!(held.into_inner(), 3);
    }

    #[test]
    fn more_tasks_than_cores_borrow_nothing() {
        let held = AtomicUsize::new(9);
        assert_eq!(Cores::idle(&held, 4, 8).count(), 0);
    }

    fn two<'a>(held: &'a AtomicUsize) -> Cores<'a> {
        Cores::idle(held, 2, 2)
    }

    #[test]
    fn every_item_is_done_once_on_every_core() {
        let held = AtomicUsize::new(0);
        let sum = AtomicU64::new(0);
        let meeting = Barrier::new(3);
        let threads = Mutex::new(HashSet::new());
        let work = |item: u64| {
            if item < 3 {
                meeting.wait();
            }
            threads.lock().unwrap().insert(thread::current().id());
            sum.fetch_add(item, Ordering::Relaxed);
            Ok::<(), ()>(())
        };
        for_each(0..100, &two(&held), work).unwrap();
        assert_eq!(sum.into_inner(), 99 * 100 / 2);
        assert_eq!(threads.into_inner().unwrap().len(), 3);
        assert_eq!(held.into_inner(), 0);
    }

    #[test]
    fn an_error_ends_it() {
        let held = AtomicUsize::new(0);
        let begun = AtomicU64::new(0);
        let work = |item: u64| {
            begun.fetch_add(1, Ordering::Relaxed);
            if item == 0 { Err("torn") } else { Ok(()) }
        };
        assert_eq!(
            for_each(0..u64::MAX, &Cores::idle(&held, 0, 1), work),
            Err("torn")
        );
        assert_eq!(begun.into_inner(), 1);
        assert_eq!(
            for_each(0..100_u64, &two(&held), |item| if item == 50 {
                Err(item)
            } else {
                Ok(())
            }),
            Err(50)
        );
    }

    #[test]
    fn a_panic_reaches_the_caller() {
        let held = AtomicUsize::new(0);
        let caught = std::panic::catch_unwind(|| {
            let meeting = Barrier::new(3);
            for_each(0..3, &two(&held), |_| {
                meeting.wait();
                match thread::current().name() {
                    Some("sluice-encode") => panic!("of an encoder"),
                    _ => Ok::<(), ()>(()),
                }
            })
        });
        assert_eq!(
            *caught.unwrap_err().downcast::<&str>().unwrap(),
            "of an encoder"
        );
    }
}
