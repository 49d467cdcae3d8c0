//! Which CPUs the target and the generator run on. Choosing is pure; only `allowed`, `siblings` and the two `pin`
//! functions touch the system.

mod list;

pub(crate) use list::{format_list, parse_list};

use list::sorted;
use rustix::thread::{CpuSet, Pid, sched_getaffinity, sched_setaffinity};
use std::collections::BTreeMap;
use std::io;

/// Who runs where. Both lists are sorted and not empty; a CPU in both is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CpuSplit {
    /// CPUs of the target.
    pub(crate) target: Vec<usize>,
    /// CPUs of the generator.
    pub(crate) generator: Vec<usize>,
}

/// Why a choice of CPUs cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CpuError {
    /// No CPU at all.
    #[error("the list of CPUs is empty: write it like 0-3,6")]
    Empty,
    /// A part of the list is not a CPU or a range of them.
    #[error("`{part}` in the CPU list `{list}` is not a CPU: write the list like 0-3,6")]
    NotACpu {
        /// The whole list.
        list: String,
        /// The part that is wrong.
        part: String,
    },
    /// A CPU that does not exist or that this process may not use.
    #[error("CPU {cpu} does not exist or may not be used here: choose among {allowed}")]
    NotAllowed {
        /// The CPU asked for.
        cpu: usize,
        /// Those that may be used, as a list.
        allowed: String,
    },
}

/// The CPUs that this process may use, sorted; none if the kernel does not tell, as with more than 1024 CPUs.
pub(crate) fn allowed() -> Vec<usize> {
    let set = sched_getaffinity(None).unwrap_or_default();
    (0..CpuSet::MAX_CPU).filter(|&cpu| set.is_set(cpu)).collect()
}

/// For each CPU, those that share its core (itself included), as far as the kernel tells.
fn siblings(cpus: &[usize]) -> BTreeMap<usize, Vec<usize>> {
    let read = |cpu: usize| {
        let path = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
        parse_list(std::fs::read_to_string(path).ok()?.trim()).ok()
    };
    cpus.iter().filter_map(|&cpu| Some((cpu, read(cpu)?))).collect()
}

/// Shares the allowed CPUs out.
///
/// Half each unless told: the target takes the first half, and the odd one, since serving a request costs more than
/// sending it. The hardware threads of a core stay on one side where there are two cores or more, because they slow
/// each other. A side that is not named gets what the other leaves, or everything if nothing is left; then, as on a
/// single CPU, the two share.
///
/// # Errors
/// When a list is empty or has a CPU that is not allowed.
pub(crate) fn split(
    allowed: &[usize],
    target: Option<Vec<usize>>,
    generator: Option<Vec<usize>>,
) -> Result<CpuSplit, CpuError> {
    split_by_core(allowed, target, generator, &siblings(allowed))
}

fn split_by_core(
    allowed: &[usize],
    target: Option<Vec<usize>>,
    generator: Option<Vec<usize>>,
    siblings: &BTreeMap<usize, Vec<usize>>,
) -> Result<CpuSplit, CpuError> {
    let allowed = sorted(allowed.to_vec());
    let target = target.map(|cpus| checked(cpus, &allowed)).transpose()?;
    let generator = generator.map(|cpus| checked(cpus, &allowed)).transpose()?;
    let rest = |taken: &[usize]| {
        let left: Vec<usize> = allowed.iter().copied().filter(|cpu| !taken.contains(cpu)).collect();
        if left.is_empty() { allowed.clone() } else { left }
    };
    let (target, generator) = match (target, generator) {
        (Some(target), Some(generator)) => (target, generator),
        (Some(target), None) => (target.clone(), rest(&target)),
        (None, Some(generator)) => (rest(&generator), generator),
        (None, None) => {
            let target = first_half(&checked(allowed.clone(), &allowed)?, siblings);
            (target.clone(), rest(&target))
        }
    };
    Ok(CpuSplit { target, generator })
}

/// Whether the generator may keep its CPUs busy without harm to anything else, where `online` of them run: the target has
/// none of them, some are left for whatever is beside, and no two of its threads share one.
pub(crate) fn may_be_kept_busy(generator: &[usize], target: &[usize], threads: usize, online: usize) -> bool {
    let shared = generator.iter().any(|cpu| target.contains(cpu));
    !shared && generator.len() < online && threads <= generator.len()
}

/// Keeps the calling thread, and those that it starts from now on, on these CPUs.
///
/// # Errors
/// When none of them may be used.
pub(crate) fn pin_this_thread(cpus: &[usize]) -> io::Result<()> {
    Ok(sched_setaffinity(None, &set_of(cpus))?)
}

/// Keeps another thread of this process on these CPUs.
///
/// # Errors
/// When none of them may be used, or the thread is gone.
pub(crate) fn pin_thread(thread: Pid, cpus: &[usize]) -> io::Result<()> {
    Ok(sched_setaffinity(Some(thread), &set_of(cpus))?)
}

/// Keeps every thread of this process on these CPUs.
///
/// # Errors
/// When none of them may be used.
pub(crate) fn pin_this_process(cpus: &[usize]) -> io::Result<()> {
    let set = set_of(cpus);
    sched_setaffinity(None, &set)?;
    for thread in std::fs::read_dir("/proc/self/task")? {
        let thread = thread?.file_name().to_string_lossy().parse().ok();
        if let Some(thread) = thread.and_then(Pid::from_raw) {
            // A thread that has ended in the meantime needs no CPU.
            let _ = sched_setaffinity(Some(thread), &set);
        }
    }
    Ok(())
}

