//! What people are told of a value that cannot be read.

use std::sync::Arc;

use super::*;
use crate::table::{CodeTable, SourceTable};

fn said(unread: Unread, parse: &Parse) -> (&'static str, Level, String, String) {
    let told = told(unread, parse, "等级");
    (told.code, told.level, told.message, told.advice)
}

fn row(
    code: &'static str,
    level: Level,
    message: &str,
    advice: &str,
) -> (&'static str, Level, String, String) {
    (code, level, message.to_owned(), advice.to_owned())
}

fn table() -> Arc<CodeTable> {
    Arc::new(CodeTable::new("level", vec![("0".into(), "一般".into())]))
}

fn clockwork() -> Clockwork {
    let formats = ["%F", "epoch_s"].map(|format| TimeFormat::compile(format).unwrap()).to_vec();
    Clockwork { formats, zone: None, at: None }
}

#[test]
fn an_unknown_code_is_held_and_says_which_table_to_mend() {
    let source = Arc::new(SourceTable { name: "park-level".into(), codes: [].into() });
    assert_eq!(
        said(Unread::UnknownCode, &Parse::Code { from: Some(source), table: table(), labels: false }),
        row(
            "unknown-code",
            Level::Hold,
            "等级的值不在代码表 park-level 里",
            "在 tables/park-level.csv 里补一行，写明它是哪个代码（0 一般）"
        )
    );
    assert_eq!(
        said(Unread::UnknownCode, &Parse::Code { from: None, table: table(), labels: false }),
        row(
            "unknown-code",
            Level::Hold,
            "等级的值不在代码表 level 里",
            "请改用其中一个：0 一般；若对方另有一套代码，请为此字段写一张对照表"
        )
    );
}

#[test]
fn everything_else_is_the_senders_to_mend() {
    let uuid = Parse::Id { space: "uuid".into() };
    for (unread, parse, code, message) in [
        (Unread::WrongType, Parse::Text, "wrong-type", "等级不能是列表或对象"),
        (Unread::Unstorable, Parse::Text, "unstorable-text", "等级含有无法保存的字符（NUL）"),
        (Unread::Unparsed, uuid, "bad-id", "等级不是 UUID"),
        (Unread::Unparsed, Parse::Id { space: "src:x".into() }, "bad-id", "等级读不出来"),
        (Unread::Unparsed, Parse::Int, "bad-number", "等级不是整数"),
        (Unread::Unparsed, Parse::Decimal, "bad-number", "等级不是数"),
        (Unread::Unparsed, Parse::DateTime(clockwork()), "bad-datetime", "等级没有这个时刻，或写法不对"),
        (Unread::Unparsed, Parse::Date(clockwork()), "bad-date", "等级没有这一天，或写法不对"),
        (Unread::Unparsed, Parse::Time(clockwork()), "bad-time", "等级没有这个钟点，或写法不对"),
    ] {
        let (found, level, text, advice) = said(unread, &parse);
        assert_eq!((found, level, text.as_str()), (code, Level::Reject, message));
        assert!(!advice.is_empty(), "{code}");
    }
}

#[test]
fn advice_on_times_shows_the_formats_as_examples() {
    assert_eq!(said(Unread::Unparsed, &Parse::Date(clockwork())).3, "应当写成这样：2024-06-12 或 1718155800");
}
