//! Every line that cannot be followed, at its place.

use crate::{
    RuleFile, Rulebook,
    tests::{compiled, file, small},
};

const UUID: &str = "c4ba424edce85a0f9c3743961f28ab71";
const HEAD: &str = "kind,id_space,id,to_space,to_id,note\n";

fn files(text: &str) -> Vec<RuleFile> {
    let mut files = small();
    for kind in ["folder", "box"] {
        files.push(file(
            &format!("kinds/{kind}.toml"),
            &format!("kind = \"{kind}\"\nlabel = \"夹\"\n[fields]\nid = {{ label = \"主键\", type = \"id\" }}\ngone = {{ label = \"已删除\", type = \"code\", table = \"yes-no\", gone = \"1\" }}\n"),
        ));
    }
    files.remove(3);
    files.push(file("aliases.csv", text));
    files
}

/// `line:column message`, and the hint.
fn told(text: &str) -> Vec<(String, Option<String>)> {
    let (book, problems) = Rulebook::compile(&files(text));
    assert_eq!(book.is_none(), !problems.is_empty());
    assert!(problems.iter().all(|problem| problem.file == "aliases.csv"), "{problems:?}");
    let told = problems.into_iter();
    told.map(|told| (format!("{}:{} {}", told.line, told.column, told.message), told.hint)).collect()
}

fn words(lines: &str) -> Vec<String> {
    told(&format!("{HEAD}{lines}")).into_iter().map(|(words, _)| words).collect()
}

#[test]
fn a_file_that_holds_says_who_joined_what() {
    let lines = format!(
        "# 张三\n\nfolder,src:a,1,uuid,{UUID},\"2026-11-26 张三 同一个,已核实\"\nbox,src:a,*,src:b,*\n"
    );
    let book = compiled(&files(&format!("\u{feff}{HEAD}{lines}")));
    let all = book.aliases().all();
    assert_eq!((all[0].id.as_deref(), all[0].to_id.as_deref()), (Some("1"), Some(UUID)));
    assert_eq!(all[0].note, "2026-11-26 张三 同一个,已核实");
    assert_eq!((all[1].id.as_deref(), all[1].to_space.as_str()), (None, "src:b"));
    for nothing in ["", "# 还没有\n", HEAD, "\n"] {
        assert!(compiled(&files(nothing)).aliases().all().is_empty(), "{nothing:?}");
    }
}

#[test]
fn a_header_or_a_line_with_a_column_missing_is_told() {
    assert_eq!(told("kind,id_space,to_space,to_id\nfolder,a,b,c\n")[0].0, "1:1 缺少列 id");
    assert_eq!(told("kind,id,id_space,to_space,to_id\n")[0].0, "1:1 列的次序不对");
    assert_eq!(words("folder,src:a,1,src:b\n"), ["2:1 这一行少了一列"]);
    assert_eq!(words("folder,src:a,,src:b,2,\n"), ["2:1 这一行少了一列"]);
}

#[test]
fn what_a_line_names_must_exist() {
    assert_eq!(words("folder,src:a,1,src:b,2,\nfoldr,src:a,1,src:b,2,\n"), ["3:1 没有种类 foldr"]);
    assert_eq!(words("note,src:a,1,src:b,2,\n"), ["2:1 种类 note 没有表示已删除的字段，不能用别名"]);
    assert_eq!(words("folder,a,1, srcb,2,\n"), ["2:8 不认识的 id_space a", "2:13 不认识的 id_space srcb"]);
    assert_eq!(words("folder,uuid,17,src:a,1,\n"), ["2:13 17 不是 uuid 的主键"]);
    let upper = UUID.to_uppercase();
    let found = told(&format!("{HEAD}folder,src:a,1,uuid,{upper},\n"));
    assert_eq!(found, [(format!("2:21 {upper} 不是规范写法"), Some(format!("请写 {UUID}")))]);
    assert_eq!(words(&format!("folder,src:a,{},src:b,2,\n", "9".repeat(201))).len(), 1);
}

#[test]
fn one_star_alone_and_oneself_are_told() {
    assert_eq!(words("folder,src:a,*,src:b,2,\n"), ["2:22 只有一边是 *"]);
    assert_eq!(words("folder,src:a,1,src:b,*,\n"), ["2:14 只有一边是 *"]);
    assert_eq!(words("folder,src:a,1,src:a,1,\n"), ["2:16 别名指向自己"]);
    assert_eq!(words("folder,src:a,*,src:a,*,\n"), ["2:16 别名指向自己"]);
}

#[test]
fn the_same_id_twice_is_told_and_of_another_kind_it_is_another() {
    assert_eq!(
        words("folder,src:a,1,src:b,2,\nbox,src:a,1,src:b,2,\nfolder,src:a,1,src:b,3,\n"),
        ["4:1 folder src:a/1 写了两行"]
    );
    assert_eq!(words("folder,src:a,*,src:b,*,\nfolder,src:a,*,src:c,*,\n"), ["3:1 folder src:a/* 写了两行"]);
}

#[test]
fn chains_and_circles_are_told_with_where_they_end() {
    let found = told(&format!("{HEAD}folder,src:a,1,src:b,2,\nfolder,src:b,2,src:c,3,\n"));
    assert_eq!(
        found,
        [("2:22 src:b/2 自己又是别名".to_owned(), Some("请直接写最后那个：src:c/3".to_owned()))]
    );
    assert_eq!(
        words("folder,src:a,1,src:b,2,\nfolder,src:b,2,src:a,1,\n"),
        ["2:22 src:b/2 又绕回这一行，成了圈", "3:22 src:a/1 又绕回这一行，成了圈"]
    );
    assert_eq!(words("folder,src:a,*,src:b,*,\nfolder,src:b,*,src:c,*,\n"), ["2:16 src:b/* 自己又是别名"]);
    assert_eq!(words("folder,src:a,1,src:b,2,\nfolder,src:b,*,src:c,*,\n"), ["2:22 src:b/2 自己又是别名"]);
    assert_eq!(words("folder,src:a,*,src:b,*,\nfolder,src:b,2,src:b,3,\nbox,src:b,3,src:c,1,\n").len(), 0);
}

#[test]
fn lines_are_counted_over_comments_and_blank_ones() {
    let text = "folder,src:a,1,src:b,2,\n# 张三\n\n#\nfoldr,src:a,1,src:b,2,\n";
    assert_eq!(words(text), ["6:1 没有种类 foldr"]);
    assert_eq!(told("# 别名\n\nkind,id\n")[0].0, "3:1 缺少列 id_space");
}
