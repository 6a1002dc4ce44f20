//! What the TOML parser and serde say, in Chinese, with a hint where there is one.
//! Leaves where it is to `tree`.

/// One error, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::config) struct Fault {
    /// What is wrong, in Chinese.
    pub message: String,
    /// What may be meant, in Chinese.
    pub hint: Option<String>,
    /// The key that nobody knows.
    pub unknown: Option<String>,
    /// The key that is missing.
    pub missing: Option<String>,
    /// The value that is wrong, as serde names it.
    pub found: Option<String>,
}

impl Fault {
    /// An error of the TOML text itself.
    pub fn of_syntax(message: &str) -> Self {
        let message = match message {
            "duplicate key" => "这个键写了两次".to_owned(),
            other => format!("TOML 写法不对：{other}"),
        };
        Self { message, ..Self::default() }
    }

    /// An error of a value in it.
    pub fn of_value(message: &str) -> Self {
        let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        let (first, others) = quoted.split_first().map_or(("", &[][..]), |(first, others)| (*first, others));
        if message.starts_with("unknown field") {
            let (message, hint) = (format!("没有“{first}”这个键"), suggestion(first, others));
            return Self { message, hint, unknown: Some(first.to_owned()), ..Self::default() };
        }
        if message.starts_with("unknown variant") {
            let (message, hint) = (format!("不认识“{first}”"), suggestion(first, others));
            return Self { message, hint, found: Some(format!("string {first:?}")), ..Self::default() };
        }
        if message.starts_with("missing field") {
            return Self {
                message: format!("缺少“{first}”"),
                missing: Some(first.to_owned()),
                ..Self::default()
            };
        }
        match message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: ")) {
            Some(rest) => Self::of_type(rest),
            None if message.chars().any(|c| c > '\u{2e7f}') => {
                Self { message: message.to_owned(), ..Self::default() }
            }
            None => Self { message: format!("值不对：{message}"), ..Self::default() },
        }
    }

    /// `string "x", expected u32`.
    fn of_type(rest: &str) -> Self {
        let (found, expected) = rest.rsplit_once(", expected ").unwrap_or((rest, "别的"));
        let message = format!("值不对：这里是{}，应是{}", in_chinese(found), in_chinese(expected));
        Self { message, found: Some(found.to_owned()), ..Self::default() }
    }
}

/// serde's names of types; what is not among them stays as it is.
const TYPES: [(&str, &str); 14] = [
    ("string", "文本"),
    ("a string", "文本"),
    ("integer", "整数"),
    ("floating point", "小数"),
    ("boolean", "布尔值"),
    ("a boolean", "布尔值（true 或 false）"),
    ("sequence", "列表"),
    ("a sequence", "列表"),
    ("map", "表"),
    ("a map", "表"),
    ("u16", "非负整数"),
    ("u32", "非负整数"),
    ("u64", "非负整数"),
    ("f64", "数"),
];

fn in_chinese(words: &str) -> String {
    let found = TYPES
        .iter()
        .filter(|(english, _)| words.starts_with(english))
        .max_by_key(|(english, _)| english.len());
    match found {
        Some((english, chinese)) => {
            let value = words.get(english.len()..).unwrap_or_default().trim().trim_matches('`');
            format!("{chinese} {value}").trim_end().to_owned()
        }
        None => format!(" {words}"),
    }
}

/// The nearest of what may be written, or all of it.
pub(crate) fn suggestion(written: &str, known: &[&str]) -> Option<String> {
    let lower = written.to_lowercase();
    let nearest = known
        .iter()
        .map(|known| (strsim::jaro_winkler(&lower, &known.to_lowercase()), known))
        .filter(|(likeness, _)| *likeness >= 0.85)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    match nearest {
        Some((_, known)) => Some(format!("是不是 {known}？")),
        None if known.is_empty() => None,
        None => Some(format!("可以写：{}", known.join("、"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        Fault::of_value(text).message
    }

    #[test]
    fn an_unknown_key_is_named_with_its_hint() {
        let fault = Fault::of_value("unknown field `lst`, expected one of `list`, `path`");
        let expected = Fault {
            message: "没有“lst”这个键".to_owned(),
            hint: Some("是不是 list？".to_owned()),
            unknown: Some("lst".to_owned()),
            ..Fault::default()
        };
        assert_eq!(fault, expected);
        assert_eq!(Fault::of_value("unknown field `a`, there are no fields").hint, None);
    }

    #[test]
    fn a_missing_key_is_named() {
        let fault = Fault::of_value("missing field `path`");
        assert_eq!((fault.message.as_str(), fault.missing.as_deref()), ("缺少“path”", Some("path")));
    }

    #[test]
    fn types_are_named_in_chinese() {
        assert_eq!(
            message("invalid type: string \"x\", expected u32"),
            "值不对：这里是文本 \"x\"，应是非负整数"
        );
        assert_eq!(
            message("invalid type: boolean `true`, expected a string"),
            "值不对：这里是布尔值 true，应是文本"
        );
        assert_eq!(
            message("invalid type: floating point `1.5`, expected u64"),
            "值不对：这里是小数 1.5，应是非负整数"
        );
        assert_eq!(
            message("invalid value: integer `-1`, expected u32"),
            "值不对：这里是整数 -1，应是非负整数"
        );
        assert_eq!(message("invalid type: map, expected a sequence"), "值不对：这里是表，应是列表");
        assert_eq!(message("invalid type: sequence, expected a wombat"), "值不对：这里是列表，应是 a wombat");
    }

    #[test]
    fn words_that_are_chinese_already_stay() {
        assert_eq!(message("机密只能引用"), "机密只能引用");
        assert_eq!(message("something else"), "值不对：something else");
    }

    #[test]
    fn errors_of_the_text_say_so() {
        assert_eq!(Fault::of_syntax("duplicate key").message, "这个键写了两次");
        assert_eq!(Fault::of_syntax("expected `=`").message, "TOML 写法不对：expected `=`");
    }
}
