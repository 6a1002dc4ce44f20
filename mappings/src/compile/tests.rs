//! Every problem of every file, with its exact place.

use crate::{
    Problem, RuleFile, Rulebook, Severity,
    tests::{compiled, file, shipped, shown, small, source},
};

fn problems(files: &[RuleFile]) -> Vec<Problem> {
    Rulebook::compile(files).1
}

/// `file:line:column message` of each, and its hint.
fn places(files: &[RuleFile]) -> Vec<(String, Option<String>)> {
    problems(files)
        .into_iter()
        .map(|problem| {
            (
                format!("{}:{}:{} {}", problem.file, problem.line, problem.column, problem.message),
                problem.hint,
            )
        })
        .collect()
}

fn with(mut files: Vec<RuleFile>, path: &str, text: &str) -> Vec<RuleFile> {
    files.retain(|file| file.path != path);
    files.push(file(path, text));
    files
}

fn note(mapping: &str) -> Vec<RuleFile> {
    let mut files = small();
    files.push(source("park", &["notes", "others"]));
    files.push(file("sources/park/note.toml", mapping));
    files
}

fn told(place: &str, hint: Option<&str>) -> (String, Option<String>) {
    (place.to_owned(), hint.map(str::to_owned))
}

const HEAD: &str = "kind = \"note\"\nid_space = \"src:park\"\nselect = { service = \"notes\" }\n[fields]\nid = \"ID\"\nname = \"NAME\"\n";

#[test]
fn a_problem_is_printed_with_its_line_and_a_hint() {
    let files = note(&format!("{HEAD}levl = \"LEVEL\"\n"));
    assert_eq!(
        shown(&problems(&files)),
        ["sources/park/note.toml:7:1: 错误: 没有字段 levl\n    levl = \"LEVEL\"\n    提示: 是不是 level？"]
    );
}

#[test]
fn every_problem_of_a_mapping_is_told_at_once() {
    let mapping = r#"kind = "note"
id_space = "uid"
profil = "chem"
profile = "chemical"
zone = "Asia/Shangai"
select = { service = "note" }
[fields]
id = "ID"
name = { from = "NAME", tabel = "x" }
level = { from = "LEVEL", table = "park-levl" }
at = { from = "AT", formats = ["%Y-%m-%d", "%Q"] }
count = { from = "COUNT", default = "many" }
cost = 5
test = { const = "2" }
person = { from = "A", const = "b" }
"#;
    assert_eq!(
        places(&note(mapping)),
        [
            told("sources/park/note.toml:2:12 不认识的 id_space uid", Some("是不是 uuid？")),
            told("sources/park/note.toml:3:1 不认识的键 profil", Some("是不是 profile？")),
            told("sources/park/note.toml:6:22 来源 park 没有服务 note", Some("是不是 notes？")),
        ]
    );
    let files = note(
        &mapping
            .replace("\"uid\"", "\"uuid\"")
            .replace("\"note\" }", "\"notes\" }")
            .replace("profil = \"chem\"\n", "\n"),
    );
    assert_eq!(
        places(&files),
        [
            told("sources/park/note.toml:4:11 没有 profile chemical", None),
            told("sources/park/note.toml:5:8 不认识的时区 Asia/Shangai", Some("是不是 Asia/Shanghai？")),
            told("sources/park/note.toml:9:25 不认识的键 tabel", Some("是不是 table？")),
            told(
                "sources/park/note.toml:10:35 没有对照表 tables/park-levl.csv（from,code）",
                Some("是不是 park-level？")
            ),
            told(
                "sources/park/note.toml:11:32 这个格式没有钟点",
                Some("只有日期时，用 at = \"23:59:59\" 说明算几点")
            ),
            told(
                "sources/park/note.toml:11:44 时间格式里不认识 %Q",
                Some("可用：%Y %m %d %H %M %S %.f %z %F %T %%，或 epoch_s、epoch_ms")
            ),
            told("sources/park/note.toml:12:27 default 应当是我们这边的值", Some("字段 count 是 int")),
            told("sources/park/note.toml:13:1 字段 cost 应当是路径，或 { from = … }", None),
            told("sources/park/note.toml:14:10 const 应当是我们这边的值", Some("可用：0 否、1 是")),
            told("sources/park/note.toml:15:1 字段 person 要有 from、digest、const 之一，只要一个", None),
        ]
    );
}

