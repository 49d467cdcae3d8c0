//! Lists of CPUs as text, such as `0-3,6`: the form that taskset, the kernel and our flags share.

use super::CpuError;
use rustix::thread::CpuSet;

/// Reads a list such as `0-3,6`: sorted, each CPU once.
///
/// # Errors
/// When a part is neither a number nor a rising range, or nothing is listed.
pub(crate) fn parse_list(list: &str) -> Result<Vec<usize>, CpuError> {
    let mut cpus = Vec::new();
    for part in list.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        match (first.trim().parse::<usize>(), last.trim().parse::<usize>()) {
            (Ok(first), Ok(last)) if first <= last && last < CpuSet::MAX_CPU => cpus.extend(first..=last),
            _ => {
                return Err(CpuError::NotACpu { list: list.to_owned(), part: part.to_owned() });
            }
        }
    }
    if cpus.is_empty() {
        return Err(CpuError::Empty);
    }
    Ok(sorted(cpus))
}

/// Writes a sorted list the way [`parse_list`] reads it: `0-3,6`.
pub(crate) fn format_list(cpus: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for &cpu in cpus {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == cpu => *last = cpu,
            _ => ranges.push((cpu, cpu)),
        }
    }
    let words = ranges.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    words.collect::<Vec<_>>().join(",")
}

pub(super) fn sorted(mut cpus: Vec<usize>) -> Vec<usize> {
    cpus.sort_unstable();
    cpus.dedup();
    cpus
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        for (text, expected) in [
            ("0", vec![0]),
            ("0-3,6", vec![0, 1, 2, 3, 6]),
            (" 6, 0-1 ,1", vec![0, 1, 6]),
            ("1023", vec![1023]),
        ] {
            assert_eq!(parse_list(text).unwrap(), expected, "{text}");
        }
        for text in ["x", "3-1", "-1", "1-", "0-99999999999", "1024", "1.5"] {
            let error = parse_list(text).unwrap_err();
            assert!(error.to_string().contains("0-3,6"), "{error}");
        }
        for text in ["", " ", ","] {
            assert_eq!(parse_list(text), Err(CpuError::Empty), "{text}");
        }
        assert_eq!(format_list(&[0, 1, 2, 5, 7, 8]), "0-2,5,7-8");
    }
}
