//! Reads what a mapping says of source fields that it does not name. Leaves finding them to `mapping::strangers`.

use super::reader::{Section, Text};
use crate::{
    issue::Level,
    mapping::strangers::{Ignored, Unknown},
    problem::Problem,
    suggest::did_you_mean,
};

const WORDS: [(&str, Option<Level>); 4] = [
    ("ignore", None),
    ("warn", Some(Level::Warn)),
    ("hold", Some(Level::Hold)),
    ("strict", Some(Level::Reject)),
];

/// `unknown_fields` and `ignore` of a mapping that reads `paths`.
pub(super) fn compile(root: Section<'_>, paths: &[Box<str>], problems: &mut Vec<Problem>) -> Unknown {
    let level = root.text("unknown_fields", problems).and_then(|text| level(text, problems));
    let texts = root.texts("ignore", problems);
    let ignore = texts.into_iter().filter_map(|text| ignored(text, paths, problems)).collect();
    Unknown { level, ignore }
}

fn level(text: Text<'_>, problems: &mut Vec<Problem>) -> Option<Level> {
    let Some((_, level)) = WORDS.iter().find(|(word, _)| *word == text.value) else {
        let words = WORDS.map(|(word, _)| word);
        let hint = did_you_mean(text.value, words).or_else(|| Some(format!("可用：{}", words.join("、"))));
        problems.push(text.error(format!("不认识的 unknown_fields {}", text.value), hint));
        return None;
    };
    *level
}

fn ignored(text: Text<'_>, paths: &[Box<str>], problems: &mut Vec<Problem>) -> Option<Ignored> {
    let ignored = match text.value.strip_suffix(".*") {
        Some(above) => Ignored::Below(above.into()),
        None => Ignored::Path(text.value.into()),
    };
    let (Ignored::Path(own) | Ignored::Below(own)) = &ignored;
    if own.trim().is_empty() || own.contains('*') {
        let hint = "写一个字段的路径，如 remark，或它下面的全部，如 extra.*".to_owned();
        problems.push(text.error(format!("ignore 里的 {} 不是路径", text.value), Some(hint)));
        return None;
    }
    if let Some(read) = paths.iter().find(|path| ignored.covers(path)) {
        problems.push(text.error(format!("{read} 已在 [fields] 里用到，不能又忽略它"), None));
        return None;
    }
    Some(ignored)
}

#[cfg(test)]
mod tests;
