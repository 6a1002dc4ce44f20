//! The report as printed, and the exit code.

use std::fs;

use super::*;

const SOURCE: &str = "title = '园区'\nschedule = '0 9 * * 1'\n[connect]\ntype = 'rest'\nbase_url = 'env:URL'\n[[services]]\nname = 't_note'\nrequest = { path = '/a', list = 'rows' }\n[[services]]\nname = 't_other'\nschedule = '*/30 * * * *'\nrequest = { path = '/b', list = 'rows' }\n";

fn run(files: &[(&str, &str)]) -> (u8, String) {
    let directory = written(files);
    report(Some(directory.path()))
}

fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

fn report(directory: Option<&Path>) -> (u8, String) {
    report_with(directory, Environment::default())
}

fn report_with(directory: Option<&Path>, environment: Environment) -> (u8, String) {
    let now = DateTime::parse_from_rfc3339("2026-11-23T00:00:00Z").unwrap().to_utc();
    let mut out = Vec::new();
    let code = check(directory, environment, now, &mut out).unwrap();
    (code, String::from_utf8(out).unwrap())
}

const KIND: &str =
    "kind = 'note'\nlabel = '记录'\nsource = 'test'\n[fields]\nid = { label = '主键', type = 'id' }\n";

fn mapping(service: &str) -> String {
    format!(
        "kind = 'note'\nid_space = 'src:park'\nselect = {{ service = '{service}' }}\n[fields]\nid = 'ID'\n"
    )
}

#[test]
fn a_good_directory_shows_what_it_holds_and_when_it_runs() {
    let (code, text) = run(&[
        ("kinds/note.toml", KIND),
        ("sources/park/source.toml", SOURCE),
        ("sources/park/note.toml", &mapping("t_note")),
        ("sources/park/other.toml", &mapping("t_other")),
    ]);
    assert_eq!(code, HOLDS, "{text}");
    for part in [
        "来源 park 园区，2 个服务:\n    t_note → note\n    t_other → note\n",
        "目的地 national ",
        "计划 park “0 9 * * 1”（Asia/Shanghai），接下来:\n    2026-11-23 09:00:00\n    2026-11-30 09:00:00\n    2026-12-07 09:00:00\n    2026-12-14 09:00:00\n    2026-12-21 09:00:00\n",
        "计划 park/t_other “*/30 * * * *”（Asia/Shanghai），接下来:\n    2026-11-23 08:30:00\n",
    ] {
        assert!(text.contains(part), "{part}\n---\n{text}");
    }
}

#[test]
fn runs_are_shown_as_they_will_begin_and_how_they_are_kept() {
    let source =
        SOURCE.replace("schedule = '0 9 * * 1'", "schedule = '0 9 * * 1'\njitter_s = 3600\nmissed = 'skip'");
    let (code, text) = run(&[
        ("kinds/note.toml", KIND),
        ("sources/park/source.toml", &source),
        ("sources/park/note.toml", &mapping("t_note")),
        ("sources/park/other.toml", &mapping("t_other")),
    ]);
    assert_eq!(code, HOLDS, "{text}");
    let head = "计划 park “0 9 * * 1”（Asia/Shanghai，各来源错开，最多 3600 秒，错过的不补），接下来:\n    2026-11-23 09:";
    assert!(text.contains(head), "{text}");
    let off = text.split(head).nth(1).unwrap().lines().next().unwrap();
    assert_ne!(off, "00:00", "put off");
}

#[test]
fn problems_are_printed_and_counted_and_decide_the_code() {
    let (code, text) = run(&[("lianwang.toml", "nodes = 1\nzones = 'x'\n"), ("kindz/a.toml", "")]);
    assert_eq!(code, FAILS, "{text}");
    assert!(
        text.contains(
            "lianwang.toml:1:1: 错误: 没有“nodes”这个键\n    nodes = 1\n    提示: 是不是 node？\n\n"
        ),
        "{text}"
    );
    assert!(text.contains("kindz:1:1: 警告: 不属于配置，没有读"), "{text}");
    assert!(text.ends_with("2 个错误，2 个警告。\n"), "{text}");
}

