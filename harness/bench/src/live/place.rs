//! Where the threads of a live view run: behind everything else, and on CPUs that neither target nor generator has, where
//! there are any.

use crate::cpus;
use bench_model::plan::Plan;
use rustix::process::setpriority_process;
use rustix::thread::{Pid, gettid};
use std::sync::{Arc, Mutex, PoisonError};

/// The lowest priority of ordinary threads. Where a display shares the generator's CPU, the generator goes first.
const LAST: i32 = 19;

/// The threads of a live view.
#[derive(Debug, Clone, Default)]
pub(crate) struct Threads(Arc<Mutex<Vec<Pid>>>);

impl Threads {
    /// The calling thread is one of them from now on.
    pub(crate) fn join(&self) {
        // Without a lower priority it disturbs a little more; the display is worth having all the same.
        let _ = setpriority_process(None, LAST);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(gettid());
    }

    /// Keeps them on these CPUs.
    pub(crate) fn keep_on(&self, cpus: &[usize]) {
        for &thread in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            // A display that has ended needs no CPU.
            let _ = cpus::pin_thread(thread, cpus);
        }
    }
}

/// The CPUs for a display beside a run of `plan`, of those that may be used.
///
/// Those that are left where `bench` knows the CPUs of both sides. Else the generator's: nobody knows where a server runs that
/// was there before, and it must not be disturbed in any case.
pub(crate) fn of(plan: &Plan, allowed: &[usize]) -> Vec<usize> {
    spare(allowed, &plan.target_cpus, &plan.generator_cpus)
}

fn spare(allowed: &[usize], target: &[usize], generator: &[usize]) -> Vec<usize> {
    let is_free = |cpu: &&usize| !target.contains(cpu) && !generator.contains(cpu);
    let free: Vec<usize> = allowed.iter().filter(is_free).copied().collect();
    if target.is_empty() || free.is_empty() { generator.to_vec() } else { free }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpus::{format_list, parse_list};

    #[test]
    fn spare_cpus() {
        let list = |text: &str| parse_list(text).unwrap_or_default();
        for (allowed, target, generator, expected) in [
            ("0-1", "0", "1", "1"),
            ("0-3", "0", "1", "2-3"),
            ("0-3", "0-1", "2-3", "2-3"),
            ("0-3", "", "2-3", "2-3"),
            ("0", "0", "0", "0"),
            ("0-7", "0-3", "4-6", "7"),
        ] {
            let found = spare(&list(allowed), &list(target), &list(generator));
            assert_eq!(format_list(&found), expected, "of {allowed}, beside {target} and {generator}");
        }
    }

    #[test]
    fn a_thread_is_kept_where_it_is_put() {
        let threads = Threads::default();
        let first = cpus::allowed()[..1].to_vec();
        let (told, tell) = (threads.clone(), first.clone());
        std::thread::spawn(move || {
            told.join();
            told.keep_on(&tell);
            assert_eq!(cpus::allowed(), tell);
            assert_eq!(rustix::process::getpriority_process(None).unwrap(), LAST);
        })
        .join()
        .unwrap();
        // The thread is gone: nothing happens to anybody else.
        threads.keep_on(&first);
        assert!(rustix::process::getpriority_process(None).unwrap() < LAST);
    }
}
