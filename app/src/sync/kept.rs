//! Step 7, memory: what was read last, for the way back while there is no connection. Pure.

use std::any::Any;
use std::collections::VecDeque;
use std::rc::Rc;

/// How many reads are kept: the pages that one came through.
const READS: usize = 16;

/// What was read last, each by what it is and of what it is.
#[derive(Default)]
pub struct Kept {
    /// Last read first.
    reads: VecDeque<(String, Rc<dyn Any>)>,
}

impl Kept {
    /// Keeps what was read, in place of what was read of the same before.
    pub fn keep<T: 'static>(&mut self, source: &str, value: T) {
        let key = key::<T>(source);
        self.reads.retain(|(kept, _)| *kept != key);
        self.reads.push_front((key, Rc::new(value)));
        self.reads.truncate(READS);
    }

    /// Forgets all: it may be what one may no longer read.
    pub fn forget(&mut self) {
        self.reads.clear();
    }

    /// What was read last of this.
    pub fn get<T: Clone + 'static>(&self, source: &str) -> Option<T> {
        let key = key::<T>(source);
        let (_, value) = self.reads.iter().find(|(kept, _)| *kept == key)?;
        value.downcast_ref::<T>().cloned()
    }
}

fn key<T>(source: &str) -> String {
    format!("{} {source}", std::any::type_name::<T>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_last_is_there_and_the_oldest_is_forgotten() {
        let mut kept = Kept::default();
        kept.keep("a", 1_u8);
        kept.keep("a", 2_u8);
        kept.keep("a", "of another type");
        assert_eq!(kept.get::<u8>("a"), Some(2));
        assert_eq!(kept.get::<&str>("a"), Some("of another type"));
        assert_eq!(kept.get::<u8>("b"), None);
        (0..READS as u32).for_each(|n| kept.keep(&n.to_string(), n));
        assert_eq!(kept.get::<u8>("a"), None);
        assert_eq!(kept.get::<u32>("0"), Some(0));
    }
}
