//! Which processes belong to a target, and what the kernel counts for each. Adds nothing up.

use procfs::process::{Process, Stat, all_processes};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One process of the tree.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) pid: i32,
    pub(super) started_ticks: u64,
    pub(super) state: char,
    /// CPU time of all its threads, ended ones included, in whole clock ticks.
    pub(super) own: Ticks,
    /// CPU time of its threads that are alive, to the nanosecond; absent where the kernel does not tell.
    pub(super) threads_cpu: Option<Duration>,
    /// CPU time of its descendants that have ended and been waited for.
    pub(super) waited: Ticks,
    pub(super) threads: u64,
    pub(super) rss_bytes: u64,
}

/// CPU time in user mode and in the kernel, in clock ticks (1/100 s on most systems).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Ticks {
    pub(super) user: u64,
    pub(super) system: u64,
}

impl Member {
    /// Whether it still runs; a zombie has only its CPU time left.
    pub(super) fn is_alive(&self) -> bool {
        !matches!(self.state, 'Z' | 'X')
    }

    /// What tells this process from any other, before and after.
    pub(super) fn identity(&self) -> (i32, u64) {
        (self.pid, self.started_ticks)
    }

    fn new(stat: &Stat) -> Self {
        let mut member = Self {
            pid: stat.pid,
            started_ticks: stat.starttime,
            state: stat.state,
            own: Ticks { user: stat.utime, system: stat.stime },
            threads_cpu: None,
            waited: waited(stat),
            threads: u64::try_from(stat.num_threads).unwrap_or(0),
            rss_bytes: stat.rss * procfs::page_size(),
        };
        if member.is_alive() && member.threads <= MOST_THREADS_READ {
            member.threads_cpu = threads_cpu(member.pid);
        }
        member
    }
}

/// With more threads than this, reading each would cost more than the precision is worth: cutting to ticks loses at
/// most 20 ms of one process, which matters to a tree of many small processes and not to one with many threads.
const MOST_THREADS_READ: u64 = 64;

/// The first number of each thread's schedstat: the time that it ran, in nanoseconds.
fn threads_cpu(pid: i32) -> Option<Duration> {
    let mut sum_ns = 0;
    for thread in threads(pid) {
        match fs::read_to_string(thread.join("schedstat")) {
            Ok(text) => sum_ns += text.split(' ').next()?.parse::<u64>().ok()?,
            // A thread that has just ended counts nothing here; the process's ticks still hold its time.
            Err(_) if !thread.exists() => {}
            Err(_) => return None,
        }
    }
    Some(Duration::from_nanos(sum_ns))
}

fn waited(stat: &Stat) -> Ticks {
    Ticks { user: u64::try_from(stat.cutime).unwrap_or(0), system: u64::try_from(stat.cstime).unwrap_or(0) }
}

/// What one look found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) members: Vec<Member>,
    /// CPU time of what the adopter has waited for.
    pub(super) adopter_waited: Ticks,
}

/// A root process, its descendants, and those of an adopter.
#[derive(Debug)]
pub(super) struct Tree {
    root: i32,
    adopter: Option<i32>,
    /// Members of the last look and when they began. One that has lost its parent since is still a member, and a
    /// later process with its id is not.
    known: BTreeMap<i32, u64>,
}

impl Tree {
    pub(super) fn new(root: u32, adopter: Option<u32>) -> Self {
        Self {
            root: i32::try_from(root).unwrap_or(0),
            adopter: adopter.and_then(|pid| i32::try_from(pid).ok()),
            known: BTreeMap::new(),
        }
    }

    /// Finds the members.
    ///
    /// A parent is read before its children. A child that ends in between is then missed for once, instead of being
    /// counted both as alive and as waited for.
    pub(super) fn look(&mut self) -> Found {
        let children = Children::now();
        let mut found = Found::default();
        let mut next: VecDeque<i32> = self.adopter.into_iter().chain([self.root]).collect();
        next.extend(self.known.keys());
        let mut seen = HashSet::new();
        while let Some(pid) = next.pop_front() {
            if !seen.insert(pid) {
                continue;
            }
            let Ok(stat) = Process::new(pid).and_then(|process| process.stat()) else {
                continue;
            };
            let id_was_reused = self.known.get(&pid).is_some_and(|&began| began != stat.starttime);
            if id_was_reused {
                continue;
            }
            // In front of what is known, so that parents stay ahead of their children.
            for child in children.of(pid).into_iter().rev() {
                next.push_front(child);
            }
            if self.adopter == Some(pid) {
                found.adopter_waited = waited(&stat);
            } else {
                found.members.push(Member::new(&stat));
            }
        }
        let root_began = self.known.get(&self.root).copied();
        self.known = found.members.iter().map(Member::identity).collect();
        // The root's id stays barred for good, since it is looked at anew each time.
        if let Some(began) = root_began {
            self.known.insert(self.root, began);
        }
        found
    }
}

/// Where children are looked up.
enum Children {
    /// In a file of each thread of the parent, where the kernel has it (CONFIG_PROC_CHILDREN).
    Files,
    /// In a list of all processes of the machine by parent, which costs 10 us and more for each of them.
    All(HashMap<i32, Vec<i32>>),
}

impl Children {
    fn now() -> Self {
        if Path::new("/proc/thread-self/children").exists() { Self::Files } else { Self::all() }
    }

    fn all() -> Self {
        let mut all: HashMap<i32, Vec<i32>> = HashMap::new();
        for process in all_processes().into_iter().flatten().flatten() {
            if let Ok(stat) = process.stat() {
                all.entry(stat.ppid).or_default().push(stat.pid);
            }
        }
        Self::All(all)
    }

    fn of(&self, pid: i32) -> Vec<i32> {
        match self {
            Self::Files => threads(pid)
                .filter_map(|thread| fs::read_to_string(thread.join("children")).ok())
                .flat_map(|list| pids(&list))
                .collect(),
            Self::All(all) => all.get(&pid).cloned().unwrap_or_default(),
        }
    }
}

fn pids(list: &str) -> Vec<i32> {
    list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// The folder of each thread of a process.
fn threads(pid: i32) -> impl Iterator<Item = PathBuf> {
    let folder = fs::read_dir(format!("/proc/{pid}/task"));
    folder.into_iter().flatten().flatten().map(|entry| entry.path())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Child, Command, Stdio};

    #[test]
    fn lists_of_children() {
        assert_eq!(pids("12 345 6 "), [12, 345, 6]);
        assert_eq!(pids(""), [0; 0]);
    }

    /// A process that ends when its standard input is closed.
    fn cat() -> Child {
        let mut command = Command::new("cat");
        command.stdin(Stdio::piped()).spawn().unwrap()
    }

    fn pid_of(child: &Child) -> i32 {
        i32::try_from(child.id()).unwrap()
    }

    #[test]
    fn both_ways_find_the_same_children() {
        let me = i32::try_from(std::process::id()).unwrap();
        let mut child = cat();
        assert!(Children::all().of(me).contains(&pid_of(&child)));
        assert!(Children::now().of(me).contains(&pid_of(&child)));
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(!Children::all().of(me).contains(&pid_of(&child)));
        assert!(!Children::now().of(me).contains(&pid_of(&child)));
    }

    #[test]
    fn a_reused_id_is_another_process() {
        let mut child = cat();
        let mut tree = Tree::new(child.id(), None);
        assert_eq!(tree.look().members.len(), 1);
        *tree.known.get_mut(&pid_of(&child)).unwrap() += 1;
        assert!(tree.look().members.is_empty());
        assert!(tree.look().members.is_empty());
        drop(child.stdin.take());
        child.wait().unwrap();
    }
}
