//! Snapshots as files say them, and those that `check` refuses.

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Service {
    snapshot: Option<Spanned<bool>>,
    sweep_cap_percent: Option<Spanned<i64>>,
    request: RequestConfig,
}

fn read(text: &str) -> (Service, RuleFile) {
    let file = RuleFile { path: "source.toml".to_owned(), text: text.to_owned() };
    (toml::from_str(text).unwrap(), file)
}

fn of(text: &str) -> Option<Snapshot> {
    let (service, _) = read(&format!("{text}request = {{ path = '/a', list = '' }}\n"));
    Snapshot::of(service.snapshot.as_ref(), service.sweep_cap_percent.as_ref())
}

fn told(text: &str, has_full_read: bool) -> Vec<String> {
    let (service, file) = read(text);
    let written = Written {
        snapshot: service.snapshot.as_ref(),
        cap: service.sweep_cap_percent.as_ref(),
        request: &service.request,
        has_full_read,
    };
    let mut problems = Vec::new();
    check(&written, &file, &mut problems);
    problems
        .iter()
        .map(|problem| format!("{}:{} {}", problem.line, problem.column, problem.message))
        .collect()
}

const WHOLE: &str = "snapshot = true\nrequest = { path = '/a', list = '' }\n";

#[test]
fn nothing_is_a_snapshot_unless_it_is_said() {
    assert_eq!(of(""), None);
    assert_eq!(of("snapshot = false\nsweep_cap_percent = 7\n"), None);
    assert_eq!(of("snapshot = true\n"), Some(Snapshot { cap_percent: 5 }));
    assert_eq!(of("snapshot = true\nsweep_cap_percent = 0\n"), Some(Snapshot { cap_percent: 0 }));
}

#[test]
fn as_many_as_the_cap_may_be_missing_and_one_more_is_over() {
    let five = Snapshot { cap_percent: 5 };
    assert!(!five.is_over(100, 5) && five.is_over(100, 6));
    assert!(five.is_over(19, 1) && !five.is_over(20, 1));
    assert!(!five.is_over(0, 0) && !Snapshot { cap_percent: 0 }.is_over(9, 0));
    assert!(Snapshot { cap_percent: 0 }.is_over(u64::MAX, 1));
    assert!(!Snapshot { cap_percent: 100 }.is_over(u64::MAX, u64::MAX));
}

#[test]
fn a_list_without_pages_is_a_snapshot() {
    assert_eq!(told(WHOLE, false), [""; 0]);
    let token = "snapshot = true\nrequest = { path = '/a', list = '', query = { n = '{next}' }, \
                 paging = { kind = 'next', token = 'next' } }\n";
    assert_eq!(told(token, false), [""; 0]);
}

#[test]
fn what_makes_a_pass_less_than_everything_is_told_at_its_place() {
    let keyset = "snapshot = true\nrequest = { path = '/a', list = '', query = { a = '{after_time}', b = '{after_id}' }, \
                  paging = { kind = 'keyset', size = 4, time = 't', id = 'id' } }\n";
    assert_eq!(told(keyset, true), [""; 0]);
    assert_eq!(told(keyset, false), ["1:12 按时间续读的服务只读新的，不是快照：snapshot 要有从头读的计划"]);
    let bounded = keyset.replace("{ a =", "{ u = '{until}', a =");
    assert_eq!(told(&bounded, true), ["1:12 请求里有 {until}，读的中途改动的记录会漏读，被当成已经没有"]);
    for (kind, hole) in [("page", "page"), ("offset", "offset")] {
        let paged = format!(
            "snapshot = true\nrequest = {{ path = '/a', list = '', query = {{ p = '{{{hole}}}' }}, \
             paging = {{ kind = '{kind}', size = 4 }} }}\n"
        );
        assert_eq!(
            told(&paged, false),
            ["1:12 按页读而没有总数，读的中途少了一条也看不出来：snapshot 要有 total"]
        );
        assert_eq!(told(&paged.replace("list = ''", "list = '', total = 'n'"), false), [""; 0]);
        assert_eq!(told(&paged.replace("true", "false"), false), [""; 0]);
    }
}

#[test]
fn a_cap_is_a_percentage_of_a_snapshot() {
    let cap = |n: &str| told(&format!("sweep_cap_percent = {n}\n{WHOLE}"), false);
    assert_eq!(cap("100"), [""; 0]);
    for n in ["101", "-1"] {
        assert_eq!(cap(n), ["1:21 sweep_cap_percent 应当是 0 到 100 的整数"]);
    }
    let without = "sweep_cap_percent = 5\nrequest = { path = '/a', list = '' }\n";
    assert_eq!(told(without, false), ["1:21 没有 snapshot = true，sweep_cap_percent 不起作用"]);
}
