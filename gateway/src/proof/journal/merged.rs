//! The journals of several nodes as one, by time: a batch moves from one node to another by a lease, which takes longer
//! than clocks may differ.

use std::{iter::Peekable, path::Path};

use super::{Line, Lines};
use crate::proof::Result;

/// The lines of several journals, oldest first.
#[derive(Debug)]
pub struct Merged(Vec<Peekable<Lines>>);

impl Merged {
    /// Of each folder the lines whose number is greater than the one beside it.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn after<'a>(journals: impl Iterator<Item = (&'a Path, i64)>) -> Result<Self> {
        let lines = journals.map(|(folder, after)| Ok(Lines::after(folder, after)?.peekable()));
        Ok(Self(lines.collect::<Result<_>>()?))
    }
}

impl Iterator for Merged {
    type Item = Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        // one that cannot be read comes before all others, so that nothing is made without it
        let when =
            |lines: &mut Peekable<Lines>| lines.peek().map(|line| line.as_ref().ok().map(|line| line.at));
        let (_, oldest) = (0..self.0.len()).filter_map(|n| Some((when(self.0.get_mut(n)?)?, n))).min()?;
        self.0.get_mut(oldest)?.next()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};

    use super::*;
    use crate::proof::{Journal, ProofError, facts::ReceiptFacts, journal::Fact};

    fn at(minute: i64) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 25, 1, 0, 0).unwrap() + TimeDelta::minutes(minute)
    }

    /// A node's journal with a document landed at each of these minutes, its number the minute.
    fn journal(folder: &Path, node: &str, minutes: &[i64]) -> std::path::PathBuf {
        let folder = folder.join(node);
        let journal = Journal::open(&folder, node, 30).unwrap();
        for minute in minutes {
            let receipt = ReceiptFacts {
                no: *minute,
                source: "park".into(),
                service: "plants".into(),
                digest: String::new(),
                length: 1,
            };
            journal.append(Fact::Document(receipt), at(*minute), false).unwrap();
        }
        folder
    }

    fn minutes(journals: &[(&Path, i64)]) -> Vec<i64> {
        let lines = Merged::after(journals.iter().copied()).unwrap().map(Result::unwrap);
        let landed =
            |line: Line| if let Fact::Document(receipt) = line.fact { Some(receipt.no) } else { None };
        lines.filter_map(landed).collect()
    }

    #[test]
    fn lines_of_all_nodes_come_by_time_and_of_one_in_their_order() {
        let home = tempfile::tempdir().unwrap();
        let east = journal(home.path(), "east", &[1, 4, 5, 5, 9]);
        let west = journal(home.path(), "west", &[2, 3, 5, 8]);
        assert_eq!(minutes(&[(&east, 0), (&west, 0)]), [1, 2, 3, 4, 5, 5, 5, 8, 9]);
        // a file's own first line has a number as well
        assert_eq!(minutes(&[(&east, 3), (&west, 5)]), [5, 5, 9]);
        assert_eq!(minutes(&[(&east, 9), (&home.path().join("none"), 0)]), [0; 0]);
        assert_eq!(minutes(&[]), [0; 0]);
    }

    #[test]
    fn one_that_cannot_be_read_ends_it_before_anything_else() {
        let home = tempfile::tempdir().unwrap();
        let east = journal(home.path(), "east", &[1, 2, 3]);
        let west = journal(home.path(), "west", &[7, 8, 9]);
        let file = std::fs::read_dir(&west).unwrap().flatten().map(|entry| entry.path());
        let file = file.into_iter().find(|path| path.extension().is_some_and(|end| end == "ndjson")).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replacen("\"no\":7", "\"no\":6", 1)).unwrap();
        let mut lines = Merged::after([(east.as_path(), 0), (west.as_path(), 1)].into_iter()).unwrap();
        assert!(matches!(lines.next(), Some(Err(ProofError::Broken { line: 2, .. }))));
    }
}
