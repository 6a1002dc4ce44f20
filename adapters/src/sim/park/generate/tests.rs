//! That a generated park is the same every time and as dirty as it says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::*;

const ALL: [&str; 10] =
    ["t_qyxx", "t_cqxx", "t_fxdx", "t_fxdy", "t_fxsj", "t_gkcs", "t_pcrw", "t_pcjl", "t_yhzlxx", "t_tyjx"];
/// Column of the parent's id, table, parent's table.
const PARENTS: [(&str, &str, &str); 8] = [
    ("FIRM_ID", "t_cqxx", "t_qyxx"),
    ("UNIT_ID", "t_fxsj", "t_fxdy"),
    ("EVENT_ID", "t_gkcs", "t_fxsj"),
    ("MEASURE_ID", "t_pcrw", "t_gkcs"),
    ("TASK_ID", "t_pcjl", "t_pcrw"),
    ("MEASURE_ID", "t_yhzlxx", "t_gkcs"),
    ("RECORD_ID", "t_yhzlxx", "t_pcjl"),
    ("UNIT_ID", "t_tyjx", "t_fxdy"),
];

fn park(clean: bool) -> BTreeMap<&'static str, Vec<(Row, Value)>> {
    let parsed = |row: Row| {
        let value = serde_json::from_str(&row.text).unwrap();
        (row, value)
    };
    generate(1, 12, clean)
        .into_iter()
        .map(|table| (table.name, table.rows.into_iter().map(parsed).collect()))
        .collect()
}

fn column<'r>(row: &'r (Row, Value), name: &str) -> &'r str {
    row.1.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn the_same_seed_gives_the_same_park_and_another_another() {
    assert_eq!(generate(1, 3, false), generate(1, 3, false));
    assert_ne!(generate(1, 3, false), generate(2, 3, false));
    let names: Vec<&str> = generate(1, 1, false).iter().map(|table| table.name).collect();
    assert_eq!(names, ALL);
}

#[test]
fn every_reference_of_a_clean_park_is_met_and_every_key_is_its_own() {
    let park = park(true);
    let keys = |table: &str| park[table].iter().map(|(row, _)| row.key()).collect::<BTreeSet<_>>();
    for table in ALL {
        assert_eq!(keys(table).len(), park[table].len(), "{table}");
        assert!(park[table].iter().all(|(row, _)| row.from_pass == 1 && row.key().len() == 32), "{table}");
    }
    for (name, table, above) in PARENTS {
        let known = keys(above);
        for row in &park[table] {
            let key = column(row, name).replace('-', "").to_lowercase();
            assert!(known.contains(&key), "{table}.{name} {key}");
        }
    }
}

#[test]
fn codes_of_the_registration_system_have_their_form() {
    for (table, rows) in park(true) {
        for row in &rows {
            let (company, hazard) = (column(row, "CORP_CODE"), column(row, "HAZARD_CODE"));
            assert!(company.len() == 9 && company.starts_with("4109"), "{table} {company}");
            assert!(
                hazard.is_empty() || hazard.len() == 12 && hazard.starts_with(company),
                "{table} {hazard}"
            );
        }
    }
}

#[test]
fn the_dirt_of_a_real_park_is_there() {
    let (dirty, clean) = (park(false), park(true));
    let count = |table: &str, test: &dyn Fn(&(Row, Value)) -> bool| {
        dirty[table].iter().filter(|row| test(row)).count()
    };
    assert!(count("t_yhzlxx", &|row| column(row, "DANGER_LEVEL") == "特大隐患") >= 2);
    assert!(count("t_yhzlxx", &|row| column(row, "DANGER_NAME").is_empty()) >= 1);
    let no_acceptor = |row: &(Row, Value)| {
        column(row, "DANGER_STATE") == "已验收" && column(row, "ACCEPT_PERSON").is_empty()
    };
    assert!(count("t_yhzlxx", &no_acceptor) >= 1);
    assert!(count("t_pcjl", &|row| column(row, "CHECK_TIME") == "2024-06-31 25:00:00") >= 1);
    assert!(count("t_pcrw", &|row| row.0.id.is_empty()) >= 1);
    assert_eq!(count("t_fxdy", &|row| row.0.from_pass == 2), 1);

    let rows = |park: &BTreeMap<&str, Vec<(Row, Value)>>| park.values().map(Vec::len).sum::<usize>();
    let distinct: BTreeSet<String> = dirty.values().flatten().map(|(row, _)| row.digest()).collect();
    let again = rows(&dirty) - distinct.len();
    assert!((10..=30).contains(&(again * 1000 / rows(&dirty))), "{again} of {}", rows(&dirty));
    assert!(rows(&clean) > 1_000, "{}", rows(&clean));
}

#[test]
fn the_late_unit_has_events_at_once_and_nothing_below_them() {
    let park = park(false);
    let late = park["t_fxdy"].iter().find(|(row, _)| row.from_pass == 2).map(|(row, _)| row.key()).unwrap();
    let key = |row: &(Row, Value), name: &str| column(row, name).replace('-', "").to_lowercase();
    let events: BTreeSet<String> =
        park["t_fxsj"].iter().filter(|row| key(row, "UNIT_ID") == late).map(|(row, _)| row.key()).collect();
    assert!(!events.is_empty());
    assert!(park["t_gkcs"].iter().all(|row| !events.contains(&key(row, "EVENT_ID"))));
}

