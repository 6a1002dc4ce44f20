//! `destination.toml`, right and wrong.

use super::*;

const CONNECT: &str = "[connect]\ntype = 'rest'\nbase_url = 'env:URL'\n";
const TAKEN: &str = "[[verdict]]\nstatus = [200]\noutcome = 'taken'\n";

fn read_text(text: &str) -> (Option<DestinationFile>, Vec<String>) {
    let file = RuleFile { path: "d.toml".to_owned(), text: text.to_owned() };
    let mut problems = Vec::new();
    let destination = read("county", &file, &mut problems);
    (destination, problems.iter().map(ToString::to_string).collect())
}

#[test]
fn a_destination_is_read_with_its_defaults() {
    let (destination, problems) = read_text(&format!("{CONNECT}{TAKEN}"));
    assert_eq!(problems, [""; 0]);
    let destination = destination.unwrap();
    assert_eq!((destination.name.as_str(), destination.title.as_str()), ("county", "county"));
    assert_eq!(destination.send, Send::default());
    assert_eq!(
        destination.send.retry.iter().map(Duration::as_secs).collect::<Vec<_>>(),
        [10, 60, 300, 1_800]
    );
    assert!(destination.takes("hazard") && !destination.send.takes_test);
    assert_eq!(destination.adapter().verdicts.len(), 1);
}

#[test]
fn everything_can_be_said() {
    let send = "[send]\nbatch = 5\nmax_batch_mb = 8\ngroup_by = 'companyCode'\nretry = ['1s', '2m']\nkinds = ['hazard']\ntakes_test = true\nowner = 'chem'\nparent_wait = '90d'\n";
    let (destination, problems) =
        read_text(&format!("title = '县局'\n{CONNECT}{send}{TAKEN}[wire]\nanything = 1\n"));
    assert_eq!(problems, [""; 0]);
    let destination = destination.unwrap();
    let expected = Send {
        max_batch_mb: 8,
        batch: 5,
        group_by: Some("companyCode".to_owned()),
        retry: vec![Duration::from_secs(1), Duration::from_mins(2)],
        kinds: Some(vec!["hazard".to_owned()]),
        takes_test: true,
        owner: Some("chem".to_owned()),
        parent_wait: Some(Duration::from_hours(90 * 24)),
    };
    assert_eq!((destination.title.as_str(), &destination.send), ("县局", &expected));
    assert!(destination.takes("hazard") && !destination.takes("site"));
}

#[test]
fn a_batch_larger_than_a_minute_of_records_is_refused() {
    let problems =
        |most: u32| read_text(&format!("{CONNECT}records_per_min = {most}\n{TAKEN}[send]\nbatch = 50\n")).1;
    assert_eq!(problems(50), [""; 0]);
    assert!(problems(49)[0].contains("一批 50 条，比每分钟 49 条还多"), "{:?}", problems(49));
}

#[test]
fn each_wrong_value_is_said_at_its_place() {
    let problem = |send: &str| read_text(&format!("{CONNECT}{TAKEN}[send]\n{send}\n")).1;
    assert_eq!(problem("batch = 0"), ["d.toml:8:9: 错误: batch 要在 1 到 10000 之间\n    batch = 0"]);
    assert!(problem("max_batch_mb = 0")[0].contains("max_batch_mb 要在 1 到 256 之间"));
    assert!(problem("batch = 10001")[0].contains("batch 要在"));
    assert!(problem("retry = []")[0].starts_with("d.toml:8:9: 错误: retry 不能是空的"));
    let retry = problem("retry = ['10s', 'soon', '0s']");
    assert!(retry[0].starts_with("d.toml:8:17: 错误: “soon”不是时长"), "{retry:#?}");
    assert!(retry[1].starts_with("d.toml:8:25: 错误: “0s”要大于 0"), "{retry:#?}");
    assert!(problem("bach = 1")[0].contains("是不是 batch？"));
    assert!(problem("requests_per_s = 1")[0].contains("没有“requests_per_s”这个键"));
}

#[test]
fn a_wrong_key_elsewhere_does_not_hide_a_wrong_batch() {
    let (destination, problems) = read_text("titel = 'x'\n[send]\nbatch = 0\n");
    assert_eq!(destination, None);
    assert!(problems[0].starts_with("d.toml:3:9: 错误: batch 要在"), "{problems:#?}");
    assert!(problems.iter().any(|problem| problem.contains("没有“titel”这个键")), "{problems:#?}");
}

#[test]
fn a_destination_that_reads_no_answer_is_warned_of() {
    let (destination, problems) = read_text(CONNECT);
    assert!(destination.is_some());
    assert!(problems[0].starts_with("d.toml:1:1: 警告: 没有判定规则"), "{problems:#?}");
}

#[test]
fn a_verdict_rule_that_cannot_hold_is_said_at_its_place() {
    let rule = "[[verdict]]\nbody = [{ at = 'msg', matches = '(' }]\noutcome = 'busy'\n";
    let (_, problems) = read_text(&format!("{CONNECT}{TAKEN}{rule}"));
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(problems[0].starts_with("d.toml:7:1: 错误: "), "{problems:#?}");
}

#[test]
fn a_connection_that_cannot_be_made_is_said_key_by_key() {
    let text = "[connect]\ntype = 'rest'\nbase_url = 'park.example/api'\nrequests_per_s = nan\nconnect_timeout_ms = 0\nheaders = { token = 'abc' }\nauth = { kind = 'basic', user = 'u' }\n";
    let (destination, problems) = read_text(&format!("{text}{TAKEN}"));
    assert!(destination.is_some(), "what can be read is");
    let first_lines: Vec<&str> = problems.iter().filter_map(|problem| problem.lines().next()).collect();
    assert_eq!(
        first_lines,
        [
            "d.toml:3:12: 错误: base_url 不是 http:// 或 https:// 开头的地址",
            "d.toml:6:21: 警告: 请求头 token 像是机密，不要明写：写成 env:变量名 或 file:路径",
            "d.toml:4:18: 错误: requests_per_s = NaN 不对：应大于 0，最多 1000000",
            "d.toml:5:22: 错误: connect_timeout_ms 必须大于 0",
            "d.toml:7:8: 错误: auth 的 password 与 passwords 必须写一个，且只写一个",
        ]
    );
}
