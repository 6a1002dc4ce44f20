//! What fuzz targets share: a configuration so small that compiling it costs microseconds, and what must hold of whatever
//! a compiler says. Leaves what is fuzzed to the targets.

use std::sync::OnceLock;

use mappings::{Form, Problem, RuleFile, Rulebook, Severity};

/// When every fuzzed record is received.
pub const NOW: &str = "2024-06-07T00:00:00Z";

/// A kind with one field of every type.
pub const NOTE: &str = r#"kind = "note"
label = "便条"
volatile = ["touched"]
as_of = "touched"
[fields]
id = { label = "主键", type = "id" }
folderId = { label = "所属夹", type = "id", parent = "folder" }
name = { label = "名称", type = "text", max = 10, required = true }
person = { label = "姓名", type = "text", personal = "name" }
level = { label = "等级", type = "code", table = "level" }
count = { label = "数量", type = "int", range = [0, 99] }
cost = { label = "金额", type = "decimal" }
at = { label = "时刻", type = "datetime" }
day = { label = "日期", type = "date" }
hour = { label = "钟点", type = "time" }
photo = { label = "照片", type = "image" }
uscc = { label = "信用代码", type = "text", notation = "uscc" }
card = { label = "证件", type = "text", notation = "id-number", personal = "id-number" }
phone = { label = "电话", type = "text", notation = "phone" }
mobile = { label = "手机", type = "text", notation = "mobile" }
touched = { label = "更新时间", type = "datetime" }
[[rule]]
code = "day-before-at"
check = "day >= at"
message = "日期早于时刻"
level = "warn"
"#;

/// One without codes, as small as it can be.
pub const SLIP: &str = r#"kind = "slip"
label = "条"
[fields]
id = { label = "主键", type = "id" }
name = { label = "名称", type = "text", max = 10 }
count = { label = "数量", type = "int" }
cost = { label = "金额", type = "decimal" }
at = { label = "时刻", type = "datetime" }
day = { label = "日期", type = "date" }
hour = { label = "钟点", type = "time" }
"#;

/// A field of codes, for the end of [`SLIP`].
pub const SLIP_LEVEL: &str = "level = { label = \"等级\", type = \"code\", table = \"level\" }\n";
pub const FOLDER: &str =
    "kind = \"folder\"\nlabel = \"夹\"\n[fields]\nid = { label = \"主键\", type = \"id\" }\n";
pub const LEVEL: &str = "code,label\n0,一般\n1,重大\n";
pub const WORDS: &str = "from,code\n一般隐患,0\n重大隐患,1\n";

/// [`SLIP`], with its field of codes where a text names it.
pub fn slip(text: &str) -> RuleFile {
    let codes = if text.contains("level") { SLIP_LEVEL } else { "" };
    file("kinds/slip.toml", &format!("{SLIP}{codes}"))
}

/// The tables that a text names: building a reader of CSV costs more than all the rest of a compilation.
pub fn tables(text: &str) -> Vec<RuleFile> {
    let known = [("level", LEVEL), ("words", WORDS)];
    let named = known.into_iter().filter(|(name, _)| text.contains(name));
    named.map(|(name, csv)| file(&format!("tables/{name}.csv"), csv)).collect()
}

pub fn file(path: &str, text: &str) -> RuleFile {
    RuleFile { path: path.to_owned(), text: text.to_owned() }
}

/// The rules these files make, and all that holds of problems: they make rules or an error, each is printed, each stands
/// where there is such a line, they come in order.
pub fn compiled(files: &[RuleFile]) -> Option<Rulebook> {
    let (rules, problems) = Rulebook::compile(files);
    assert_eq!(rules.is_none(), problems.iter().any(|problem| problem.severity == Severity::Error));
    hold(files, &problems);
    assert!(problems.is_sorted_by_key(|problem| (&problem.file, problem.line, problem.column)));
    rules
}

/// See [`compiled`].
pub fn hold(files: &[RuleFile], problems: &[Problem]) {
    for problem in problems {
        assert!(!problem.to_string().is_empty());
        let Some(file) = files.iter().find(|file| file.path == problem.file) else { continue };
        let lines = file.text.split('\n').count();
        assert!(usize::try_from(problem.line).unwrap() <= lines + 1, "{problem}");
    }
}

/// One record of texts under the names of [`NOTE`] and [`SLIP`].
pub fn record() -> &'static Vec<(String, String, Form)> {
    static RECORD: OnceLock<Vec<(String, String, Form)>> = OnceLock::new();
    RECORD.get_or_init(|| {
        [
            ("id", "17"),
            ("folderId", "c4ba424edce85a0f9c3743961f28ab71"),
            ("name", "便条"),
            ("person", "张三"),
            ("level", "1"),
            ("count", "7"),
            ("cost", "1.50"),
            ("at", "2024-06-06 08:00:00"),
            ("day", "2024-06-06"),
            ("hour", "08:00:00"),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned(), Form::Text))
        .to_vec()
    })
}