#[test]
fn a_broken_file_does_not_hide_the_others() {
    let mut files = note(&format!("{HEAD}levl = \"LEVEL\"\n"));
    files.push(file("profiles/broken.toml", "profile = \"broken\"\n[note.fields\nname = = 1\n"));
    let found = problems(&files);
    let in_file = |path: &str| found.iter().filter(|problem| problem.file == path).count();
    assert!(in_file("profiles/broken.toml") >= 1);
    assert_eq!(in_file("sources/park/note.toml"), 1);
    let first = &found[0];
    assert_eq!((first.line, first.quote.as_str()), (2, "[note.fields"));
    assert!(first.message.starts_with("TOML 写法不对："));
    assert!(Rulebook::compile(&files).0.is_none());
}

#[test]
fn a_fault_in_a_condition_is_placed_inside_its_text() {
    let profile = "profile = \"p\"\n[note.fields]\nperson = { required_if = \"level == '7' or nmae present\" }\n[[note.rule]]\ncode = \"c\"\nmessage = \"m\"\ncheck = 'count > \"一\" and day >= at'\n";
    assert_eq!(
        places(&with(small(), "profiles/p.toml", profile)),
        [
            told("profiles/p.toml:3:36 条件不对：代码表 level 里没有“7”", Some("0 一般、1 重大")),
            told("profiles/p.toml:3:43 条件不对：没有字段 nmae", Some("是不是 name？")),
            told("profiles/p.toml:7:18 条件不对：“一”不是字段 count 的值", Some("写作 不带引号的数")),
        ]
    );
}

#[test]
fn a_text_with_escapes_is_placed_at_its_beginning() {
    let profile =
        "profile = \"p\"\n[note.fields]\nperson = { required_if = \"name == \\\"a\\\" or nmae present\" }\n";
    assert_eq!(
        places(&with(small(), "profiles/p.toml", profile)),
        [told("profiles/p.toml:3:26 条件不对：没有字段 nmae", Some("是不是 name？"))]
    );
}

#[test]
fn a_kind_file_is_checked_in_every_attribute() {
    let kind = r#"kind = "nota"
label = "便条"
extends = ["comon"]
origin = "here"
volatile = ["touchd"]
as_of = "name"
[fields]
id = { label = "主键", type = "id" }
name = { label = "名称", type = "txt" }
ref = { label = "引用", type = "id", parent = "foldr" }
level = { label = "等级", type = "code", table = "levels" }
other = { label = "其他", type = "code" }
count = { label = "数量", type = "text", range = [1, 2] }
phone = { label = "电话", type = "text", personal = "fone", max = "ten" }
code = { type = "text", pattern = "(" }
"#;
    let found: Vec<String> =
        places(&with(small(), "kinds/note.toml", kind)).into_iter().map(|(place, _)| place).collect();
    assert_eq!(
        found,
        [
            "kinds/note.toml:1:8 kind 应当与文件名相同：note",
            "kinds/note.toml:3:12 没有种类 comon",
            "kinds/note.toml:4:10 origin 只能是 elsewhere",
            "kinds/note.toml:5:13 没有字段 touchd",
            "kinds/note.toml:6:9 没有字段 name",
            "kinds/note.toml:9:31 不认识的类型 txt",
            "kinds/note.toml:10:45 没有种类 foldr",
            "kinds/note.toml:11:48 没有代码表 tables/levels.csv（code,label）",
            "kinds/note.toml:12:1 类型 code 要有 table",
            "kinds/note.toml:13:40 类型 text 没有 range",
            "kinds/note.toml:14:51 personal 没有 fone",
            "kinds/note.toml:14:59 max 应当是字符数",
            "kinds/note.toml:15:1 缺少 label",
            "kinds/note.toml:15:35 正则写法不对",
        ]
    );
}

