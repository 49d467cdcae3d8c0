//! What keys do: pressed ones in, what is to be done and how the footer looks out. Touches no terminal.

/// A key that means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Quit,
    Abort,
    Help,
    /// Ctrl-C, which is no signal while keys are read as they are pressed.
    Interrupt,
    /// Any other, which takes back a question.
    Other,
}

/// The keys in what a terminal sent. Arrows and the like begin with an escape and are one other key.
pub(super) fn read(bytes: &[u8]) -> Vec<Key> {
    if bytes.first() == Some(&0x1b) {
        return vec![Key::Other];
    }
    let key = |byte: &u8| match byte {
        b'q' | b'Q' => Key::Quit,
        b'a' | b'A' => Key::Abort,
        b'?' | b'h' | b'H' => Key::Help,
        0x03 => Key::Interrupt,
        _ => Key::Other,
    };
    bytes.iter().map(key).collect()
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// End the run in order.
    Stop,
    /// End it and keep nothing.
    Abort,
    /// End this process, as the second Ctrl-C does without a picture.
    AtOnce,
}

/// What was asked for so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Asked {
    /// Help is shown.
    pub(super) help: bool,
    /// Whether to abort is asked.
    pub(super) whether: bool,
    /// The run is ending.
    pub(super) stop: bool,
}

impl Asked {
    /// Takes a key.
    pub(super) fn press(&mut self, key: Key) -> Option<Act> {
        let (was_asked, had_help) = (std::mem::take(&mut self.whether), std::mem::take(&mut self.help));
        match key {
            Key::Interrupt if self.stop => Some(Act::AtOnce),
            Key::Quit | Key::Interrupt if !self.stop => {
                self.stop = true;
                Some(Act::Stop)
            }
            Key::Abort if was_asked => {
                self.stop = true;
                Some(Act::Abort)
            }
            Key::Abort => {
                self.whether = true;
                None
            }
            Key::Help => {
                self.help = !had_help;
                None
            }
            Key::Quit | Key::Interrupt | Key::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keys_do() {
        for (typed, acts, help, whether) in [
            ("q", vec![Act::Stop], false, false),
            ("qqq", vec![Act::Stop], false, false),
            ("\x03", vec![Act::Stop], false, false),
            ("\x03\x03", vec![Act::Stop, Act::AtOnce], false, false),
            ("q\x03", vec![Act::Stop, Act::AtOnce], false, false),
            ("a", vec![], false, true),
            ("aa", vec![Act::Abort], false, false),
            ("axa", vec![], false, true),
            ("a?", vec![], true, false),
            ("aq", vec![Act::Stop], false, false),
            ("qaa", vec![Act::Stop, Act::Abort], false, false),
            ("?", vec![], true, false),
            ("??", vec![], false, false),
            ("hx", vec![], false, false),
            ("xyz\r", vec![], false, false),
            ("\x1b[A", vec![], false, false),
        ] {
            let mut asked = Asked::default();
            let found: Vec<Act> =
                read(typed.as_bytes()).into_iter().filter_map(|key| asked.press(key)).collect();
            assert_eq!((found, asked.help, asked.whether), (acts, help, whether), "{typed:?}");
        }
    }
}
