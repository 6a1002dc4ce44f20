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
            other => format!("不是正确的 TOML：{other}"),
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
            return Self { message: format!("缺少“{first}”"), missing: Some(first.to_owned()), ..Self::default() };
        }
        match message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: ")) {
            Some(rest) => Self::of_type(rest),
            None if message.chars().any(|c| c > '\u{2e7f}') => Self { message: message.to_owned(), ..Self::default() },
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
    let found = TYPES.iter().filter(|(english, _)| words.starts_with(english)).max_by_key(|(english, _)| english.len());
    match found {
        Some((english, chinese)) => {
            let value = words.get(english.len()..).unwrap_or_default().trim().trim_matches('`');
            format!("{chinese} {value}").trim_end().to_owned()
        }
        None => format!(" {words}"),
    }
}

/// The nearest of what may be written, or all of it.
pub(in crate::config) fn suggestion(written: &str, known: &[&str]) -> Option<String> {
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