#[test]
fn parents_in_a_circle_are_told() {
    let folder = "kind = \"folder\"\nlabel = \"夹\"\n[fields]\nid = { label = \"主键\", type = \"id\" }\nnoteId = { label = \"便条\", type = \"id\", parent = \"note\" }\n";
    assert_eq!(
        places(&with(small(), "kinds/folder.toml", folder)),
        [told("kinds/folder.toml:1:1 上级关系成了环：folder、note", None)]
    );
}

#[test]
fn a_profile_may_not_loosen() {
    let mut files = with(
        small(),
        "profiles/p.toml",
        "profile = \"p\"\n[note.fields]\nname = { max = 11, required = false }\ncount = { range = [1, 100] }\nlevel = { table = \"wide\" }\nperson = { max = 5 }\n",
    );
    files.push(file("tables/wide.csv", "code,label\n0,一般\n2,特大\n"));
    assert_eq!(
        places(&files),
        [
            told("profiles/p.toml:3:10 放宽了：名称的 max 是 10", Some("profile 只能收紧")),
            told("profiles/p.toml:3:20 放宽了：种类要求必填", Some("profile 只能收紧，请删去这一项")),
            told("profiles/p.toml:4:11 放宽了：数量的 range 是 [0, 99]", Some("profile 只能收紧")),
            told("profiles/p.toml:5:19 放宽了：wide 里的 2 不在 level 里", None),
        ]
    );
}

#[test]
fn a_profile_names_kinds_and_fields_that_exist() {
    let profile =
        "profile = \"p\"\n[nota.fields]\n[note.feelds]\n[folder.fields]\nname = { required = true }\n";
    assert_eq!(
        places(&with(small(), "profiles/p.toml", profile)),
        [
            told("profiles/p.toml:2:2 没有种类 nota", Some("是不是 note？")),
            told("profiles/p.toml:3:7 不认识的键 feelds", Some("是不是 fields？")),
            told("profiles/p.toml:5:1 没有字段 name", None),
        ]
    );
}

#[test]
fn tables_are_checked_line_by_line() {
    let mut files = note(&format!("{HEAD}level = {{ from = \"LEVEL\", table = \"park-level\" }}\n"));
    files = with(files, "tables/park-level.csv", "# 来源\nfrom,code\n一般,0\n特大, 9\n一般,1\n重大\n");
    files = with(files, "tables/level.csv", "code,label\n0,一般\n1,重大\n0,又一般\n");
    files.push(file("tables/odd.csv", "a,b\n1,2\n"));
    assert_eq!(
        places(&files),
        [
            told("tables/level.csv:4:1 0 写了两行", Some("请只留一行")),
            told(
                "tables/odd.csv:1:1 第一行应当是 code,label（我们的代码表）或 from,code（对方的对照表）",
                None
            ),
            told("tables/park-level.csv:4:5 代码表 level 里没有代码 9", Some("可用：0 一般、1 重大")),
            told("tables/park-level.csv:5:1 一般 写了两行", Some("请只留一行")),
            told("tables/park-level.csv:6:1 这一行少了一列", None),
        ]
    );
}

#[test]
fn a_bare_time_needs_a_zone() {
    let mut files =
        note(&format!("{HEAD}at = \"AT\"\ntouched = {{ from = \"T\", formats = [\"epoch_ms\"] }}\n"));
    files = with(files, "sources/park/source.toml", "[[services]]\nname = \"notes\"\n");
    assert_eq!(
        places(&files),
        [told(
            "sources/park/note.toml:7:1 字段 at 的时间没有时区",
            Some("在映射或 source.toml 里写 zone = \"Asia/Shanghai\"")
        )]
    );
}

#[test]
fn one_mapping_serves_one_service_and_needs_its_source() {
    let mut files = note(HEAD);
    files.push(file("sources/park/z.toml", HEAD));
    files.push(file("sources/lone/note.toml", "kind = \"note\"\n[fields]\n"));
    assert_eq!(
        places(&files),
        [
            told("sources/lone/note.toml:1:1 缺少 id_space", None),
            told("sources/lone/note.toml:1:1 缺少 select = { service = … }", None),
            told("sources/lone/source.toml:1:1 缺少这个文件", None),
            told("sources/park/z.toml:1:1 来源 park 的服务 notes 已有另一个映射", None),
        ]
    );
}

