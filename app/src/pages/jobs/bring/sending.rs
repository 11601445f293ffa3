//! Files that are on their way to the server. Whoever closes the form, or goes to another page, does not end it.

use crate::protocol::KbName;
use send_wrapper::SendWrapper;
use web_sys::XmlHttpRequest;

/// An upload that is being sent.
#[derive(Clone)]
pub struct Sending {
    /// The knowledge base that gets the files.
    pub kb: KbName,
    /// How many files.
    pub files: usize,
    /// Bytes that were sent.
    pub sent: f64,
    /// Bytes in all.
    pub bytes: f64,
    /// Ends it early.
    pub request: SendWrapper<XmlHttpRequest>,
}

impl Sending {
    /// How much of it is sent.
    pub fn percent(&self) -> u8 {
        if self.bytes > 0.0 {
            (self.sent / self.bytes * 100.0).clamp(0.0, 100.0) as u8
        } else {
            0
        }
    }

    /// "Uploading 3 files"
    pub fn named(&self) -> String {
        match self.files {
            1 => "Uploading 1 file".to_owned(),
            n => format!("Uploading {n} files"),
        }
    }
}
