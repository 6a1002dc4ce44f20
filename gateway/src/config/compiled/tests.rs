//! Whole configurations: the smallest that holds, and what each missing piece is called.

use super::*;

/// The smallest configuration: one kind, one source with one service, one destination.
pub(crate) fn small() -> Vec<RuleFile> {
    let file = |path: &str, text: &str| RuleFile { path: path.to_owned(), text: text.to_owned() };
    vec![
        file(
            "kinds/note.toml",
            "kind = 'note'\nlabel = '记录'\nsource = 'test'\n[fields]\nid = { label = '主键', type = 'id' }\ntext = { label = '内容', type = 'text', max = 50 }\n",
        ),
        file(
            "sources/park/source.toml",
            "title = '园区'\nschedule = '0 9 * * 1'\n[connect]\ntype = 'rest'\nbase_url = 'env:URL'\n[[services]]\nname = 't_note'\nrequest = { path = '/a', list = 'rows' }\n",
        ),
        file(
            "sources/park/note.toml",
            "kind = 'note'\nid_space = 'src:park'\nselect = { service = 't_note' }\n[fields]\nid = 'ID'\ntext = 'TEXT'\n",
        ),
        file(
            "destinations/county/destination.toml",
            "[connect]\ntype = 'rest'\nbase_url = 'env:URL'\n[[verdict]]\nstatus = [200]\noutcome = 'taken'\n[send]\nbatch = 5\n",
        ),
        file("destinations/county/note.toml", "kind = 'note'\npath = 'note'\n"),
    ]
}

fn changed(path: &str, change: impl Fn(&str) -> String) -> Vec<String> {
    let mut files = small();
    let text = files.iter().find(|file| file.path == path).map(|file| file.text.clone()).unwrap_or_default();
    files.push(RuleFile { path: path.to_owned(), text: change(&text) });
    let (compiled, problems) = compile(Revision::new(files));
    let fails = problems.iter().any(|problem| problem.severity == Severity::Error);
    assert_eq!(compiled.is_none(), fails, "{problems:#?}");
    problems.iter().map(ToString::to_string).collect()
}

fn without(path: &str) -> Vec<String> {
    let files = small().into_iter().filter(|file| file.path != path).collect();
    compile(Revision::new(files)).1.iter().map(ToString::to_string).collect()
}

#[test]
fn a_configuration_that_holds_is_compiled() {
    let (compiled, problems) = compile(Revision::new(small()));
    assert_eq!(problems, []);
    let compiled = compiled.unwrap();
    assert_eq!(compiled.source("park").unwrap().services[0].name, "t_note");
    assert_eq!(compiled.destination("county").unwrap().send.batch, 5);
    assert_eq!((compiled.source("nix"), compiled.destination("nix")), (None, None));
    assert_eq!(compiled.rulebook.mapping("park", "t_note").unwrap().kind(), "note");
    assert_eq!(compiled.revision, Revision::new(small()));
    assert_eq!(compiled.hub, Hub::default());
}

#[test]
fn a_service_without_a_mapping_is_an_error() {
    let problems = without("sources/park/note.toml");
    assert!(
        problems
            .iter()
            .any(|problem| problem.starts_with("sources/park/source.toml:7:8: 错误: 服务 t_note 没有映射")),
        "{problems:#?}"
    );
}

#[test]
fn a_destination_without_an_outlet_is_a_warning() {
    let problems = without("destinations/county/note.toml");
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(
        problems[0].starts_with("destinations/county/destination.toml:1:1: 警告: 目的地 county 没有任何出口")
    );
}

#[test]
fn a_folder_without_its_describing_file_is_an_error() {
    let problems = without("sources/park/source.toml");
    assert!(
        problems.iter().any(|problem| problem == "sources/park/source.toml:1:1: 错误: 缺少这个文件"),
        "{problems:#?}"
    );
}

#[test]
fn kinds_and_groups_of_a_destination_must_exist() {
    let path = "destinations/county/destination.toml";
    let problems = changed(path, |text| format!("{text}kinds = ['nota']\n"));
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!(
        problems[0],
        "destinations/county/destination.toml:9:10: 错误: kinds 里的 nota 在这个目的地没有出口\n    kinds = ['nota']\n    提示: 是不是 note？"
    );
    let problems = changed(path, |text| format!("{text}group_by = 'company'\n"));
    assert!(
        problems[0].starts_with(
            "destinations/county/destination.toml:9:12: 错误: group_by：对象 note 没有字段 company"
        ),
        "{problems:#?}"
    );
}

#[test]
fn a_hub_uses_the_destinations_it_names() {
    let mut files = small();
    files.push(RuleFile { path: hub::FILE.to_owned(), text: "destinations = []".to_owned() });
    assert_eq!(compile(Revision::new(files)).0.unwrap().destinations, []);
    let problems = changed(hub::FILE, |_| "destinations = ['couty']".to_owned());
    assert_eq!(
        problems,
        [
            "lianwang.toml:1:1: 错误: destinations 里的 couty 没有目录 destinations/couty/\n    提示: 是不是 county？"
        ]
    );
}

#[test]
fn one_wrong_file_hides_no_other() {
    let mut files = small();
    for (path, text) in [
        ("lianwang.toml", "nodes = 'x'"),
        ("sources/park/source.toml", "schedule = 'x'\n[conect]\n"),
        ("destinations/county/destination.toml", "[send]\nbatch = 'x'\n"),
        ("kinds/other.toml", "kind = 'other'\nlabl = 'x'\n"),
    ] {
        files.push(RuleFile { path: path.to_owned(), text: text.to_owned() });
    }
    let (compiled, problems) = compile(Revision::new(files));
    assert!(compiled.is_none());
    for path in [
        "lianwang.toml",
        "sources/park/source.toml",
        "destinations/county/destination.toml",
        "kinds/other.toml",
    ] {
        assert!(problems.iter().any(|problem| problem.file == path), "{path}\n{problems:#?}");
    }
}