#[test]
fn a_required_field_nothing_feeds_is_a_warning() {
    let files = note(
        "kind = \"note\"\nid_space = \"src:park\"\nselect = { service = \"notes\" }\n[fields]\nid = \"ID\"\n",
    );
    let (rulebook, found) = Rulebook::compile(&files);
    assert!(rulebook.is_some());
    assert_eq!(
        shown(&found),
        ["sources/park/note.toml:4:2: 警告: 必填字段 name（名称）没有来源，每条记录都会被拒收\n    [fields]"]
    );
    assert_eq!(found[0].severity, Severity::Warning);
}

#[test]
fn outlets_are_checked() {
    let mut files = small();
    files.push(file(
        "destinations/far/destination.toml",
        "[wire]\nuuid_form = \"dashes\"\ndate = \"epoch_s\"\nzone = \"Mars\"\n",
    ));
    files.push(file(
        "destinations/far/note.toml",
        "kind = \"note\"\npath = \"p\"\nomit = [\"id\", \"photos\", \"person\"]\n[fields]\nperson = { to = \"x\" }\nname = { to = \"count\", format = \"%Y\" }\n",
    ));
    files.push(file("destinations/none/note.toml", "kind = \"note\"\npath = \"p\"\n"));
    let found: Vec<String> = places(&files).into_iter().map(|(place, _)| place).collect();
    assert_eq!(
        found,
        [
            "destinations/far/destination.toml:2:13 uuid_form 应当是 plain 或 hyphens",
            "destinations/far/destination.toml:3:8 epoch_s 只用于 datetime",
            "destinations/far/destination.toml:4:8 不认识的时区 Mars",
            "destinations/far/note.toml:1:1 接收方的 count 写了两次",
            "destinations/far/note.toml:3:9 id 不能省略",
            "destinations/far/note.toml:3:15 没有字段 photos",
            "destinations/far/note.toml:5:1 字段 person 已在 omit 里",
            "destinations/far/note.toml:6:24 类型 text 没有 format",
            "destinations/none/destination.toml:1:1 缺少这个文件",
        ]
    );
}

#[test]
fn references_take_the_space_that_is_nearest() {
    let space = |folder_kind: &str, folder_mapping: Option<&str>, field: &str| {
        let mut files = note(&format!("{HEAD}folderId = {field}\n"));
        if !folder_kind.is_empty() {
            let text = files
                .iter()
                .find(|file| file.path == "kinds/folder.toml")
                .unwrap()
                .text
                .replace("label = \"夹\"", &format!("label = \"夹\"\n{folder_kind}"));
            files = with(files, "kinds/folder.toml", &text);
        }
        if let Some(space) = folder_mapping {
            let text = format!(
                "kind = \"folder\"\nid_space = \"{space}\"\nselect = {{ service = \"others\" }}\n[fields]\nid = \"ID\"\n"
            );
            files.push(file("sources/park/folder.toml", &text));
        }
        let book = compiled(&files);
        let record = crate::tests::texts(&[("ID", "1"), ("NAME", "x"), ("F", "7")]);
        let mapped =
            book.mapping("park", "notes").unwrap().map(&record, chrono::DateTime::<chrono::Utc>::MAX_UTC);
        mapped.contribution.unwrap().parents[0].id_space.clone()
    };
    assert_eq!(space("", None, "\"F\""), "src:park");
    assert_eq!(space("", Some("mine:7"), "\"F\""), "mine:7");
    assert_eq!(space("id_space = \"registered\"", Some("mine:7"), "\"F\""), "registered");
    assert_eq!(
        space("id_space = \"registered\"", Some("mine:7"), "{ from = \"F\", id_space = \"src:x\" }"),
        "src:x"
    );
}

