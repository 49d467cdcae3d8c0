//! What processes use: a target's tree, and `bench` itself. Reads /proc and keeps no history but what it needs to add
//! CPU time up; when to look, and what to make of it, is the caller's.

mod cpu_time;
mod own;
mod reading;
mod tree;
mod turnover;

pub(crate) use own::{Machine, own_cpu_s, own_rss_bytes, own_rss_peak_bytes};

use bench_model::resources::ResourceSample;
use cpu_time::CpuTime;
use reading::{Proportional, has_ended, open_files};
use tree::{Member, Tree};
use turnover::Turnover;

/// Samples a tree of processes.
///
/// One look reads a few short files for each process of the tree and two for each thread, at about 10 us a file. The
/// proportional memory takes a walk over the page tables, at about 30 ms a GB; see [`Proportional`].
#[derive(Debug)]
pub(crate) struct Sampler {
    tree: Tree,
    cpu: CpuTime,
    turnover: Turnover,
    proportional: Proportional,
}

impl Sampler {
    /// Samples this process and its descendants, as of a server that `bench` did not start.
    pub(crate) fn new(root_pid: u32) -> Self {
        Self::over(Tree::new(root_pid, None))
    }

    /// Samples this process, its descendants, and whatever `adopter_pid` adopts when a process between ends. The
    /// adopter, such as a target's guardian, is not counted itself.
    pub(crate) fn with_adopter(root_pid: u32, adopter_pid: u32) -> Self {
        Self::over(Tree::new(root_pid, Some(adopter_pid)))
    }

    fn over(tree: Tree) -> Self {
        Self {
            tree,
            cpu: CpuTime::default(),
            turnover: Turnover::default(),
            proportional: Proportional::default(),
        }
    }

    /// Looks once. `None` when no process of the tree is alive.
    ///
    /// CPU time is read first, and never goes backwards from one sample to the next, also when a process ends
    /// between the two.
    pub(crate) fn sample(&mut self) -> Option<ResourceSample> {
        let found = self.tree.look();
        let members = &found.members;
        if !members.iter().any(Member::is_alive) {
            return None;
        }
        let (cpu_user_s, cpu_system_s) = self.cpu.add_up(members, found.adopter_waited);
        let alive = || members.iter().filter(|member| member.is_alive());
        let sum = |of: fn(&Member) -> u64| alive().map(of).sum();
        Some(ResourceSample {
            cpu_user_s,
            cpu_system_s,
            rss_bytes: sum(|member| member.rss_bytes),
            pss_bytes: self.proportional.bytes(alive().map(|member| member.pid)),
            threads: sum(|member| member.threads),
            open_files: open_files(alive().map(|member| member.pid)),
            processes: alive().count() as u64,
            ended_processes: self.turnover.look(alive().map(Member::identity)),
        })
    }
}

/// Whether a process exists and has not ended.
pub(crate) fn is_alive(pid: u32) -> bool {
    i32::try_from(pid).is_ok_and(|pid| !has_ended(pid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    /// Killed and reaped at the end of a test, however that comes.
    struct Killed(Child);

    impl Drop for Killed {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn shell(script: &str) -> Killed {
        let mut command = Command::new("sh");
        Killed(command.args(["-c", script]).stdin(Stdio::piped()).spawn().unwrap())
    }

    fn until(what: &str, mut happened: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !happened() {
            assert!(Instant::now() < deadline, "{what} did not happen");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_tree_of_two() {
        // The shell ends `cat` by ending itself: its end of the pipe closes.
        let mut parent = shell("cat >/dev/null; :");
        let mut sampler = Sampler::new(parent.0.id());
        until("a child", || sampler.sample().is_some_and(|found| found.processes == 2));
        let sample = sampler.sample().unwrap();
        assert_eq!(sample.threads, 2);
        assert!(sample.rss_bytes > 0);
        assert!(sample.pss_bytes.unwrap() > 0 && sample.pss_bytes.unwrap() <= sample.rss_bytes);
        assert!(sample.open_files.unwrap() >= 6);
        drop(parent.0.stdin.take());
        until("the end", || sampler.sample().is_none());
    }

    #[test]
    fn cpu_time_outlives_its_process() {
        // The subshell works, ends, and is waited for; the shell stays.
        let work = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        let parent = shell(&format!("({work}); read line"));
        let mut sampler = Sampler::new(parent.0.id());
        let (mut last, mut seen_two) = (0.0, false);
        until("the end of the work", || {
            let sample = sampler.sample().unwrap();
            assert!(sample.cpu_s() >= last);
            last = sample.cpu_s();
            seen_two |= sample.processes == 2;
            seen_two && sample.processes == 1
        });
        assert!(last > 0.01, "{last} s");
        assert!(sampler.sample().unwrap().cpu_s() >= last);
    }

    #[test]
    fn this_process_and_a_missing_one() {
        let sample = Sampler::new(std::process::id()).sample().unwrap();
        assert!(sample.threads >= 1 && sample.cpu_s() > 0.0);
        assert!(is_alive(std::process::id()));
        let mut ended = shell(":");
        until("a zombie", || !is_alive(ended.0.id()));
        ended.0.wait().unwrap();
        assert!(!is_alive(ended.0.id()));
        assert_eq!(Sampler::new(ended.0.id()).sample(), None);
    }
}
