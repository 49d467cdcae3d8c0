//! The links of the documents: what they lead to is there, anchors included, and the book has every document.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The Markdown files in a folder, and in the folders below it down to a depth.
fn documents(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && depth > 0 && !name.starts_with('.') && !name.starts_with("target-") {
            found.extend(documents(&path, depth - 1));
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
    found
}

/// The documents that people read; not the fixtures of the tests.
fn all() -> Vec<PathBuf> {
    let root = root();
    let mut all = documents(&root, 0);
    all.extend(documents(&root.join("docs"), 1));
    all.extend(documents(&root.join("targets"), 1));
    all.extend(
        fs::read_dir(root.join("results/published"))
            .unwrap()
            .flatten()
            .flat_map(|one| documents(&one.path(), 0)),
    );
    all.push(root.join("results/README.md"));
    all
}

struct Document {
    /// Where links and pictures lead.
    links: Vec<String>,
    /// What a `#` can name, as GitHub and mdBook make it of the headings.
    anchors: BTreeSet<String>,
}

fn read(path: &Path) -> Document {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut links, mut anchors) = (Vec::new(), BTreeSet::new());
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                links.push(dest_url.to_string());
            }
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let anchor = slug(&heading.take().unwrap_or_default());
                let numbered = (1..).map(|again| format!("{anchor}-{again}"));
                let free = std::iter::once(anchor.clone()).chain(numbered).find(|one| !anchors.contains(one));
                anchors.extend(free);
            }
            _ => {}
        }
    }
    Document { links, anchors }
}

fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|&c| c.is_alphanumeric() || " -_".contains(c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase()
}

#[test]
fn every_link_leads_somewhere() {
    let mut known: HashMap<PathBuf, Document> = HashMap::new();
    let (mut checked, mut faults) = (0, Vec::new());
    for document in all() {
        for link in read(&document).links {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            checked += 1;
            let (file, anchor) =
                link.split_once('#').map_or((link.as_str(), None), |(file, anchor)| (file, Some(anchor)));
            let aim = if file.is_empty() { document.clone() } else { document.parent().unwrap().join(file) };
            let fault = match aim.canonicalize() {
                Err(_) => Some("is not there"),
                Ok(path) if !path.starts_with(root()) => Some("is outside of the repository"),
                Ok(path) => anchor.and_then(|anchor| {
                    let aim = known.entry(path.clone()).or_insert_with(|| read(&path));
                    (!aim.anchors.contains(anchor)).then_some("has no such heading")
                }),
            };
            faults.extend(fault.map(|fault| format!("{}: {link} {fault}", document.display())));
        }
    }
    assert!(checked > 100, "{checked} links were found");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_book_has_every_document_once() {
    let summary = root().join("docs/SUMMARY.md");
    let links = read(&summary).links;
    let chapters: BTreeSet<PathBuf> =
        links.iter().map(|link| summary.parent().unwrap().join(link).canonicalize().unwrap()).collect();
    assert_eq!(chapters.len(), links.len(), "none is there twice");
    let published = root().join("results/published");
    let all = all().into_iter().map(|path| path.canonicalize().unwrap());
    let missing: Vec<PathBuf> =
        all.filter(|path| !chapters.contains(path) && !path.starts_with(&published)).collect();
    assert_eq!(missing, [summary.canonicalize().unwrap()], "add them to docs/SUMMARY.md");
}

#[test]
fn anchors_are_those_of_github() {
    for (heading, anchor) in [
        ("How quiet a machine is", "how-quiet-a-machine-is"),
        ("bench check", "bench-check"),
        ("P99.9, CPU & I/O", "p999-cpu--io"),
    ] {
        assert_eq!(slug(heading), anchor);
    }
}
