//! The rule files of a configuration, parsed and sorted by what their paths say they are.
//! Leaves reading them to the compilers.

use toml::{Spanned, de::DeTable};

use super::reader::{RuleText, Section};
use crate::{problem::Problem, rulebook::RuleFile};

/// What a path says a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort<'f> {
    Kind(&'f str),
    Profile(&'f str),
    /// `source.toml` of a source.
    Source(&'f str),
    /// A mapping of a source.
    Mapping(&'f str),
    /// `destination.toml` of a destination.
    Destination(&'f str),
    /// An outlet of a destination.
    Outlet(&'f str),
}

/// A parsed file.
pub(super) struct Sheet<'f> {
    pub(super) sort: Sort<'f>,
    pub(super) text: RuleText<'f>,
    /// Whether its text is no TOML: only a part of it was read.
    pub(super) broken: bool,
    table: Spanned<DeTable<'f>>,
}

/// All parsed files.
pub(super) struct Shelf<'f>(Vec<Sheet<'f>>);

impl<'f> Shelf<'f> {
    /// Parses every TOML file that belongs to the rules; a broken file gives what can be read of it.
    pub(super) fn open(files: &'f [RuleFile], problems: &mut Vec<Problem>) -> Self {
        let mut sheets = Vec::new();
        for file in files {
            let Some(sort) = sort(&file.path) else { continue };
            let text = RuleText { path: &file.path, text: &file.text };
            let (table, errors) = DeTable::parse_recoverable(&file.text);
            let broken = !errors.is_empty();
            for error in errors {
                let at = error.span().map_or(0, |span| span.start);
                problems.push(text.error(at, format!("TOML 写法不对：{}", error.message()), None));
            }
            sheets.push(Sheet { sort, text, broken, table });
        }
        sheets.sort_by(|a, b| a.text.path.cmp(b.text.path));
        Self(sheets)
    }

    /// All files, by path.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Sheet<'f>> {
        self.0.iter()
    }

    pub(super) fn find(&self, sort: Sort<'_>) -> Option<&Sheet<'f>> {
        self.0.iter().find(|sheet| sheet.sort == sort)
    }
}

impl Sheet<'_> {
    /// The whole file as a table.
    pub(super) fn root(&self) -> Section<'_> {
        Section { file: shorter(&self.text), table: self.table.get_ref(), at: 0 }
    }
}

fn shorter<'s>(text: &'s RuleText<'_>) -> &'s RuleText<'s> {
    text
}

fn sort(path: &str) -> Option<Sort<'_>> {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["kinds", file] => file.strip_suffix(".toml").map(Sort::Kind),
        ["profiles", file] => file.strip_suffix(".toml").map(Sort::Profile),
        ["sources", source, "source.toml"] => Some(Sort::Source(source)),
        ["sources", source, file] => file.strip_suffix(".toml").map(|_| Sort::Mapping(source)),
        ["destinations", destination, "destination.toml"] => Some(Sort::Destination(destination)),
        ["destinations", destination, file] => file.strip_suffix(".toml").map(|_| Sort::Outlet(destination)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_say_what_a_file_is() {
        assert_eq!(sort("kinds/hazard.toml"), Some(Sort::Kind("hazard")));
        assert_eq!(sort("profiles/chem.toml"), Some(Sort::Profile("chem")));
        assert_eq!(sort("sources/park/source.toml"), Some(Sort::Source("park")));
        assert_eq!(sort("sources/park/hazard.toml"), Some(Sort::Mapping("park")));
        assert_eq!(sort("destinations/national/destination.toml"), Some(Sort::Destination("national")));
        assert_eq!(sort("destinations/national/hazard.toml"), Some(Sort::Outlet("national")));
        for path in ["lianwang.toml", "tables/x.csv", "kinds/readme.md", "kinds/a/b.toml", ""] {
            assert_eq!(sort(path), None, "{path}");
        }
    }
}