#[test]
fn a_broken_text_is_said_once_at_its_place() {
    let problems = changed("sources/park/source.toml", |_| "title = 'x\n".to_owned());
    let of_file: Vec<_> =
        problems.iter().filter(|problem| problem.starts_with("sources/park/source.toml:1:")).collect();
    assert_eq!(of_file.len(), 1, "{problems:#?}");
}

#[test]
fn problems_come_by_file_and_line() {
    let problems = changed("lianwang.toml", |_| "nodes = 1\nzones = 2\n".to_owned());
    assert!(
        problems[0].starts_with("lianwang.toml:1:1") && problems[1].starts_with("lianwang.toml:2:1"),
        "{problems:#?}"
    );
}

const TIMES: &str = "kind = 'note'\nlabel = '记录'\nsource = 'test'\n[fields]\nid = { label = '主键', type = 'id' }\ntext = { label = '内容', type = 'text', max = 50 }\nat = { label = '时间', type = 'datetime' }\nto = { label = '到', type = 'datetime' }\n";

/// The small configuration with two times and this `source.toml`, if any.
fn with_times(source: Option<&str>) -> Vec<String> {
    let mut files: Vec<RuleFile> =
        small().into_iter().filter(|file| file.path != "sources/park/source.toml").collect();
    for file in &mut files {
        match file.path.as_str() {
            "kinds/note.toml" => file.text = TIMES.to_owned(),
            "sources/park/note.toml" => file.text.push_str("at = 'AT'\nto = 'TO'\n"),
            "destinations/county/destination.toml" => file.text.push_str("[wire]\nzone = 'Asia/Shanghai'\n"),
            _ => {}
        }
    }
    files.extend(
        source.map(|text| RuleFile { path: "sources/park/source.toml".to_owned(), text: text.to_owned() }),
    );
    compile(Revision::new(files)).1.iter().map(ToString::to_string).collect()
}

#[test]
fn of_a_broken_source_only_the_break_is_said() {
    let good = "[connect]\ntype = 'rest'\nbase_url = 'env:URL'\n[[services]]\nname = 't_note'\nrequest = { path = '/a', list = 'rows' }\n";
    assert_eq!(with_times(Some(&format!("zone = 'Asia/Shanghai'\n{good}"))), [""; 0]);
    let bare = with_times(Some(good));
    assert_eq!(bare.len(), 2, "a zone that nobody declares is missed at each time: {bare:#?}");
    assert_eq!(
        with_times(Some(&format!("zone = 'Asia/Beijing'\n{good}"))),
        [
            "sources/park/source.toml:1:8: 错误: 不认识的时区 Asia/Beijing\n    zone = 'Asia/Beijing'\n    提示: 北京时间写 Asia/Shanghai"
        ]
    );
    assert_eq!(
        with_times(Some("")),
        [
            "sources/park/source.toml:1:1: 错误: 缺少“services”",
            "sources/park/source.toml:1:1: 错误: 缺少“connect”",
        ]
    );
    assert_eq!(with_times(Some("title = 'x\n")).len(), 1);
    assert_eq!(with_times(None), ["sources/park/source.toml:1:1: 错误: 缺少这个文件"]);
}

#[test]
fn a_missing_destination_file_is_said_once_however_many_outlets_lean_on_it() {
    let mut files: Vec<RuleFile> =
        small().into_iter().filter(|file| file.path != "destinations/county/destination.toml").collect();
    let second = "kind = 'note'\npath = 'other'\n".to_owned();
    files.push(RuleFile { path: "destinations/county/second.toml".to_owned(), text: second });
    let (_, problems) = compile(Revision::new(files));
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["destinations/county/destination.toml:1:1: 错误: 缺少这个文件"]);
}

#[test]
fn a_hub_that_nothing_is_read_into_is_warned_of() {
    let files = small().into_iter().filter(|file| !file.path.starts_with("sources/")).collect();
    let (compiled, problems) = compile(Revision::new(files));
    assert!(compiled.is_some());
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].starts_with("sources:1:1: 警告: 没有任何来源，什么也不会读"), "{told:#?}");
}

#[test]
fn everything_that_stands_elsewhere_is_listed_with_its_place() {
    let mut files = small();
    files.push(RuleFile {
        path: hub::FILE.to_owned(),
        text: "node = 'env:NODE'\nstore = 'file:secrets/store'\nlisten = '127.0.0.1:1'\n".to_owned(),
    });
    let listed = |files| {
        let references = compile(Revision::new(files)).0.unwrap().references();
        references.iter().map(|(place, reference)| format!("{place} {reference}")).collect::<Vec<_>>()
    };
    assert_eq!(
        listed(files.clone()),
        [
            "lianwang.toml node env:NODE",
            "lianwang.toml store file:secrets/store",
            "sources/park/source.toml [connect] base_url env:URL",
            "destinations/county/destination.toml [connect] base_url env:URL",
        ]
    );
    files.push(RuleFile { path: hub::FILE.to_owned(), text: "destinations = []".to_owned() });
    assert_eq!(
        listed(files),
        ["sources/park/source.toml [connect] base_url env:URL"],
        "a destination that is not in use needs nothing"
    );
}

#[test]
fn what_ships_holds() {
    let (compiled, problems) = compile(Revision::new(super::super::embedded::demo()));
    let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(compiled.is_some() && text.is_empty(), "{}", text.join("\n"));
}