#[test]
fn examples_that_do_not_hold_are_told_where_they_stand() {
    let mapping = format!(
        "{HEAD}level = {{ from = \"LEVEL\", table = \"park-level\" }}\ncount = \"C.N\"\n{}",
        r#"
[[example]]
name = "held, not guessed"
input = { ID = "1", LEVEL = "特大" }
issues = ["unknown-code level"]
[[example]]
name = "fine"
input = { ID = 1, NAME = "x", C = { N = 5 } }
issues = []
verdict = "accepted"
output = { count = 5, level = "" }
[[example]]
name = "wrong"
input = { ID = "1", NAME = "x", LEVEL = "特大", C = { N = "?" } }
issues = ["unknown-code level", "required count"]
verdict = "accepted"
output = { name = "y" }
"#
    );
    let book = compiled(&note(&mapping));
    let found: Vec<String> = shown(&book.run_examples());
    let at = "sources/park/note.toml:20:1: 错误: 示例“wrong”不成立：";
    let quote = "\n    [[example]]";
    assert_eq!(
        found,
        [
            format!("{at}应当有问题 required count，实际没有{quote}"),
            format!("{at}多出问题 bad-number count{quote}"),
            format!("{at}应当是 accepted，实际是 rejected（unknown-code level、bad-number count）{quote}"),
            format!("{at}字段 name 应当是“y”，实际是“x”{quote}"),
        ]
    );
}

#[test]
fn the_shipped_rulebook_answers_by_name() {
    let book = compiled(&shipped());
    let hazard = book.kind("hazard").unwrap();
    assert_eq!(hazard.wire(), Some("sec_hidden_danger_info"));
    assert_eq!(hazard.volatile(), ["updateDate", "updateBy"]);
    assert_eq!(hazard.as_of(), Some("updateDate"));
    let parents: Vec<_> = hazard.parents().collect();
    assert_eq!(
        parents,
        [
            ("siteId", "site"),
            ("hazardCode", "risk_object"),
            ("riskMeasureId", "control_measure"),
            ("checkRecordId", "check_record"),
            ("safetyDayId", "safety_day_report"),
            ("riskStudyId", "risk_study"),
            ("dangerousWorkId", "dangerous_work"),
            ("supervisionCheckId", "supervision_check"),
            ("smallFirmCheckId", "small_firm_check"),
        ]
    );
    let object = book.kind("risk_object").unwrap();
    assert!(object.origin_elsewhere());
    assert_eq!(object.id_space(), Some("registered"));
    let level = book.kind("risk_unit").unwrap().field("riskLevel").unwrap();
    assert_eq!(level.table().unwrap().label("1"), Some("重大风险"));
    let outlets: Vec<&str> = book.outlets("national").map(crate::Outlet::kind).collect();
    assert_eq!(outlets.len(), 7);
    assert_eq!(book.outlet("national", "hazard").unwrap().path(), "sec_hidden_danger_info");
    assert!(book.outlet("national", "risk_object").is_none());
    assert!(book.kind("common").is_none());
}

#[test]
fn any_text_in_any_file_is_total() {
    let junk = [
        "",
        "\u{feff}",
        "= =",
        "[a",
        "kind = 1",
        "[[fields]]",
        "kind = \"x\"\n[fields]\nid = 1",
        "a.b.c = {",
        "\"",
        "rule = [1]",
        "fields = []",
    ];
    for path in [
        "kinds/note.toml",
        "profiles/p.toml",
        "tables/t.csv",
        "sources/park/source.toml",
        "sources/park/note.toml",
        "destinations/far/destination.toml",
        "destinations/far/note.toml",
    ] {
        for text in junk {
            let mut files = note(HEAD);
            files.push(file("destinations/far/destination.toml", ""));
            let _ = problems(&with(files, path, text));
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_file_is_told_never_fatal(which in 0usize..1000, at in 0usize..3000, with in "\\PC{0,3}|\n|\"|\\[|=") {
        let mut files = shipped();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let count = files.len();
        let file = &mut files[which % count];
        let at = file.text.char_indices().map(|(byte, _)| byte).nth(at % file.text.chars().count()).unwrap_or(0);
        let end = file.text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        file.text.replace_range(at..end, &with);
        let (rulebook, problems) = Rulebook::compile(&files);
        proptest::prop_assert_eq!(rulebook.is_some(), problems.iter().all(|problem| problem.severity == Severity::Warning));
    }
}
