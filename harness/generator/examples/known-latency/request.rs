//! Where a request ends, for servers that read nothing else of it.

/// Requests with more headers than this are refused.
const MOST_HEADERS: usize = 64;

/// The length of the request at the beginning of `bytes`, in bytes; `Some(None)` when its head is not complete, and
/// `None` when it is no request with a plain body.
pub(crate) fn request_length(bytes: &[u8]) -> Option<Option<usize>> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = request.parse(bytes).ok()? else {
        return Some(None);
    };
    let mut body = 0;
    for header in request.headers.iter() {
        if header.name.eq_ignore_ascii_case("transfer-encoding") {
            return None;
        }
        if header.name.eq_ignore_ascii_case("content-length") {
            body = std::str::from_utf8(header.value).ok()?.trim().parse().ok()?;
        }
    }
    Some(usize::checked_add(head, body))
}
