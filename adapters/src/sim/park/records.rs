//! Rows from files: a folder of JSON arrays in the national exchange's words, one per service, in file order.

use std::{fs, io, path::Path};

use serde_json::value::RawValue;

use super::{
    row::{Names, Row},
    shelf::Shelf,
};
use crate::os_error::about;

/// The national exchange's names.
pub(super) const NAMES: Names = Names { id: "id", time: "updateDate", time_format: "%Y%m%d%H%M%S" };

/// One shelf per `<service>.json` that holds an array, sorted by name; other files are no services.
///
/// # Errors
/// What cannot be read, named by its path.
pub(super) fn read(folder: &Path) -> io::Result<Vec<Shelf>> {
    let unreadable = |path: &Path, error| about(&error, &format!("读不到模拟园区的数据 {}", path.display()));
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut files = entries.map_err(|error| unreadable(folder, error))?;
    files.sort_by_key(fs::DirEntry::path);
    let mut shelves = Vec::new();
    for path in
        files.iter().map(fs::DirEntry::path).filter(|path| path.extension().is_some_and(|end| end == "json"))
    {
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
        let Ok(rows) = serde_json::from_str::<Vec<&RawValue>>(&text) else { continue };
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let rows = rows.iter().map(|row| Row::new(row.get().to_owned(), NAMES)).collect();
        shelves.push(Shelf::new(&name, NAMES, rows));
    }
    Ok(shelves)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_services_and_rows_stay_as_written() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b.json"), r#"[ {"id":"1", "n": 1.10} , 7 ]"#).unwrap();
        fs::write(folder.path().join("a.json"), "[]").unwrap();
        fs::write(folder.path().join("expected.json"), "{}").unwrap();
        fs::write(folder.path().join("README.md"), "[]").unwrap();
        let shelves = read(folder.path()).unwrap();
        let names: Vec<&str> = shelves.iter().map(|shelf| shelf.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        let texts: Vec<String> = shelves[1].page(0, 9).rows.into_iter().map(|row| row.text).collect();
        assert_eq!(texts, [r#"{"id":"1", "n": 1.10}"#, "7"]);
        let absent = folder.path().join("absent");
        assert_eq!(
            read(&absent).unwrap_err().to_string(),
            format!("读不到模拟园区的数据 {}：没有这个文件或目录", absent.display())
        );
        fs::write(folder.path().join("c.json"), [0xd2]).unwrap();
        assert!(read(folder.path()).unwrap_err().to_string().contains("c.json："));
    }
}
