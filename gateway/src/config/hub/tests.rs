//! `lianwang.toml`, said and unsaid.

use chrono_tz::Europe::Berlin;

use super::*;

fn hub(text: &str) -> (Hub, Vec<String>) {
    let file = RuleFile { path: FILE.to_owned(), text: text.to_owned() };
    let mut problems = Vec::new();
    let hub = read(Some(&file), &mut problems);
    (hub, problems.iter().map(ToString::to_string).collect())
}

fn problem(text: &str) -> String {
    let mut problems = hub(text).1;
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.remove(0)
}

#[test]
fn a_hub_needs_no_file() {
    let environment = Environment::default();
    let none = read(None, &mut Vec::new());
    assert_eq!((&none, &hub("").0), (&Hub::default(), &Hub::default()));
    assert_eq!(none.node(&environment).unwrap(), "hub");
    assert_eq!(none.listen(&environment).unwrap(), "127.0.0.1:8480");
    assert_eq!(none.store(&environment).unwrap(), None);
    assert_eq!((none.zone, none.repair_s), (Shanghai, 30));
    assert!(none.uses("national"));
}

#[test]
fn everything_can_be_said() {
    let (hub, problems) = hub(
        "node = 'env:NODE'\ntitle = '濮阳'\nzone = 'Europe/Berlin'\nlisten = '[::1]:80'\nstore = 'env:STORE'\nrepair_s = 5\ndestinations = ['national']",
    );
    assert_eq!(problems, [""; 0]);
    let environment =
        Environment::default().with("NODE", "hub-2").with("STORE", "postgres://u:secret@db/hub");
    assert_eq!(hub.node(&environment).unwrap(), "hub-2");
    assert_eq!(hub.store(&environment).unwrap().as_deref(), Some("postgres://u:secret@db/hub"));
    assert_eq!((hub.title.as_str(), hub.zone, hub.repair_s), ("濮阳", Berlin, 5));
    assert!(hub.uses("national") && !hub.uses("county"));
    assert!(hub.node(&Environment::default()).unwrap_err().what.contains("NODE"));
}

#[test]
fn each_wrong_value_is_said_at_its_place() {
    assert!(problem("nodes = 'x'").contains("lianwang.toml:1:1: 错误: 没有“nodes”这个键"));
    assert!(problem("\nzone = '北京'").contains("lianwang.toml:2:8: 错误: 不认识时区“北京”"));
    assert!(problem("node = ' '").contains("1:8: 错误: node 不能是空的"));
    assert!(problem("listen = 'localhost'").contains("1:10: 错误: listen 要写成“地址:端口”"));
    assert!(problem("listen = '0.0.0.0:80'").contains("1:10: 警告: 本机以外的人"));
    assert!(problem("repair_s = 0").contains("1:12: 错误: repair_s 必须大于 0"));
}

#[test]
fn a_password_does_not_belong_in_the_file() {
    for url in ["postgres://u:p@db/x", "postgres://u@db/x?password=p"] {
        let problem = problem(&format!("store = '{url}'"));
        assert!(problem.contains("数据库地址里有密码"), "{problem}");
    }
    for url in ["postgres://u@db:5432/x", "sqlite://hub.db", "env:STORE"] {
        assert_eq!(hub(&format!("store = '{url}'")).1, [""; 0], "{url}");
    }
}

#[test]
fn intake_stops_below_a_tenth_unless_another_share_is_said() {
    assert_eq!(hub("").0.disk, Disk { free_percent: 10, path: None });
    let said = hub("[disk]\nfree_percent = 0\npath = '/var/lib/postgresql'\n").0.disk;
    assert_eq!(said, Disk { free_percent: 0, path: Some("/var/lib/postgresql".into()) });
    assert!(problem("[disk]\nfree_percent = 100\n").contains("必须小于 100"));
}

#[test]
fn what_is_not_said_is_kept_for_ever_and_no_age_is_nought() {
    let (kept, problems) = hub("[retention]\nraw_days = 90\nissue_days = 365\n");
    assert_eq!(problems, [""; 0]);
    let wanted = Retention { raw_days: Some(90), version_days: None, issue_days: Some(365) };
    assert_eq!(kept.retention, wanted);
    assert_eq!(hub("").0.retention, Retention::default());
    let wrong = problem("[retention]\nversion_days = 0\n");
    assert!(wrong.contains("version_days 必须大于 0") && wrong.contains("lianwang.toml:2"), "{wrong}");
}
