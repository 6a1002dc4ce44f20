//! What a configuration begins with: a small directory in commented words that passes `check`.
//! Leaves what its files mean to whoever reads them.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

/// Path and text of every file.
pub const FILES: [(&str, &str); 6] = [
    ("README.md", include_str!("../../starting/README.md")),
    ("lianwang.toml", include_str!("../../starting/lianwang.toml")),
    ("sources/park/source.toml", include_str!("../../starting/sources/park/source.toml")),
    ("sources/park/unit.toml", include_str!("../../starting/sources/park/unit.toml")),
    ("tables/park-yes-no.csv", include_str!("../../starting/tables/park-yes-no.csv")),
    // secrets are nobody's to commit
    (".gitignore", "secrets/\n"),
];

/// Writes the files below `root`, which is made if it is not there. Nothing that is there is touched.
///
/// # Errors
/// [`io::ErrorKind::DirectoryNotEmpty`] when something is there already; when the disk refuses.
pub fn write(root: &Path) -> io::Result<()> {
    fs::create_dir_all(root)?;
    if fs::read_dir(root)?.next().is_some() {
        return Err(io::ErrorKind::DirectoryNotEmpty.into());
    }
    for (name, text) in FILES {
        let path = root.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        OpenOptions::new().write(true).create_new(true).open(&path)?.write_all(text.as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_writes_holds_without_a_warning_but_for_what_is_yours_to_say() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().join("new");
        write(&root).unwrap();
        let loaded = crate::config::load(Some(&root)).unwrap();
        assert_eq!(loaded.problems, []);
        let compiled = loaded.compiled.unwrap();
        assert_eq!((compiled.sources.len(), compiled.destinations.len()), (1, 0));
        assert_eq!(compiled.references().len(), 1, "the address of the park");
    }

    #[test]
    fn a_directory_with_anything_in_it_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(".hidden"), "mine").unwrap();
        assert_eq!(write(root.path()).unwrap_err().kind(), io::ErrorKind::DirectoryNotEmpty);
        let names: Vec<_> =
            fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, [".hidden"]);
        let file = root.path().join(".hidden");
        assert!(write(&file).is_err(), "a file is no directory");
        assert_eq!(fs::read_to_string(file).unwrap(), "mine");
    }
}
