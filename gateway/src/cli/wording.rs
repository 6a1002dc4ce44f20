//! What is wrong with a command line, in Chinese. Leaves help and version to clap.

use std::{error::Error as _, net::AddrParseError, num::ParseIntError};

use clap::{
    Error,
    error::{ContextKind, ContextValue, ErrorKind},
};

/// The error in words; none where it is a help text, or the version.
pub(super) fn said(error: &Error) -> Option<String> {
    let what = match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::DisplayVersion => return None,
        kind => what(kind, error),
    };
    let mut said = vec![format!("错误：{what}")];
    if let Some(hint) = hint(error) {
        said.push(format!("    提示：{hint}"));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        said.push(format!("\n用法：{}", usage.trim().trim_start_matches("Usage:").trim()));
    }
    said.push("\n全部写法见 --help\n".to_owned());
    Some(said.join("\n"))
}

fn what(kind: ErrorKind, error: &Error) -> String {
    let argument = quoted(error, ContextKind::InvalidArg);
    let value = quoted(error, ContextKind::InvalidValue);
    match kind {
        ErrorKind::InvalidSubcommand => {
            format!("没有 {} 这个命令", quoted(error, ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingSubcommand => "没有写命令".to_owned(),
        ErrorKind::UnknownArgument => format!("这里没有 {argument} 这个选项或参数"),
        ErrorKind::MissingRequiredArgument => format!("还要写 {argument}"),
        ErrorKind::ArgumentConflict => {
            let other = quoted(error, ContextKind::PriorArg);
            if other.is_empty() || other == argument {
                format!("{argument} 只能写一次")
            } else {
                format!("{argument} 与 {other} 不能一起写")
            }
        }
        ErrorKind::InvalidValue if value.is_empty() => format!("{argument} 后面要写它的值"),
        ErrorKind::InvalidValue => format!("{argument} 不能是“{value}”"),
        ErrorKind::ValueValidation => format!("{argument} 的“{value}”不对：{}", why(error)),
        ErrorKind::NoEquals => format!("{argument} 要用等号写：{argument}=值"),
        ErrorKind::TooManyValues => format!("{argument} 后面多写了“{value}”"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => format!("{argument} 后面的值个数不对"),
        ErrorKind::InvalidUtf8 => "参数里有不是 UTF-8 的字".to_owned(),
        // what a later clap may find
        _ => error.to_string(),
    }
}

/// Why a value was not taken.
fn why(error: &Error) -> String {
    let Some(source) = error.source() else { return "看不懂".to_owned() };
    let text = source.to_string();
    if source.is::<ParseIntError>() {
        "要一个整数".to_owned()
    } else if source.is::<AddrParseError>() {
        "要写成 IP:端口，例如 127.0.0.1:0".to_owned()
    } else if let Some((_, range)) = text.split_once(" is not in ") {
        format!("超出范围 {range}")
    } else {
        text
    }
}

fn hint(error: &Error) -> Option<String> {
    let suggested =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    if let Some(known) = suggested.iter().map(|kind| quoted(error, *kind)).find(|known| !known.is_empty()) {
        return Some(format!("是不是 {}", known.replace('、', " 或 ")));
    }
    let valid = quoted(error, ContextKind::ValidValue);
    (!valid.is_empty()).then(|| format!("可以是 {valid}"))
}

fn quoted(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("、"),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::arguments::Arguments;

    fn of(line: &str) -> String {
        said(&Arguments::try_parse_from(line.split(' ')).unwrap_err()).unwrap_or_default()
    }

    #[test]
    fn what_is_wrong_is_said_in_chinese_with_what_may_be_meant() {
        for (line, told, hint) in [
            ("lianwang chekc", "没有 chekc 这个命令", "是不是 check"),
            ("lianwang pull park --ful", "这里没有 --ful 这个选项或参数", "是不是 --full"),
            ("lianwang pull", "还要写 <SOURCE>", "用法：lianwang pull"),
            ("lianwang apply dir", "还要写 --why <TEXT>", "用法：lianwang apply"),
            ("lianwang apply dir --back --why x", "[DIR] 与 --back 不能一起写", "用法："),
            ("lianwang apply dir --why", "--why <TEXT> 后面要写它的值", "全部写法见 --help"),
            ("lianwang audit --json --json", "--json 只能写一次", "用法："),
            ("lianwang bench --records many", "--records <N> 的“many”不对：要一个整数", "--help"),
            ("lianwang bench --records 0", "--records <N> 的“0”不对：超出范围 1..", "--help"),
            ("lianwang sim park --listen here", "要写成 IP:端口", "--help"),
            ("lianwang sim province --on-bad none", "“none”", "take-rest"),
        ] {
            let said = of(line);
            assert!(said.contains(told) && said.contains(hint), "{line}: {said}");
            assert!(!said.contains("error:") && !said.contains("Usage:"), "{line}: {said}");
        }
    }

    #[test]
    fn help_and_version_are_left_as_they_are() {
        for line in ["lianwang --help", "lianwang --version", "lianwang", "lianwang sim"] {
            assert_eq!(of(line), "", "{line}");
        }
    }
}
