//! What to say when a value cannot be read: code, message and advice, in Chinese.
//! Leaves finding it out to `field`.

use chrono::DateTime;

use super::field::{Parse, Unread};
use crate::{
    issue::Level,
    key::UUID_SPACE,
    parse::{
        format::TimeFormat,
        moment::{Clockwork, write_moment},
    },
    value::FieldType,
};

/// An issue without its place.
pub(super) struct Told {
    pub(super) code: &'static str,
    pub(super) level: Level,
    pub(super) message: String,
    pub(super) advice: String,
}

/// What to say of a value of a field with this label.
pub(super) fn told(unread: Unread, parse: &Parse, label: &str) -> Told {
    match unread {
        Unread::WrongType => rejected("wrong-type", format!("{label}不能是列表或对象"), "请改为单个值"),
        Unread::Unstorable => {
            rejected("unstorable-text", format!("{label}含有无法保存的字符（NUL）"), "请去掉这个字符后重发")
        }
        Unread::UnknownCode => unknown_code(parse, label),
        Unread::Unparsed => unparsed(parse, label),
    }
}

fn rejected(code: &'static str, message: String, advice: impl Into<String>) -> Told {
    Told { code, level: Level::Reject, message, advice: advice.into() }
}

fn unknown_code(parse: &Parse, label: &str) -> Told {
    let (name, advice) = match parse {
        Parse::Code { from: Some(source), table, .. } => {
            let advice =
                format!("在 tables/{}.csv 里补一行，写明它是哪个代码（{}）", source.name, table.shown());
            (source.name.as_str(), advice)
        }
        Parse::Code { from: None, table, .. } => (
            table.name(),
            format!("请改用其中一个：{}；若对方另有一套代码，请为此字段写一张对照表", table.shown()),
        ),
        _ => ("", String::new()),
    };
    Told {
        code: "unknown-code",
        level: Level::Hold,
        message: format!("{label}的值不在代码表 {name} 里"),
        advice,
    }
}

fn unparsed(parse: &Parse, label: &str) -> Told {
    match parse {
        Parse::Id { space } if space == UUID_SPACE => {
            rejected("bad-id", format!("{label}不是 UUID"), "应当是 32 位十六进制数，或带连字符的 36 位")
        }
        Parse::Int => rejected("bad-number", format!("{label}不是整数"), "应当只有数字，最多 18 位"),
        Parse::Decimal => {
            rejected("bad-number", format!("{label}不是数"), "应当是数字和小数点，最多 28 位，不带单位")
        }
        Parse::DateTime(clockwork) => bad_time("bad-datetime", label, clockwork, FieldType::DateTime),
        Parse::Date(clockwork) => bad_time("bad-date", label, clockwork, FieldType::Date),
        Parse::Time(clockwork) => bad_time("bad-time", label, clockwork, FieldType::Time),
        Parse::Image { links } => rejected("bad-image", format!("{label}不是图片"), bad_image(*links)),
        Parse::Id { .. } | Parse::Text | Parse::Notation(_) | Parse::Code { .. } => {
            rejected("bad-id", format!("{label}读不出来"), "请核对这个值")
        }
    }
}

const fn bad_image(links: bool) -> &'static str {
    if links {
        "应当是图片文件的 Base64（JPEG、PNG、GIF、BMP、WebP），或它的网址；没有图片就留空"
    } else {
        "应当是图片文件的 Base64（JPEG、PNG、GIF、BMP、WebP），一个字段一张，不写网址和文件名；没有图片就留空"
    }
}

fn bad_time(code: &'static str, label: &str, clockwork: &Clockwork, field_type: FieldType) -> Told {
    let what = match field_type {
        FieldType::Date => "没有这一天，或写法不对",
        FieldType::Time => "没有这个钟点，或写法不对",
        _ => "没有这个时刻，或写法不对",
    };
    let samples: Vec<String> = clockwork.formats.iter().filter_map(sample).collect();
    rejected(code, format!("{label}{what}"), format!("应当写成这样：{}", samples.join(" 或 ")))
}

/// A moment in the sender's own format: a clerk reads examples, not format strings.
fn sample(format: &TimeFormat) -> Option<String> {
    let moment = DateTime::parse_from_rfc3339("2024-06-12T09:30:00+08:00").ok()?;
    Some(write_moment(format, moment, None))
}

#[cfg(test)]
mod tests;
