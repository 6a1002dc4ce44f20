//! What the commands say at their end, and how they end.

use super::*;

#[test]
fn migrating_says_what_it_did_and_that_all_is_well() {
    assert_eq!(migrated(0), "表结构已是最新");
    assert_eq!(migrated(2), "执行了 2 步，表结构已是最新");
}

#[test]
fn what_another_system_did_wrong_is_a_remote_failure_each_on_its_line() {
    assert!(failing(&Done { records: 3, failures: Vec::new() }).is_ok());
    let failed = failing(&Done { records: 3, failures: vec!["甲".into(), "乙".into()] }).unwrap_err();
    assert!(matches!(&failed, Failure::Remote(what) if what == "甲\n乙"), "{failed}");
}
