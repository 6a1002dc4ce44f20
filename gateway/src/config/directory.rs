//! Reads a configuration directory and lays it over the shipped files, path by path.
//! Knows which files belong where; leaves what they say to `compiled` and to the rules.

use std::{collections::BTreeMap, fs, io, path::Path};

use adapters::os_error::said;
use mappings::{Problem, RuleFile, Severity};

use super::{hub, quote};

/// Longest file taken, in bytes: longer ones are no rules.
pub const MAX_FILE: u64 = 4 << 20;

/// Most files taken from one directory.
const MAX_FILES: usize = 20_000;

/// The folders of the layout, and how deep below them the files lie.
const FOLDERS: [(&str, Depth); 5] = [
    ("kinds", Depth::Files("toml")),
    ("profiles", Depth::Files("toml")),
    ("tables", Depth::Files("csv")),
    ("sources", Depth::Folders),
    ("destinations", Depth::Folders),
];

/// The files of the layout that lie in no folder: the hub's own settings, which ids mean which keys, and what is put right.
const TOP: [&str; 3] = [hub::FILE, mappings::ALIASES, mappings::FIXES];

/// Where references may lead (`file:secrets/…`): never read as rules, so never kept in a revision.
const SECRETS: &str = "secrets";

#[derive(Clone, Copy)]
enum Depth {
    /// Files of this kind.
    Files(&'static str),
    /// One folder each, with `.toml` files.
    Folders,
}

/// What a directory held.
#[derive(Debug, Default)]
pub struct Directory {
    /// Its rule files, sorted by path.
    pub files: Vec<RuleFile>,
    /// What was left out, and why.
    pub problems: Vec<Problem>,
}

/// Reads a directory of the layout in docs/configuration.md.
///
/// # Errors
/// When the directory itself cannot be read. A file that cannot be taken is a problem, not an error.
pub fn read(root: &Path) -> io::Result<Directory> {
    let mut directory = Directory::default();
    for (name, path) in list(root)? {
        let folder = FOLDERS.iter().find(|(folder, _)| *folder == name);
        match folder {
            Some((_, depth)) if path.is_dir() && !path.is_symlink() => directory.folder(&path, &name, *depth),
            _ if TOP.contains(&name.as_str()) => directory.file(&path, name),
            _ if is_note(&name) || name == SECRETS => {}
            _ => directory.stranger(name),
        }
    }
    directory.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(directory)
}

/// `over` on top of `base`: the same path is replaced, everything else stands beside. Sorted by path.
#[must_use]
pub fn lay_over(base: Vec<RuleFile>, over: Vec<RuleFile>) -> Vec<RuleFile> {
    let files: BTreeMap<String, String> =
        base.into_iter().chain(over).map(|file| (file.path, file.text)).collect();
    files.into_iter().map(|(path, text)| RuleFile { path, text }).collect()
}

/// Whether a path belongs to the layout.
pub(super) fn is_rule(path: &str) -> bool {
    let names: Vec<&str> = path.split('/').collect();
    match names.as_slice() {
        [file] => TOP.contains(file),
        ["kinds" | "profiles", file] => has_extension(file, "toml"),
        ["tables", file] => has_extension(file, "csv"),
        ["sources" | "destinations", name, file] => !name.is_empty() && has_extension(file, "toml"),
        _ => false,
    }
}

impl Directory {
    fn folder(&mut self, folder: &Path, name: &str, depth: Depth) {
        let entries = match list(folder) {
            Ok(entries) => entries,
            Err(error) => {
                return self.refuse(name.to_owned(), &format!("读不到这个目录：{}", said(&error)), None);
            }
        };
        for (entry, path) in entries {
            let below = format!("{name}/{entry}");
            match depth {
                _ if is_note(&entry) => {}
                Depth::Folders if path.is_dir() && !path.is_symlink() => {
                    self.folder(&path, &below, Depth::Files("toml"));
                }
                Depth::Files(extension) if has_extension(&entry, extension) => self.file(&path, below),
                _ => self.stranger(below),
            }
        }
    }

    fn file(&mut self, path: &Path, name: String) {
        if self.files.len() >= MAX_FILES {
            return self.refuse(name, "配置里的文件太多", Some(&format!("最多 {MAX_FILES} 个")));
        }
        match text_of(path) {
            Ok(text) => self.files.push(RuleFile { path: name, text }),
            Err((what, hint)) => self.refuse(name, &what, hint),
        }
    }

    fn stranger(&mut self, name: String) {
        let hint = "配置只有 lianwang.toml、aliases.csv、fixes.csv、kinds/*.toml、profiles/*.toml、tables/*.csv、sources/<名称>/*.toml、destinations/<名称>/*.toml";
        self.problems.push(problem(Severity::Warning, name, "不属于配置，没有读", Some(hint)));
    }

    fn refuse(&mut self, name: String, what: &str, hint: Option<&str>) {
        self.problems.push(problem(Severity::Error, name, what, hint));
    }
}

fn problem(severity: Severity, file: String, message: &str, hint: Option<&str>) -> Problem {
    quote::whole_file(severity, file, message, hint.map(str::to_owned))
}

/// Entries by name; a name that is not UTF-8 is shown as far as it can be, and belongs nowhere.
fn list(folder: &Path) -> io::Result<BTreeMap<String, std::path::PathBuf>> {
    fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path())))
        .collect()
}

/// Hidden files and notes for people are nobody's business.
fn is_note(name: &str) -> bool {
    name.starts_with('.') || has_extension(name, "md") || has_extension(name, "txt")
}

fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, found)| !stem.is_empty() && found == extension)
}

/// A file's text, without the mark some editors put before it.
fn text_of(path: &Path) -> Result<String, (String, Option<&'static str>)> {
    let unreadable = |error: io::Error| (format!("读不到这个文件：{}", said(&error)), None);
    let kind = fs::symlink_metadata(path).map_err(unreadable)?;
    if !kind.is_file() {
        return Err(("不是普通文件，没有读".to_owned(), Some("配置里不能有符号链接，请复制文件本身")));
    }
    if kind.len() > MAX_FILE {
        return Err((format!("有 {} 字节，太大", kind.len()), Some("每个文件最多 4 MB")));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let hint = if path.extension().is_some_and(|end| end == "csv") {
        "请另存为 UTF-8（表格软件里选“CSV UTF-8”）"
    } else {
        "请用文本编辑器另存为 UTF-8 编码"
    };
    let text = String::from_utf8(bytes).map_err(|_| ("不是 UTF-8 文本".to_owned(), Some(hint)))?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

#[cfg(test)]
mod tests;
