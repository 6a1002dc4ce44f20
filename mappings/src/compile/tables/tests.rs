//! Code tables read from CSV.

use super::*;
use crate::tests::file;

fn read(files: &[RuleFile]) -> (Vec<(String, Vec<String>)>, Vec<String>) {
    let mut problems = Vec::new();
    let tables = Tables::read(files, &mut problems);
    let shown = |table: &CodeTable| table.codes().map(|(code, label)| format!("{code} {label}")).collect();
    let canonical = tables.canonical.values().map(|table| (table.name().to_owned(), shown(table))).collect();
    let told = problems
        .iter()
        .map(|problem| format!("{}:{} {}", problem.line, problem.column, problem.message))
        .collect();
    (canonical, told)
}

#[test]
fn comments_marks_quotes_and_notes_are_no_trouble() {
    let text = "\u{feff}# 来源：国家模型\ncode,label,note\r\n0, 一般 ,x\r\n\"1\",\"重大,特大\"\r\n\r\n";
    let (tables, told) = read(&[file("tables/level.csv", text)]);
    assert_eq!(told, Vec::<String>::new());
    assert_eq!(tables, [("level".to_owned(), vec!["0 一般".to_owned(), "1 重大,特大".to_owned()])]);
}

#[test]
fn only_tables_are_read() {
    let files = ["kinds/level.csv", "tables/deep/level.csv", "tables/level.txt", "level.csv"]
        .map(|path| file(path, "x"));
    assert_eq!(read(&files), (Vec::new(), Vec::new()));
}

#[test]
fn a_header_says_whose_table_it_is() {
    let (tables, told) = read(&[
        file("tables/a.csv", "from,code\nx,1\n"),
        file("tables/b.csv", "code,name\n"),
        file("tables/c.csv", ""),
    ]);
    assert!(tables.is_empty());
    let wrong = "1:1 第一行应当是 code,label（我们的代码表）或 from,code（对方的对照表）";
    assert_eq!(told, [wrong, wrong]);
}

#[test]
fn broken_lines_are_told_and_the_others_kept() {
    let (tables, told) = read(&[file("tables/a.csv", "code,label\n0,一般\n1\n,空\n0,又\n2,低\n")]);
    assert_eq!(tables[0].1, ["0 一般", "2 低"]);
    assert_eq!(told, ["3:1 这一行少了一列", "4:1 第一列不能为空", "5:1 0 写了两行"]);
}

#[test]
fn a_digest_follows_the_file() {
    let digest = |text: &str| {
        let files = [file("tables/a.csv", text)];
        Tables::read(&files, &mut Vec::new()).digest("a")
    };
    assert_eq!(digest("code,label\n0,x\n"), digest("code,label\n0,x\n"));
    assert_ne!(digest("code,label\n0,x\n"), digest("code,label\n0,y\n"));
    assert_eq!(Tables::default().digest("a"), [0; 32]);
}
