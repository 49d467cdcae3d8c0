//! What is wrong with a scenario whose keys and types are right, and the line of its file that says it.

use crate::target::FileError;
use toml::de::DeTable;

/// A key with a value that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    table: Table,
    key: String,
    message: String,
}

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    /// Outside of the lists.
    File,
    /// In the `[[setup]]` of this place, from 0.
    Setup(usize),
    /// In the `[[request]]` of this place, from 0.
    Request(usize),
    /// In the `[[claim]]` of this place, from 0.
    Claim(usize),
}

impl Fault {
    /// A fault of a key, which is written with dots where it is in a table: `body.count`.
    pub(super) fn new(key: &str, message: impl Into<String>) -> Self {
        Self { table: Table::File, key: key.to_owned(), message: message.into() }
    }

    /// The same in this table.
    pub(super) fn within(self, table: Table) -> Self {
        Self { table, ..self }
    }

    /// The fault in a file with this text, by the place of its key, or else of the table that it would be in.
    pub(super) fn in_file(self, text: &str) -> FileError {
        let place = DeTable::parse(text).ok().and_then(|root| self.place(root.get_ref()));
        match place {
            Some(place) => FileError::at(text, place, self.message),
            None => FileError::of_whole(self.message),
        }
    }

    /// The byte where it begins.
    fn place(&self, root: &DeTable<'_>) -> Option<usize> {
        let (list, index) = match self.table {
            Table::File => return key_in(root, &self.key),
            Table::Setup(index) => ("setup", index),
            Table::Request(index) => ("request", index),
            Table::Claim(index) => ("claim", index),
        };
        let table = root.get(list)?.get_ref().get(index)?;
        Some(key_in(table.get_ref().as_table()?, &self.key).unwrap_or(table.span().start))
    }
}

/// Where a key of a table begins, or of the tables in it that it goes through, the last one that is there.
fn key_in(table: &DeTable<'_>, key: &str) -> Option<usize> {
    table.iter().find_map(|(name, value)| {
        let rest = key.strip_prefix(name.get_ref().as_ref())?;
        let within = match rest.strip_prefix('.') {
            Some(rest) => value.get_ref().as_table().and_then(|table| key_in(table, rest)),
            None if rest.is_empty() => None,
            None => return None,
        };
        Some(within.unwrap_or(name.span().start))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "name = \"x\"
stateful = true
[[setup]]
path = \"/a\"
keep = { a = \"b\" }
[[request]]
body.fresh = '''
weight = 3
[[request]]
'''
path = \"/\"
[[request]]
weight = 0
body = { count = 0 }
[request.expect]
status = \"200\"
[load]
connections = 0
";

    #[test]
    fn the_line_of_a_key() {
        for (table, key, line) in [
            (Table::File, "stateful", 2),
            (Table::File, "load.connections", 18),
            (Table::File, "audit", 1),
            (Table::Setup(0), "keep", 5),
            (Table::Setup(0), "weight", 3),
            (Table::Request(0), "path", 11),
            (Table::Request(0), "weight", 6),
            (Table::Request(1), "weight", 13),
            (Table::Request(1), "body.count", 14),
            (Table::Request(1), "expect.status", 16),
            (Table::Request(7), "path", 1),
        ] {
            assert_eq!(Fault::new(key, "m").within(table).in_file(TEXT).line, line, "{table:?} {key}");
        }
    }
}
