//! What must be read from each process by itself: proportional memory and open files. Knows nothing of trees.

use procfs::ProcResult;
use procfs::process::Process;
use std::time::{Duration, Instant};

/// The proportional memory of some processes.
///
/// Reading it holds up the target's own changes to its memory, so no more than 1% of the time is spent on it. A
/// target of more than about 300 MB is therefore read less often than once a second, and the last value is told in
/// between. Nor is it left to a thread of low priority, which would be put aside while it holds the target up.
#[derive(Debug, Default)]
pub(super) struct Proportional {
    last: Option<u64>,
    /// Not to be read again before; at once if absent.
    due: Option<Instant>,
}

/// Reading takes one part in this many of the time.
const REST_FOR_READING: u32 = 100;

impl Proportional {
    /// The sum over these processes; `None` if the kernel lets us read one of them not at all.
    pub(super) fn bytes(&mut self, pids: impl Iterator<Item = i32>) -> Option<u64> {
        let began = Instant::now();
        if self.due.is_none_or(|due| began >= due) {
            self.last = sum(pids, |process| {
                let maps = process.smaps_rollup()?.memory_map_rollup.into_iter();
                Ok(maps.filter_map(|map| map.extension.map.get("Pss").copied()).sum())
            });
            // The time that the thread was kept waiting for its CPU counts as well, which errs to the quiet side.
            self.due = Some(began + next_after(began.elapsed()));
        }
        self.last
    }
}

/// When to read again after a reading that took so long; a short one may be repeated at will.
fn next_after(took: Duration) -> Duration {
    took * REST_FOR_READING
}

/// The open files of these processes; `None` if the kernel does not let us look at one of them.
pub(super) fn open_files(pids: impl Iterator<Item = i32>) -> Option<u64> {
    sum(pids, |process| Ok(process.fd_count()? as u64))
}

fn sum(pids: impl Iterator<Item = i32>, read: impl Fn(&Process) -> ProcResult<u64>) -> Option<u64> {
    let mut sum = 0;
    for pid in pids {
        match Process::new(pid).and_then(|process| read(&process)) {
            Ok(value) => sum += value,
            Err(_) if has_ended(pid) => {}
            Err(_) => return None,
        }
    }
    Some(sum)
}

/// A process that ends while it is looked at fails in as many ways as there are files, so only its state tells.
pub(super) fn has_ended(pid: i32) -> bool {
    let stat = Process::new(pid).and_then(|process| process.stat());
    stat.map_or(true, |stat| matches!(stat.state, 'Z' | 'X'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings() {
        let me = i32::try_from(std::process::id()).unwrap();
        assert!(open_files([me].into_iter()).unwrap() >= 3);
        let gone = i32::MAX;
        assert_eq!(open_files([gone].into_iter()), Some(0));
        assert_eq!(sum([me].into_iter(), |_| Err(procfs::ProcError::PermissionDenied(None))), None);
        assert!(Proportional::default().bytes([me].into_iter()).unwrap() > 0);
    }

    #[test]
    fn a_dear_reading_is_not_repeated_soon() {
        let mut proportional =
            Proportional { last: Some(7), due: Some(Instant::now() + Duration::from_secs(3600)) };
        assert_eq!(proportional.bytes([1].into_iter()), Some(7));
        assert_eq!(next_after(Duration::from_millis(100)), Duration::from_secs(10));
    }
}
