//! Every rendering of a run as text.
