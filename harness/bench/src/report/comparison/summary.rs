//! A comparison as GitHub's job summary: the decision report without charts, which are files beside it.

use super::document::{Document, Part};
use super::{ComparisonSource, markdown, outline};
use crate::report::github::fitted;

pub(super) fn render(source: &ComparisonSource<'_>) -> String {
    let mut document: Document = outline::document(source, &[]);
    for section in &mut document.sections {
        section.parts.retain(|part| !matches!(part, Part::Chart(_)));
    }
    // Without charts their section would only say that there is nothing to draw.
    document.sections.retain(|section| section.title != outline::CHARTS);
    fitted(&markdown::render(&document))
}
