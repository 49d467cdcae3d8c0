//! `bench man`: the manual pages, made from the same definitions as `--help`.

use crate::cli::Cli;
use crate::commands::write;
use crate::failure::Failure;
use anyhow::{Context as _, anyhow};
use bench_model::suggest::nearest;
use clap::{Args, Command, CommandFactory as _};
use clap_mangen::Man;
use std::path::PathBuf;
use std::process::ExitCode;

pub(crate) const EXAMPLES: &str = "Examples:
  bench man run | man -l -
  bench man --folder ~/.local/share/man/man1";

/// `bench man`.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Subcommand whose page is printed, such as run or baseline-measure [default: that of bench itself]
    #[arg(value_name = "SUBCOMMAND", conflicts_with = "folder")]
    subcommand: Option<String>,
    /// Write all pages into this folder instead
    #[arg(long, value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
    folder: Option<PathBuf>,
}

/// Prints a page, or writes them all.
pub(crate) fn main(args: &ManArgs) -> Result<ExitCode, Failure> {
    let pages = pages();
    if let Some(folder) = &args.folder {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        for (name, page) in &pages {
            let path = folder.join(format!("{name}.1"));
            std::fs::write(&path, page).with_context(|| format!("cannot write {}", path.display()))?;
        }
        write(&format!("wrote {} pages into {}\n", pages.len(), folder.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let wanted = args.subcommand.as_ref();
    let wanted =
        wanted.map_or_else(|| "bench".to_owned(), |name| format!("bench-{}", name.replace(' ', "-")));
    let Some((_, page)) = pages.iter().find(|(name, _)| *name == wanted) else {
        let typed = args.subcommand.as_deref().unwrap_or_default();
        let known: Vec<&str> = pages.iter().filter_map(|(name, _)| name.strip_prefix("bench-")).collect();
        let mend = match nearest(typed, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", known.join(", ")),
        };
        return Err(Failure::Usage(anyhow!("there is no subcommand `{typed}`: {mend}")));
    };
    write(page)?;
    Ok(ExitCode::SUCCESS)
}

/// Every page by its name: that of `bench`, those of its subcommands, then those of theirs.
fn pages() -> Vec<(String, String)> {
    let mut whole = Cli::command();
    whole.build();
    let mut all = vec![whole];
    let mut next = 0;
    while let Some(command) = all.get(next) {
        let below = command.get_subcommands().filter(|command| !command.is_hide_set());
        let below: Vec<Command> = below.cloned().collect();
        all.extend(below);
        next += 1;
    }
    let names: Vec<String> = all.iter().map(name).collect();
    all.iter().map(|command| (name(command), page(command, &names))).collect()
}

/// `bench`, `bench-run` or `bench-baseline-measure`.
fn name(command: &Command) -> String {
    command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned()
}

fn page(command: &Command, all: &[String]) -> String {
    let man = Man::new(command.clone());
    // Without a date: it would be another one in each build.
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(".TH {} 1 \"\" \"bench {version}\" \"bench\"\n", name(command)).into_bytes();
    let has_subcommands = command.has_subcommands();
    let written = man
        .render_name_section(&mut page)
        .and_then(|()| man.render_synopsis_section(&mut page))
        .and_then(|()| man.render_description_section(&mut page))
        .and_then(|()| if has_subcommands { man.render_subcommands_section(&mut page) } else { Ok(()) })
        .and_then(|()| man.render_options_section(&mut page));
    written.expect("nothing fails that is written into memory");
    // clap_mangen parts paragraphs with a blank line between two breaks, which mandoc takes for a slip.
    let mut page = String::from_utf8_lossy(&page).replace(".br\n\n.br\n", ".sp\n");
    if let Some(after) = command.get_after_help() {
        page += &section(&after.to_string());
    }
    page += ".SH \"SEE ALSO\"\n";
    let others: Vec<String> = all
        .iter()
        .filter(|other| **other != name(command))
        .map(|other| format!(".BR {} (1)", plain(other)))
        .collect();
    page + &others.join(",\n") + "\n"
}

/// What stands after the options in `--help`, its first line as the title, its others as they are: a command line is not to be
/// broken anew.
fn section(text: &str) -> String {
    let (title, rest) = text.split_once('\n').unwrap_or((text, ""));
    let title = title.trim_end_matches(':').to_uppercase();
    let lines: Vec<String> = rest.lines().map(plain).collect();
    format!(".SH \"{title}\"\n.nf\n{}\n.fi\n", lines.join("\n"))
}

/// A line that means to troff what it says.
fn plain(line: &str) -> String {
    let escaped = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    if escaped.starts_with(['.', '\'']) { format!("\\&{escaped}") } else { escaped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subcommand_has_a_page_with_its_examples() {
        let pages = pages();
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        assert!(names.contains(&"bench") && names.contains(&"bench-run") && !names.contains(&"bench-guard"));
        for (name, page) in &pages {
            assert!(page.contains(".SH NAME") && page.contains(".SH OPTIONS"), "{name}");
            let last = if name == "bench" { ".SH \"EXIT CODES\"" } else { ".SH \"EXAMPLES\"" };
            // A subcommand's own have theirs in its page.
            assert!(page.contains(last) || name.matches('-').count() > 1, "{name}");
        }
    }

    /// Whatever a page names as one, in its list of subcommands or at its end.
    #[test]
    fn every_page_that_is_named_is_there() {
        let pages = pages();
        let mut named = 0;
        for (name, page) in &pages {
            let bare =
                page.replace("\\fB", "").replace("\\fR", "").replace("\\-", "-").replace(" (1)", "(1)");
            for (before, _) in bare.match_indices("(1)").map(|(at, _)| bare.split_at(at)) {
                let word =
                    before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or("");
                named += 1;
                assert!(pages.iter().any(|(other, _)| other == word), "{name} names {word}(1)");
            }
        }
        assert!(named > pages.len(), "{named} were named");
        assert!(pages.iter().any(|(name, page)| name == "bench-baseline-measure" && page.contains("runs")));
    }

    #[test]
    fn a_line_is_shown_as_it_is() {
        assert_eq!(plain("  bench run \\"), "  bench run \\e");
        assert_eq!(plain(".x --y 'z'"), "\\&.x \\-\\-y \\(aqz\\(aq");
    }
}
