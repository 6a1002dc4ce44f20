//! One check in Chinese words.

use crate::{
    demand::{Check, FieldCheck},
    issue::Level,
    notation::Notation,
};

/// Longest text that is not worth saying: the default of a field that says nothing.
const USUAL_MOST: usize = 4000;

/// The words for a check; `None` for what goes without saying.
pub(super) fn of(check: &FieldCheck) -> Option<String> {
    let said = match &check.what {
        Check::Required => "必填".to_owned(),
        Check::RequiredIf(_, words) => format!("当“{words}”时必填"),
        Check::Pattern(pattern) => format!("格式 {pattern}"),
        Check::Readable if check.level == Level::Warn => return None,
        Check::Max(USUAL_MOST) | Check::Counted(_) => return None,
        Check::Readable => "不含乱码".to_owned(),
        Check::Max(most) => format!("最多 {most} 字"),
        Check::MaxBy(most, counting) => format!("最多 {most} {}", counting.unit()),
        Check::MaxKb(most) => format!("解码后最多 {most} KB"),
        Check::Formats(formats) => {
            let words: Vec<&str> = formats.iter().map(|format| format.word()).collect();
            format!("限 {}", words.join("、"))
        }
        Check::Min(least) => format!("最少 {least} 字"),
        Check::Range(from, to) => format!("{from} 至 {to}"),
        Check::OneOf(table) => format!("限代码表 {}", table.name()),
        Check::PrefixIn(table) => format!("开头在代码表 {} 里", table.name()),
        Check::Formed(notation) => notation_word(*notation).to_owned(),
    };
    Some(said + level(check.level))
}

/// How a level is marked where rejecting is what goes without saying.
pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Reject => "",
        Level::Hold => "（否则待定）",
        Level::Warn => "（否则提示）",
    }
}

/// What kind of personal value a field holds (`mask::PERSONAL`).
pub(super) fn personal(mark: &str) -> &'static str {
    match mark {
        "name" => "姓名",
        "phone" => "电话",
        "id-number" => "证件号码",
        "image" => "图像",
        "address" => "住址",
        _ => "其他",
    }
}

fn notation_word(notation: Notation) -> &'static str {
    match notation {
        Notation::Uscc => "统一社会信用代码（GB 32100，校验码不对只提示）",
        Notation::IdNumber => "居民身份号码（GB 11643，校验码不对只提示）",
        Notation::Mobile => "手机号",
        Notation::Phone => "手机号或固定电话",
    }
}
