//! The configuration of a small world: plants, the tanks in them and the alarms of those, one park that tells of them
//! and one receiver, in files a test can change. Leaves the shipped kinds to the scenarios.

use std::collections::BTreeMap;

use gateway::config::{Revision, embedded};
use mappings::RuleFile;

mod small;

/// A configuration by path.
#[derive(Debug, Clone)]
pub struct Files(BTreeMap<String, String>);

impl Files {
    /// The small world: kinds `plant` ← `tank` ← `alarm`, source `park`, destination `receiver`.
    #[must_use]
    pub fn small() -> Self {
        let mut files = Self(BTreeMap::new());
        for (path, text) in small::FILES {
            files.put(path, text);
        }
        files.receiver("receiver", 3)
    }

    /// The small world with every service read by (time, id): nothing is read twice.
    #[must_use]
    pub fn keyset() -> Self {
        Self::small().replacing("sources/park/source.toml", small::PAGED, small::KEYSET)
    }

    /// The small world with every service read by page number.
    #[must_use]
    pub fn paged() -> Self {
        Self::small().replacing("sources/park/source.toml", small::KEYSET, small::PAGED)
    }

    /// The small world with every service read by place.
    #[must_use]
    pub fn by_place() -> Self {
        Self::paged().replacing("sources/park/source.toml", small::PAGED, small::BY_PLACE)
    }

    /// The small world with every service read by the token that the page before gave.
    #[must_use]
    pub fn by_token() -> Self {
        Self::paged().replacing("sources/park/source.toml", small::PAGED, small::BY_TOKEN)
    }

    /// Everything that ships, with `files` laid over it.
    #[must_use]
    pub fn shipped<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Self {
        let mut all = Self(embedded::shipped().into_iter().map(|file| (file.path, file.text)).collect());
        for (path, text) in files {
            all.put(path, text);
        }
        all
    }

    /// A further source that tells of the same kinds in the same words.
    #[must_use]
    pub fn source(self, name: &str) -> Self {
        self.copied("park", name)
    }

    /// A further source that tells the same as `of` in the same words.
    #[must_use]
    pub fn copied(mut self, of: &str, name: &str) -> Self {
        let folder = format!("sources/{of}/");
        let copies: Vec<(String, String)> = self
            .0
            .iter()
            .filter_map(|(path, text)| {
                Some((format!("sources/{name}/{}", path.strip_prefix(&folder)?), text.clone()))
            })
            .collect();
        self.0.extend(copies);
        self
    }

    /// A receiver that takes all three kinds in batches of `batch`, its answers read by the national rules.
    #[must_use]
    pub fn receiver(mut self, name: &str, batch: u32) -> Self {
        let folder = format!("destinations/{name}");
        let text = format!(
            "{}\n[send]\nbatch = {batch}\nretry = [\"10s\", \"1m\", \"5m\"]\n\n{}",
            small::RECEIVER,
            national_verdicts()
        );
        self.put(&format!("{folder}/destination.toml"), &text);
        for kind in ["plant", "tank", "alarm"] {
            self.put(&format!("{folder}/{kind}.toml"), &format!("kind = \"{kind}\"\npath = \"t_{kind}\"\n"));
        }
        self
    }

    /// Puts a file in place of the one of this path, if there is one.
    pub fn put(&mut self, path: &str, text: &str) {
        self.0.insert(path.to_owned(), text.to_owned());
    }

    /// The same files with one changed.
    #[must_use]
    pub fn with(mut self, path: &str, text: &str) -> Self {
        self.put(path, text);
        self
    }

    /// The same files with `from` replaced by `to` in one; it must be there.
    #[must_use]
    pub fn replacing(mut self, path: &str, from: &str, to: &str) -> Self {
        let text = self.0.get_mut(path).unwrap_or_else(|| panic!("no {path}"));
        assert!(text.contains(from), "{path} has no {from}");
        *text = text.replace(from, to);
        self
    }

    /// The text of one; it must be there.
    #[must_use]
    pub fn text(&self, path: &str) -> &str {
        self.0.get(path).unwrap_or_else(|| panic!("no {path}"))
    }

    /// The same files without one.
    #[must_use]
    pub fn without(mut self, path: &str) -> Self {
        self.0.remove(path);
        self
    }

    /// All of it as one revision.
    #[must_use]
    pub fn revision(&self) -> Revision {
        let files = self.0.iter().map(|(path, text)| RuleFile { path: path.clone(), text: text.clone() });
        Revision::new(files.collect())
    }
}

/// The verdict rules of the shipped national destination, word for word.
fn national_verdicts() -> String {
    let shipped = embedded::shipped();
    let national = shipped.iter().find(|file| file.path == "destinations/national/destination.toml").unwrap();
    let rules = national.text.find("[[verdict]]").unwrap();
    national.text.get(rules..).unwrap().to_owned()
}