#[test]
fn a_schedule_that_never_fires_is_a_warning_and_says_so() {
    let source = SOURCE.replace("0 9 * * 1", "0 0 30 2 *");
    let (code, text) = run(&[
        ("kinds/note.toml", KIND),
        ("sources/park/source.toml", &source),
        ("sources/park/note.toml", &mapping("t_note")),
        ("sources/park/other.toml", &mapping("t_other")),
    ]);
    assert_eq!(code, HOLDS, "{text}");
    assert!(text.contains("接下来:\n    不会触发\n"), "{text}");
    assert!(text.ends_with("0 个错误，1 个警告。\n"), "{text}");
}

#[test]
fn a_directory_that_is_not_there_is_a_usage_error() {
    let (code, text) = report(Some(Path::new("/no/such/directory")));
    assert_eq!(code, USAGE);
    assert!(text.starts_with("读不到配置目录 /no/such/directory：") && text.contains("--config"), "{text}");
}

#[test]
fn without_a_directory_the_demos_is_checked() {
    let (code, text) = report(None);
    assert_eq!(code, HOLDS, "{text}");
    assert!(text.starts_with("没有配置目录，检查演示用的配置。\n"), "{text}");
    assert!(text.contains("来源 demo-park ") && text.ends_with("检查通过。\n"), "{text}");
}

#[test]
fn references_that_lead_nowhere_are_listed_at_once_each_with_its_places() {
    let source = SOURCE.replace(
        "base_url = 'env:URL'",
        "base_url = 'env:URL'\nauth = { kind = 'bearer', token = 'file:keys/token' }",
    );
    let directory = written(&[
        ("lianwang.toml", "destinations = ['national']\nnode = 'env:NODE'\nstore = 'env:NODE'\n"),
        ("kinds/note.toml", KIND),
        ("sources/park/source.toml", &source),
        ("sources/park/note.toml", &mapping("t_note")),
        ("sources/park/other.toml", &mapping("t_other")),
    ]);
    let (code, text) = report(Some(directory.path()));
    assert_eq!(code, HOLDS, "{text}");
    let token = directory.path().join("keys/token");
    for part in [
        "\n警告: 这台机器上还缺 7 项，补齐之前不能运行:\n    环境变量 NODE 没有设置（lianwang.toml node、lianwang.toml store）\n",
        "\n    环境变量 URL 没有设置（sources/park/source.toml [connect] base_url）\n",
        &format!(
            "\n    读不到文件 {}：没有这个文件（sources/park/source.toml [connect] auth.token）\n",
            token.display()
        ),
        "\n    环境变量 LIANWANG_NATIONAL_KEY 没有设置（destinations/national/destination.toml [connect] envelope.key）\n",
    ] {
        assert!(text.contains(part), "{part}\n---\n{text}");
    }

    fs::create_dir(directory.path().join("keys")).unwrap();
    fs::write(&token, "secret of the park\n").unwrap();
    let names = ["NODE", "URL", "LIANWANG_NATIONAL_URL", "LIANWANG_NATIONAL_KEY", "LIANWANG_NATIONAL_IV"];
    let environment = names.iter().fold(Environment::default(), |all, name| all.with(name, "x"));
    let (code, text) = report_with(Some(directory.path()), environment.clone());
    assert!(text.contains("还缺 1 项") && text.contains("LIANWANG_NATIONAL_PASSWORD 没有设置"), "{text}");
    let (code_full, full) =
        report_with(Some(directory.path()), environment.with("LIANWANG_NATIONAL_PASSWORD", "x"));
    assert_eq!((code, code_full), (HOLDS, HOLDS));
    assert!(!full.contains("还缺") && !full.contains("secret of the park"), "{full}");
}
