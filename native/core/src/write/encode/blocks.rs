//! Memory for what waits to be stored: blocks that go from task to task. The pages of a row group are many
//! megabytes, and memory that the system hands out anew costs a page fault every four kilobytes.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use crate::runtime;

/// Size of a block, in bytes.
const BLOCK_BYTES: usize = 256 << 10;
/// Blocks kept for each core that writes: 64 MiB.
const KEPT_PER_CORE: usize = 256;
/// Pieces shorter than this do not begin a block.
const SHORT: usize = 32 << 10;
/// Time without use after which the blocks are given up.
const IDLE: Duration = Duration::from_secs(10);

static POOL: Pool = Pool {
    free: Mutex::new(Vec::new()),
    kept: AtomicUsize::new(KEPT_PER_CORE),
    uses: AtomicU64::new(0),
    watched: AtomicBool::new(false),
};

/// Blocks that nobody uses.
struct Pool {
    free: Mutex<Vec<Vec<u8>>>,
    /// How many there may be.
    kept: AtomicUsize,
    uses: AtomicU64,
    /// Whether somebody waits for them to be idle.
    watched: AtomicBool,
}

/// Lets a process in which so many tasks may write at once keep memory for each of them.
pub fn keep_for(cores: usize) {
    let kept = cores.saturating_mul(KEPT_PER_CORE);
    POOL.kept.fetch_max(kept, Ordering::Relaxed);
}

impl Pool {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Vec<u8>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Vec<u8> {
        self.uses.fetch_add(1, Ordering::Relaxed);
        let free = self.lock().pop();
        free.unwrap_or_else(|| Vec::with_capacity(BLOCK_BYTES))
    }

    fn give_back(&'static self, mut block: Vec<u8>) {
        block.clear();
        {
            let mut free = self.lock();
            if free.len() >= self.kept.load(Ordering::Relaxed) {
                return;
            }
            free.push(block);
        }
        if !self.watched.swap(true, Ordering::Relaxed) {
            match runtime::handle() {
                Ok(runtime) => drop(runtime.spawn(self.free_when_idle(IDLE))),
                Err(e) => tracing::debug!(error = %e, "unused memory is kept"),
            }
        }
    }

    async fn free_when_idle(&self, idle: Duration) {
        loop {
            let seen = self.uses.load(Ordering::Relaxed);
            tokio::time::sleep(idle).await;
            if self.uses.load(Ordering::Relaxed) == seen {
                self.watched.store(false, Ordering::Relaxed);
                drop(std::mem::take(&mut *self.lock()));
                return;
            }
        }
    }
}

/// Goes back when the last reference to its bytes is gone.
struct Block(Vec<u8>);

impl Block {
    fn room(&self) -> usize {
        BLOCK_BYTES - self.0.len()
    }
}

impl AsRef<[u8]> for Block {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        POOL.give_back(std::mem::take(&mut self.0));
    }
}

/// Bytes that grow at the end, never to be moved again.
#[derive(Default)]
pub struct Blocks {
    closed: Vec<Bytes>,
    open: Option<Block>,
}

impl Blocks {
    /// Copies `bytes` to the end.
    pub fn append(&mut self, bytes: &[u8]) {
        if self.open.is_none() && bytes.len() < SHORT {
            self.closed.push(Bytes::copy_from_slice(bytes));
            return;
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let mut block = self.open.take().unwrap_or_else(|| Block(POOL.take()));
            let (now, later) = rest.split_at(rest.len().min(block.room()));
            block.0.extend_from_slice(now);
            if block.room() == 0 {
                self.closed.push(Bytes::from_owner(block));
            } else {
                self.open = Some(block);
            }
            rest = later;
        }
    }

    /// Memory of the last block that no bytes are in yet.
    pub fn spare(&self) -> usize {
        self.open.as_ref().map_or(0, Block::room)
    }

    /// All bytes, in their order.
    pub fn into_pieces(mut self) -> Vec<Bytes> {
        self.closed.extend(self.open.map(Bytes::from_owner));
        self.closed
    }
}

impl std::io::Write for Blocks {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.append(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stay_in_their_order() {
        let mut blocks = Blocks::default();
        let mut expected = Vec::new();
        for length in [
            1,
            SHORT - 1,
            SHORT,
            7,
            BLOCK_BYTES,
            3 * BLOCK_BYTES + 5,
            0,
            2,
        ] {
            let piece: Vec<u8> = (0..length).map(|i| (i + length) as u8).collect();
            blocks.append(&piece);
            expected.extend(piece);
        }
        assert_eq!(
            blocks.spare(),
            BLOCK_BYTES - (expected.len() - SHORT) % BLOCK_BYTES
        );
        let pieces = blocks.into_pieces();
        assert!(pieces.iter().all(|piece| piece.len() <= BLOCK_BYTES));
        assert_eq!(pieces.concat(), expected);
    }

    #[test]
    fn short_pieces_take_no_block() {
        let mut blocks = Blocks::default();
        (0..100).for_each(|_| blocks.append(&[1; SHORT - 1]));
        assert_eq!(blocks.spare(), 0);
    }

    #[test]
    fn blocks_are_used_again_and_given_up_when_idle() {
        static POOL: Pool = Pool {
            free: Mutex::new(Vec::new()),
            kept: AtomicUsize::new(2),
            uses: AtomicU64::new(0),
            watched: AtomicBool::new(true),
        };
        let mut block = POOL.take();
        block.push(1);
        let address = block.as_ptr();
        POOL.give_back(block);
        let again = POOL.take();
        assert_eq!((again.as_ptr(), again.len()), (address, 0));
        (0..3).for_each(|_| POOL.give_back(Vec::with_capacity(BLOCK_BYTES)));
        assert_eq!(POOL.lock().len(), 2, "no more than are kept");
        runtime::block_on(POOL.free_when_idle(Duration::from_millis(1))).unwrap();
        assert_eq!(POOL.lock().len(), 0);
        assert!(!POOL.watched.load(Ordering::Relaxed));
    }
}