fn set_of(cpus: &[usize]) -> CpuSet {
    let mut set = CpuSet::new();
    for &cpu in cpus.iter().filter(|&&cpu| cpu < CpuSet::MAX_CPU) {
        set.set(cpu);
    }
    set
}

fn checked(cpus: Vec<usize>, allowed: &[usize]) -> Result<Vec<usize>, CpuError> {
    if let Some(&cpu) = cpus.iter().find(|cpu| !allowed.contains(cpu)) {
        return Err(CpuError::NotAllowed { cpu, allowed: format_list(allowed) });
    }
    if cpus.is_empty() {
        return Err(CpuError::Empty);
    }
    Ok(sorted(cpus))
}

/// The first cores that hold half of the CPUs or more, but never all cores. A single core is parted all the same.
fn first_half(allowed: &[usize], siblings: &BTreeMap<usize, Vec<usize>>) -> Vec<usize> {
    let mut cores: Vec<Vec<usize>> = Vec::new();
    for &cpu in allowed {
        let shares_core = |core: &&mut Vec<usize>| siblings.get(&cpu).is_some_and(|of| of.contains(&core[0]));
        match cores.iter_mut().find(shares_core) {
            Some(core) => core.push(cpu),
            None => cores.push(vec![cpu]),
        }
    }
    if cores.len() == 1 {
        cores = allowed.iter().map(|&cpu| vec![cpu]).collect();
    }
    let kept_for_generator = usize::from(cores.len() > 1);
    let mut target = Vec::new();
    for core in &cores[..cores.len() - kept_for_generator] {
        if target.len() * 2 >= allowed.len() {
            break;
        }
        target.extend_from_slice(core);
    }
    sorted(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cores(groups: &[&[usize]]) -> BTreeMap<usize, Vec<usize>> {
        let of = |group: &&[usize]| group.iter().map(|&cpu| (cpu, group.to_vec())).collect::<Vec<_>>();
        groups.iter().flat_map(of).collect()
    }

    #[test]
    fn halves() {
        let none = cores(&[]);
        let interleaved = cores(&[&[0, 4], &[1, 5], &[2, 6], &[3, 7]]);
        let one_core = cores(&[&[0, 1]]);
        let mixed = cores(&[&[0, 1], &[2, 3], &[4], &[5], &[6], &[7]]);
        for (allowed, siblings, target, generator) in [
            ("0", &none, "0", "0"),
            ("0-1", &none, "0", "1"),
            ("0-2", &none, "0-1", "2"),
            ("0-7", &none, "0-3", "4-7"),
            ("2,5,9,11", &none, "2,5", "9,11"),
            ("0-7", &interleaved, "0-1,4-5", "2-3,6-7"),
            ("0-1", &one_core, "0", "1"),
            ("0-2,4-6", &interleaved, "0-1,4-5", "2,6"),
            ("0,4,1", &interleaved, "0,4", "1"),
            ("0-7", &mixed, "0-3", "4-7"),
        ] {
            let split = split_by_core(&parse_list(allowed).unwrap(), None, None, siblings).unwrap();
            assert_eq!(format_list(&split.target), target, "target of {allowed}");
            assert_eq!(format_list(&split.generator), generator, "generator of {allowed}");
        }
    }

    #[test]
    fn choices() {
        let list = |text: &str| (!text.is_empty()).then(|| parse_list(text).unwrap());
        for (target, generator, expected) in [
            ("0", "", ("0", "1-3")),
            ("", "0-2", ("3", "0-2")),
            ("0-1", "1-2", ("0-1", "1-2")),
            ("0-3", "", ("0-3", "0-3")),
        ] {
            let split = split_by_core(&[0, 1, 2, 3], list(target), list(generator), &cores(&[])).unwrap();
            let found = (format_list(&split.target), format_list(&split.generator));
            assert_eq!((found.0.as_str(), found.1.as_str()), expected);
        }
        let refused = |target| split_by_core(&[0, 1], target, None, &cores(&[])).unwrap_err();
        assert_eq!(refused(Some(vec![])), CpuError::Empty);
        assert_eq!(
            refused(Some(vec![0, 7])).to_string(),
            "CPU 7 does not exist or may not be used here: choose among 0-1"
        );
        assert_eq!(split_by_core(&[], None, None, &cores(&[])), Err(CpuError::Empty));
    }

    #[test]
    fn busy_cpus() {
        for (generator, target, threads, online, may) in [
            ("1", "0", 1, 2, true),
            ("2-3", "0-1", 2, 4, true),
            ("1", "0-1", 1, 2, false),
            ("0-1", "2", 3, 4, false),
            ("0-1", "", 1, 2, false),
            ("1", "", 1, 2, true),
        ] {
            let list = |text: &str| parse_list(text).unwrap_or_default();
            let found = may_be_kept_busy(&list(generator), &list(target), threads, online);
            assert_eq!(found, may, "{generator} of {online}, the target on {target}");
        }
    }

    #[test]
    fn this_machine() {
        let allowed = allowed();
        assert!(!allowed.is_empty());
        let first = allowed[..1].to_vec();
        std::thread::spawn(move || {
            pin_this_thread(&first).unwrap();
            assert_eq!(super::allowed(), first);
            assert!(pin_this_thread(&[CpuSet::MAX_CPU - 1]).is_err());
        })
        .join()
        .unwrap();
        split(&allowed, None, None).unwrap();
    }
}
