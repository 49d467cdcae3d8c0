//! `bench doctor`: what is here to measure with, and what it means for a measurement.

use crate::cli::{DoctorArgs, DoctorFormat};
use crate::commands::{style, write};
use crate::doctor::{self, Finding, Health};
use crate::failure::Failure;
use crate::report::paragraph;
use std::process::ExitCode;

/// Looks and tells. Exits with 4 if a target cannot be built or run here.
pub(crate) fn main(args: &DoctorArgs) -> Result<ExitCode, Failure> {
    let (machine, targets) = (doctor::machine(), doctor::targets());
    let text = match args.format {
        DoctorFormat::Text => {
            let width = style().width;
            section("machine", &machine, width) + "\n" + &section("targets", &targets, width)
        }
        DoctorFormat::Json => {
            let findings =
                serde_json::json!({ "schema": "bench-doctor/1", "machine": machine, "targets": targets });
            serde_json::to_string_pretty(&findings)? + "\n"
        }
    };
    write(&text)?;
    let bad = machine.iter().chain(&targets).any(|finding| finding.health == Health::Bad);
    Ok(if bad { ExitCode::from(4) } else { ExitCode::SUCCESS })
}

fn section(title: &str, findings: &[Finding], width: usize) -> String {
    findings.iter().fold(format!("{title}\n"), |mut text, finding| {
        let mark = match finding.health {
            Health::Good => "ok",
            Health::Note => "note",
            Health::Bad => "no",
        };
        let about = match finding.meaning.is_empty() {
            true => finding.found.clone(),
            false => format!("{}: {}", finding.found, finding.meaning),
        };
        for line in paragraph::hanging(&format!("  {mark:4}  {:13} ", finding.name), &about, width) {
            text += &line;
            text.push('\n');
        }
        text
    })
}
