//! Rows from files: a folder of JSON arrays in the national exchange's words, one per service, in file order.

use std::{fs, io, path::Path};

use serde_json::value::RawValue;

use super::{
    row::{Names, Row},
    shelf::Shelf,
};

/// The national exchange's names.
pub(super) const NAMES: Names = Names { id: "id", time: "updateDate", time_format: "%Y%m%d%H%M%S" };

/// One shelf per `<service>.json` that holds an array, sorted by name; other files are no services.
pub(super) fn read(folder: &Path) -> io::Result<Vec<Shelf>> {
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::path);
    let mut shelves = Vec::new();
    for path in
        files.iter().map(fs::DirEntry::path).filter(|path| path.extension().is_some_and(|end| end == "json"))
    {
        let text = fs::read_to_string(&path)?;
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
        assert!(read(&folder.path().join("absent")).is_err());
    }
}
