//! The style that a machine can check: how long files and functions are, and that each file says what it owns.

use std::fs;
use std::path::{Path, PathBuf};

/// Lines of the longest file and function today. They may shrink.
const LONGEST_FILE: usize = 300;
const LONGEST_FUNCTION: usize = 70;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            sources(&path, found);
        } else if name.ends_with(".rs") {
            found.push(path);
        }
    }
}

/// Lines of the longest function: from `fn` to the brace that closes at the same depth of indentation.
fn longest_function(text: &str) -> (usize, String) {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_function = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().take_while(|word| !word.contains('(')).collect();
        line.trim_start().starts_with("fn ")
            || (line.contains("fn ") && words.contains(&"fn") && !line.contains("//"))
    };
    let length = |start: usize| {
        let close = " ".repeat(indent(lines[start])) + "}";
        lines[start..].iter().position(|line| *line == close).map_or(0, |end| end + 1)
    };
    let functions = (0..lines.len())
        .filter(|&at| is_function(lines[at]))
        .map(|at| (length(at), lines[at].trim().to_owned()));
    functions.max().unwrap_or_default()
}

#[test]
fn files_are_short_and_say_what_they_own() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for folder in ["harness", "targets/rust"] {
        sources(&root.join(folder), &mut files);
    }
    assert!(files.len() > 50, "the sources were found");
    let mut faults = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        // Unit tests stand at the end of the file that they test, and do not count.
        let tests = ["\n#[cfg(test)]\nmod tests {", "\n#[cfg(test)]\npub(crate) mod tests {"];
        let code = &text[..tests.iter().filter_map(|start| text.find(start)).min().unwrap_or(text.len())];
        let (function_lines, function) = longest_function(code);
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        if !text.starts_with("//! ") {
            faults.push(format!("{name} does not open with `//!`"));
        }
        if code.lines().count() > LONGEST_FILE {
            faults.push(format!("{name} has {} lines", code.lines().count()));
        }
        if function_lines > LONGEST_FUNCTION {
            faults.push(format!("{name} has a function of {function_lines} lines: {function}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
