//! Decisions that are lines of a comma-separated file: its lines with where their cells begin, and what their keys must be.
//! Leaves what a line decides to `aliases` and `fixes`.

use csv::{ReaderBuilder, StringRecord, Trim};

use super::reader::RuleText;
use crate::{
    key::{is_space, normal_id},
    problem::Problem,
};

/// Most characters of an id, as of any other.
const MAX_ID: usize = 200;

/// What is wrong, and what to do.
pub(super) type Said = (String, Option<String>);

/// The lines below the header, each with where its cells begin.
pub(super) fn cells<const N: usize>(
    text: &RuleText<'_>,
    columns: [&str; N],
    problems: &mut Vec<Problem>,
) -> Vec<(StringRecord, [usize; N])> {
    let bare = text.text.trim_start_matches('\u{feff}');
    let skipped = text.text.len() - bare.len();
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .trim(Trim::All)
        .from_reader(bare.as_bytes());
    let place = |at: Option<&csv::Position>| {
        said_from(text.text, skipped + at.map_or(0, |at| usize::try_from(at.byte()).unwrap_or(0)))
    };
    let (mut header, mut lines) = (None, Vec::new());
    for record in reader.records() {
        match record {
            Err(error) => {
                let at = place(error.position());
                problems.push(text.error(at, "这一行读不出来", Some(error.to_string())));
            }
            Ok(record) if header.is_none() => header = Some((place(record.position()), record)),
            Ok(record) => {
                let begins = place(record.position());
                lines.push((record, begins_of_cells(text.text.get(begins..).unwrap_or_default(), begins)));
            }
        }
    }
    if let Some((at, header)) = header.filter(|(_, header)| !header.iter().take(N).eq(columns)) {
        let wanted = columns.join(",");
        let missing = columns.iter().find(|column| !header.iter().any(|own| own == **column));
        let what = missing.map_or_else(|| "列的次序不对".to_owned(), |missing| format!("缺少列 {missing}"));
        problems.push(text.error(at, what, Some(format!("第一行应当是 {wanted},note"))));
        return Vec::new();
    }
    lines
}

/// Where a line begins that the reader counts from the comments and blank lines above it.
fn said_from(text: &str, mut at: usize) -> usize {
    for line in text.get(at..).unwrap_or_default().split_inclusive('\n') {
        if !line.trim().is_empty() && !line.starts_with('#') {
            break;
        }
        at += line.len();
    }
    at
}

/// Where the first cells of a line begin; a missing one, where the line begins.
fn begins_of_cells<const N: usize>(written: &str, begins: usize) -> [usize; N] {
    let mut at = [begins; N];
    let (mut cell, mut quoted) = (0, false);
    for (byte, c) in written.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '\n' if !quoted => break,
            ',' if !quoted => {
                cell += 1;
                let rest = written.get(byte + 1..).unwrap_or_default();
                match at.get_mut(cell) {
                    Some(at) => *at = begins + byte + 1 + (rest.len() - rest.trim_start_matches(' ').len()),
                    None => break,
                }
            }
            _ => {}
        }
    }
    at
}

/// A line that leaves out what must be written.
pub(super) fn needed(text: &RuleText<'_>, at: usize, columns: &[&str]) -> Problem {
    text.error(at, "这一行少了一列", Some(format!("{} 都要写", columns.join("、"))))
}

/// What is wrong with the name of a space.
pub(super) fn no_space(space: &str) -> Option<Said> {
    let hint = "可用：uuid、registered、mine:企业编码、src:来源名";
    (!is_space(space)).then(|| (format!("不认识的 id_space {space}"), Some(hint.to_owned())))
}

/// What is wrong with an id as a key's.
pub(super) fn not_normal(space: &str, id: &str) -> Option<Said> {
    if id.chars().count() > MAX_ID || id.chars().any(char::is_control) {
        return Some((format!("主键最多 {MAX_ID} 个字符，不能有控制字符"), None));
    }
    match normal_id(space, id) {
        None => Some((format!("{id} 不是 {space} 的主键"), Some("应当是 32 位十六进制数".to_owned()))),
        Some(normal) if normal != id => Some((format!("{id} 不是规范写法"), Some(format!("请写 {normal}")))),
        Some(_) => None,
    }
}
