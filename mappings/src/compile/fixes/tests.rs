//! Every line that cannot be followed, at its place.

use crate::{
    RuleFile, Rulebook, Severity,
    tests::{compiled, file, small},
};

const HEAD: &str = "kind,id_space,id,field,was,is,note\n";
const UUID: &str = "c4ba424edce85a0f9c3743961f28ab71";

fn files(text: &str) -> Vec<RuleFile> {
    let mut files = small();
    let more = "uscc = { label = \"信用代码\", type = \"text\", max = 18, notation = \"uscc\" }\nstate = { label = \"状态\", type = \"code\", table = \"level\", owner_only = true }\ngone = { label = \"删\", type = \"code\", table = \"yes-no\", gone = \"1\" }\n[[rule]]";
    files[4].text = files[4].text.replacen("[[rule]]", more, 1);
    files.push(file("fixes.csv", text));
    files
}

/// `line:column message`, and the hint.
fn told(lines: &str) -> Vec<(String, Option<String>)> {
    let (book, problems) = Rulebook::compile(&files(&format!("{HEAD}{lines}")));
    assert_eq!(book.is_none(), !problems.is_empty());
    assert!(problems.iter().all(|problem| problem.file == "fixes.csv"), "{problems:?}");
    let told = problems.into_iter();
    told.map(|told| (format!("{}:{} {}", told.line, told.column, told.message), told.hint)).collect()
}

fn words(lines: &str) -> Vec<String> {
    told(lines).into_iter().map(|(words, _)| words).collect()
}

#[test]
fn a_file_that_holds_says_what_is_put_right() {
    let text = format!(
        "\u{feff}{HEAD}# 张三\n\nnote,src:a,1,level,特大,1,\"2026-11-26 张三 一看就是,重大\"\nnote,uuid,{UUID},company,,410900017\n"
    );
    let book = compiled(&files(&text));
    let all = book.fixes().all();
    assert_eq!((all[0].was.as_str(), all[0].is.as_str(), all[0].line), ("特大", "1", 4));
    assert_eq!(all[0].note, "2026-11-26 张三 一看就是,重大");
    assert_eq!((all[1].was.as_str(), all[1].is.as_str(), all[1].line), ("", "410900017", 5));
    for nothing in ["", "# 还没有\n", HEAD] {
        assert!(compiled(&files(nothing)).fixes().all().is_empty(), "{nothing:?}");
    }
}

#[test]
fn a_header_or_a_line_with_a_column_missing_is_told() {
    let (_, problems) = Rulebook::compile(&files("kind,id_space,id,field,is,note\n"));
    assert_eq!((problems[0].line, problems[0].message.as_str()), (1, "缺少列 was"));
    let (hint, wanted) = (problems[0].hint.clone(), format!("第一行应当是 {}", HEAD.trim()));
    assert_eq!(hint, Some(wanted));
    assert_eq!(words("note,src:a,1,level,0\n"), ["2:1 这一行少了一列"]);
    assert_eq!(words("note,src:a,1,level,0,,x\n"), ["2:1 这一行少了一列"]);
    assert_eq!(words("note,,1,level,0,1,x\n"), ["2:1 这一行少了一列"]);
}

#[test]
fn what_a_line_names_must_exist() {
    assert_eq!(words("note,src:a,1,level,0,1,\nnotes,src:a,1,level,0,1,\n"), ["3:1 没有种类 notes"]);
    let found = told("note,src:a,1,levl,0,1,\n");
    assert_eq!(found[0].0, "2:14 种类 note 没有字段 levl");
    assert!(found[0].1.as_deref().unwrap().contains("level"), "{found:?}");
    assert_eq!(words("note,a,1,level,0,1,\n"), ["2:6 不认识的 id_space a"]);
    assert_eq!(words("note,uuid,17,level,0,1,\n"), ["2:11 17 不是 uuid 的主键"]);
    let upper = UUID.to_uppercase();
    let found = told(&format!("note,uuid,{upper},level,0,1,\n"));
    assert_eq!(found, [(format!("2:11 {upper} 不是规范写法"), Some(format!("请写 {UUID}")))]);
}

#[test]
fn every_field_that_is_its_senders_is_refused_with_what_to_do() {
    for (field, label) in [
        ("id", "主键（id）是主键"),
        ("folderId", "所属夹（folderId）是对上级的引用"),
        ("name", "名称（name）是来源的文字"),
        ("person", "姓名（person）是个人信息"),
        ("count", "数量（count）是数量"),
        ("cost", "金额（cost）是数量"),
        ("at", "时刻（at）是时间"),
        ("day", "日期（day）是时间"),
        ("hour", "钟点（hour）是时间"),
        ("photo", "照片（photo）是个人信息"),
        ("state", "状态（state）由来源负责（owner_only）"),
        ("gone", "删（gone）说的是记录删了没有，只有来源知道"),
    ] {
        let wanted = format!("2:14 {label}，联网不能改");
        let hint = format!("请退回来源改正：lianwang return note src:a/1 {field} --why 理由");
        assert_eq!(told(&format!("note,src:a,1,{field},0,1,\n")), [(wanted, Some(hint))]);
    }
}

#[test]
fn what_it_becomes_must_be_a_value_of_the_field() {
    let found = told("note,src:a,1,level,0,重大,\n");
    assert_eq!(found, [("2:22 代码表 level 里没有 重大".to_owned(), Some("请写代码 1".to_owned()))]);
    let found = told("note,src:a,1,level,0,7,\n");
    assert!(found[0].1.as_deref().unwrap().starts_with("可用：0"), "{found:?}");
    assert_eq!(words("note,src:a,1,uscc,,91,\n").len(), 1);
    let found = told("note,src:a,1,uscc,,91410900ma0000000y,\n");
    assert_eq!(found.len(), 1, "{found:?}");
    let long = "9".repeat(4001);
    assert_eq!(
        words(&format!("note,src:a,1,company,,{long},\n")),
        ["2:23 企业最多 4000 个字符，不能有控制字符"]
    );
    assert_eq!(words("note,src:a,1,level,1,1,\n"), ["2:22 was 和 is 都是 1，什么都没有改"]);
}

#[test]
fn two_lines_for_one_value_and_lines_that_lead_on_are_told() {
    assert_eq!(
        words("note,src:a,1,level,x,1,\nnote,src:b,1,level,x,1,\nnote,src:a,1,level,x,0,\n"),
        ["4:1 note src:a/1 的 level 写了两行，was 相同"]
    );
    assert_eq!(words("note,src:a,1,level,x,0,\nnote,src:a,1,level,0,1,\n"), ["2:22 0 又被另一行改成别的"]);
    assert_eq!(words("note,src:a,1,level,x,1,\nnote,src:a,1,level,y,1,\n").len(), 0);
}

#[test]
fn a_fix_of_an_id_that_means_another_is_warned_of() {
    let mut files = files(&format!("{HEAD}note,src:a,1,level,0,1,\nnote,src:a,2,level,0,1,\n"));
    files.push(file("aliases.csv", "kind,id_space,id,to_space,to_id,note\nnote,src:a,1,src:a,2,同一个\n"));
    let (book, problems) = Rulebook::compile(&files);
    assert!(book.is_some());
    assert_eq!(problems.len(), 1, "{problems:?}");
    let told = &problems[0];
    assert_eq!((told.severity, told.line, told.column), (Severity::Warning, 2, 12));
    assert_eq!(told.hint.as_deref(), Some("请写它并到的那个：src:a/2"));
}
