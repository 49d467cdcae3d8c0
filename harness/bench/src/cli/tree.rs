//! Tests over the whole command line as it is defined: everything has help, and every example that is printed or written in the
//! documents is one that the real parser takes.

use super::Cli;
use clap::error::ErrorKind;
use clap::{Command, CommandFactory as _, Parser as _};
use std::path::Path;

/// The subcommands that people see.
fn visible() -> Vec<Command> {
    below(&Cli::command())
}

/// The same with theirs.
fn all() -> Vec<Command> {
    let of_their_own = visible().into_iter().flat_map(|command| below(&command));
    visible().into_iter().chain(of_their_own).collect()
}

fn below(command: &Command) -> Vec<Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set()).cloned().collect()
}

/// Command lines of `bench` in a text, each without what belongs to the shell. A line that ends in a backslash goes on.
fn command_lines(text: &str) -> Vec<String> {
    let whole = text.replace("\\\n", " ");
    let lines = whole.lines().map(str::trim);
    let of_bench = lines.filter_map(|line| {
        let (before, _) = line.split_at(line.find("bench ")?);
        let is_command = before.is_empty() || (before.starts_with("NODE_SECRET=") && before.ends_with(' '));
        is_command.then(|| line[before.len()..].to_owned())
    });
    of_bench.collect()
}

/// The words that a shell makes of a line, up to a pipe, a redirection or a comment.
fn words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, '|' | '>' | ';') => break,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn parse(line: &str) -> Result<(), String> {
    match Cli::try_parse_from(words(line)) {
        Err(error) if error.kind() != ErrorKind::DisplayHelp => Err(format!("{line}: {error}")),
        _ => Ok(()),
    }
}

#[test]
fn no_flag_twice_and_everything_has_help() {
    Cli::command().debug_assert();
    let all = all();
    assert!(
        all.iter().any(|command| command.get_name() == "measure"),
        "those of bench baseline are looked at"
    );
    for command in all {
        let name = command.get_name().to_owned();
        assert!(command.get_about().is_some(), "{name}");
        for argument in command.get_arguments().filter(|argument| argument.get_id() != "help") {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!help.is_empty() && !help.ends_with('.'), "{name} {}: {help:?}", argument.get_id());
        }
    }
}

#[test]
fn long_lists_of_flags_are_in_groups() {
    for command in all() {
        let flags: Vec<_> = command
            .get_arguments()
            .filter(|argument| !argument.is_positional() && !argument.is_hide_set())
            .collect();
        let alone: Vec<&str> = flags
            .iter()
            .filter(|flag| flag.get_help_heading().is_none())
            .map(|flag| flag.get_id().as_str())
            .collect();
        assert!(alone.len() <= 9, "{}: {alone:?} are in no group", command.get_name());
    }
}

#[test]
fn every_subcommand_has_examples_that_the_parser_takes() {
    for command in visible() {
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(after.starts_with("Examples:\n"), "{} has no examples", command.get_name());
        let lines = command_lines(&after);
        assert!(!lines.is_empty());
        for line in lines {
            assert_eq!(words(&line)[1], command.get_name(), "{line}");
            parse(&line).unwrap();
        }
    }
}

#[test]
fn every_command_line_of_the_documents_is_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut documents = vec![root.join("README.md"), root.join("targets/CONTRACT.md")];
    let docs = std::fs::read_dir(root.join("docs")).unwrap().flatten().map(|entry| entry.path());
    documents.extend(docs.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    let mut found = 0;
    for document in documents {
        let text = std::fs::read_to_string(&document).unwrap();
        // Prose begins at the margin, an example further in.
        let examples: Vec<&str> = text.lines().filter(|line| line.starts_with("    ")).collect();
        for line in command_lines(&examples.join("\n")) {
            // What the reader is to put in stands in capital letters or as dots.
            if line.contains("...") {
                continue;
            }
            found += 1;
            parse(&line).unwrap_or_else(|error| panic!("{}: {error}", document.display()));
        }
    }
    assert!(found > 30, "{found} were found");
}

#[test]
fn words_are_those_of_a_shell() {
    for (line, expected) in [
        ("bench run -b '{\"n\":1}' \"a b\"  # c", &["bench", "run", "-b", "{\"n\":1}", "a b"][..]),
        ("bench man run | man -l -", &["bench", "man", "run"]),
        ("bench check all > x", &["bench", "check", "all"]),
        ("bench x ''", &["bench", "x", ""]),
        ("bench 'p99<20ms;x'", &["bench", "p99<20ms;x"]),
    ] {
        assert_eq!(words(line), expected);
    }
    let text = "  bench run \\\n   -c 1\nthe bench runs\nNODE_SECRET=$(x) bench serve";
    assert_eq!(command_lines(text), ["bench run     -c 1", "bench serve"]);
}