#[test]
fn moments_are_written_in_three_ways_and_ids_in_three_spellings() {
    let park = park(true);
    let shape =
        |text: &str| text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect::<String>();
    let shapes: BTreeSet<String> =
        park["t_pcjl"].iter().map(|row| shape(column(row, "CHECK_TIME"))).collect();
    for wanted in ["9999-99-99 99:99:99", "99999999999999", "9999/9/9 9:99"] {
        assert!(shapes.contains(wanted), "{shapes:?}");
    }
    let spelling = |row: &(Row, Value)| (row.0.id.len(), row.0.id.contains(|c: char| c.is_ascii_uppercase()));
    let spellings: BTreeSet<(usize, bool)> = park["t_pcjl"].iter().map(spelling).collect();
    assert_eq!(spellings, BTreeSet::from([(32, false), (32, true), (36, false)]));
}

#[test]
fn whatever_the_seed_and_size_the_park_hangs_together() {
    for (seed, enterprises) in [(0, 1), (u64::MAX, 2), (20_240_601, 5)] {
        let tables = generate(seed, enterprises, true);
        let keys: BTreeMap<&str, BTreeSet<String>> =
            tables.iter().map(|table| (table.name, table.rows.iter().map(Row::key).collect())).collect();
        assert_eq!(keys["t_qyxx"].len(), usize::try_from(enterprises).unwrap());
        for (name, table, above) in PARENTS {
            for row in &tables.iter().find(|held| held.name == table).unwrap().rows {
                let value: Value = serde_json::from_str(&row.text).unwrap();
                let key = value[name].as_str().unwrap().replace('-', "").to_lowercase();
                assert!(keys[above].contains(&key), "seed {seed}: {table}.{name}");
            }
        }
    }
    assert!(generate(1, 0, false).iter().all(|table| table.rows.is_empty()));
}

#[test]
fn a_clean_park_has_only_labels_the_demo_knows() {
    let tables = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../mappings/tables");
    let known = |table: &str| {
        let text = std::fs::read_to_string(tables.join(format!("demo-park-{table}.csv"))).unwrap();
        let labels = text.lines().filter(|line| !line.starts_with('#')).skip(1);
        labels.map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect::<BTreeSet<_>>()
    };
    let park = park(true);
    for (service, name, table) in [
        ("t_fxdx", "RISK_LEVEL", "risk-level"),
        ("t_fxdy", "RISK_LEVEL", "risk-level"),
        ("t_fxsj", "RISK_LEVEL", "risk-level"),
        ("t_gkcs", "CONTROL_MODE", "control-mode"),
        ("t_gkcs", "CLASSIFY_1", "classify1"),
        ("t_gkcs", "CLASSIFY_2", "classify2"),
        ("t_pcrw", "WORKDAY_TYPE", "workday"),
        ("t_pcrw", "TASK_TYPE", "task-type"),
        ("t_pcjl", "RESULT", "check-result"),
        ("t_pcjl", "IS_BAOBAO", "yes-no"),
        ("t_yhzlxx", "DANGER_LEVEL", "danger-level"),
        ("t_yhzlxx", "DANGER_SRC", "danger-source"),
        ("t_yhzlxx", "MANAGE_TYPE", "manage-type"),
        ("t_yhzlxx", "DANGER_TYPE", "danger-type"),
        ("t_yhzlxx", "CATEGORY", "danger-category"),
        ("t_yhzlxx", "DANGER_STATE", "danger-state"),
        ("t_yhzlxx", "MANAGE_CLASS", "manage-class"),
        ("t_yhzlxx", "LINK", "link"),
    ] {
        let labels: BTreeSet<String> = park[service].iter().map(|row| column(row, name).to_owned()).collect();
        assert!(labels.is_subset(&known(table)), "{service}.{name}: {labels:?}");
        assert!(labels.len() > 1, "{service}.{name} says always the same");
    }
}

#[test]
fn codes_agree_with_their_parents() {
    let park = park(true);
    let of = |row: &(Row, Value), name: &str| column(row, name).replace('-', "").to_lowercase();
    let companies = |table: &str| -> BTreeMap<String, String> {
        park[table].iter().map(|row| (row.0.key(), column(row, "CORP_CODE").to_owned())).collect()
    };
    for (name, table, above) in PARENTS {
        let above = companies(above);
        for row in &park[table] {
            assert_eq!(above[&of(row, name)], column(row, "CORP_CODE"), "{table}.{name}");
        }
    }
    for row in &park["t_gkcs"] {
        assert!(column(row, "CLASSIFY_2").starts_with(column(row, "CLASSIFY_1")));
    }
    for row in &park["t_pcrw"] {
        let has = |name: &str| row.1.get(name).is_some_and(|value| !value.is_null() && *value != "");
        assert_eq!(has("WORK_BEGIN") && has("WORK_END"), column(row, "CYCLE_UNIT") == "小时");
        assert_eq!(has("BB_ITEM"), column(row, "TASK_TYPE") != "日常");
    }
    for row in &park["t_yhzlxx"] {
        let has = !column(row, "ACCEPT_PERSON").is_empty() && !column(row, "ACCEPT_TIME").is_empty();
        assert_eq!(has, column(row, "DANGER_STATE") == "已验收");
    }
}
