//! Requests whose bytes are made anew each time: a prebuilt request with slots, patched in place.

use crate::gzip::GzipTemplate;
use bench_model::fresh::FreshText;

/// How the numbers of items are given out: every worker takes each `step`-th, so that none is given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Serials {
    /// The number of a request's first item.
    pub first: u64,
    /// From one item of a request to its next.
    pub step: u64,
}

impl Serials {
    /// The number of the item at this place of a request.
    #[inline]
    #[must_use]
    pub fn of(self, item: usize) -> u64 {
        self.first + item as u64 * self.step
    }
}

/// Which numbers the items of a request are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbering {
    /// Numbers of which it is written down what became of them.
    Followed,
    /// Others, which no item is given twice either.
    Unfollowed,
    /// One that is seen by nobody, and from which the request is drawn.
    Drawn,
}

/// What changes from one request to the next.
#[derive(Debug, Clone)]
pub struct Fresh {
    seed: u64,
    /// Path and headers, where they have slots.
    head: Option<FreshText>,
    body: Option<FreshBody>,
    /// Where in the request the body begins.
    body_at: usize,
    /// The body as it is sent, if that is compressed.
    gzip: Option<GzipTemplate>,
}

/// A body with slots: a text by itself, or several as a JSON array.
#[derive(Debug, Clone)]
pub(crate) struct FreshBody {
    text: FreshText,
    /// Where in the body each item begins.
    offsets: Vec<usize>,
    bytes: Vec<u8>,
}

/// The bytes of a request that was filled, and for which items.
#[derive(Debug, Clone, Default)]
pub struct Filled {
    request: Vec<u8>,
    /// The body before it was compressed, if it was.
    plain: Vec<u8>,
    serials: Option<Serials>,
}

impl Filled {
    /// The request as it is sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.request
    }
}

impl FreshBody {
    pub(crate) fn new(text: FreshText, batch: Option<usize>) -> Self {
        let Some(batch) = batch else {
            return Self { bytes: text.bytes().to_vec(), offsets: vec![0], text };
        };
        let (mut bytes, mut offsets) = (Vec::with_capacity(batch * (text.bytes().len() + 1) + 1), Vec::new());
        for item in 0..batch {
            bytes.push(if item == 0 { b'[' } else { b',' });
            offsets.push(bytes.len());
            bytes.extend_from_slice(text.bytes());
        }
        bytes.push(b']');
        Self { text, offsets, bytes }
    }

    /// The body with zeros in its slots.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What one item is made from.
    pub(crate) fn text(&self) -> &FreshText {
        &self.text
    }

    /// The body compressed, in a form that can be patched.
    pub(crate) fn gzip(&self) -> GzipTemplate {
        let slots =
            |&offset: &usize| self.text.slots().map(move |slot| offset + slot.start..offset + slot.end);
        GzipTemplate::new(&self.bytes, &self.offsets.iter().flat_map(slots).collect::<Vec<_>>())
    }

    fn item<'a>(&self, body: &'a [u8], item: usize) -> &'a [u8] {
        self.offsets.get(item).map_or(&[], |&offset| &body[offset..offset + self.text.bytes().len()])
    }
}

impl Fresh {
    /// What changes in a request: something in its head, in its body, or both.
    pub(crate) fn new(
        seed: u64,
        head: FreshText,
        body: Option<FreshBody>,
        gzip: Option<GzipTemplate>,
    ) -> Self {
        let body_at = head.bytes().len();
        Self { seed, head: (!head.is_fixed()).then_some(head), body, body_at, gzip }
    }

    /// How many items a request has; at least 1.
    #[must_use]
    pub fn items(&self) -> usize {
        self.body.as_ref().map_or(1, |body| body.offsets.len())
    }

    /// Whether each item can be told from all others, so that what became of it can be followed.
    #[must_use]
    pub fn has_serial(&self) -> bool {
        self.body.as_ref().is_some_and(|body| body.text.has_serial())
    }

    /// Makes `filled` the request with items of these numbers, and gives its bytes; `request` is its prebuilt form.
    /// Allocates the first time alone.
    #[inline]
    pub fn fill<'a>(&self, request: &[u8], serials: Serials, filled: &'a mut Filled) -> &'a [u8] {
        if filled.serials != Some(serials) {
            self.refill(request, serials, filled);
        }
        &filled.request
    }

    fn refill(&self, request: &[u8], serials: Serials, filled: &mut Filled) {
        if filled.serials.is_none() {
            filled.request = request.to_vec();
            filled.plain = match (&self.gzip, &self.body) {
                (Some(_), Some(body)) => body.bytes.clone(),
                _ => Vec::new(),
            };
        }
        filled.serials = Some(serials);
        if let Some(head) = &self.head {
            head.fill(&mut filled.request[..self.body_at], self.seed, serials.first);
        }
        let Some(body) = &self.body else { return };
        let length = body.text.bytes().len();
        let plain = match &self.gzip {
            Some(_) => filled.plain.as_mut_slice(),
            None => &mut filled.request[self.body_at..],
        };
        for (item, &offset) in body.offsets.iter().enumerate() {
            body.text.fill(&mut plain[offset..offset + length], self.seed, serials.of(item));
        }
        if let Some(gzip) = &self.gzip {
            gzip.patch(&filled.plain, &mut filled.request[self.body_at..]);
        }
    }

    /// The body of a request that was filled, before it was compressed.
    #[inline]
    #[must_use]
    pub fn body<'a>(&self, filled: &'a Filled) -> &'a [u8] {
        if self.gzip.is_some() { &filled.plain } else { &filled.request[self.body_at..] }
    }

    /// The bytes of an item in a request that was filled.
    #[inline]
    #[must_use]
    pub fn item<'a>(&self, filled: &'a Filled, item: usize) -> &'a [u8] {
        self.body.as_ref().map_or(&[], |body| body.item(self.body(filled), item))
    }

    /// The bytes of the item of this number, as they are sent.
    #[must_use]
    pub fn item_of(&self, serial: u64) -> Option<Vec<u8>> {
        self.body.as_ref().map(|body| body.text.filled(self.seed, serial))
    }
}
