//! Conditions as people would say them.

use crate::{
    condition::resolve::compile,
    tests::{compiled, small},
};

fn words(condition: &str) -> String {
    let kind = compiled(&small()).kind("note").unwrap().clone();
    compile(condition, kind.fields()).unwrap().words(kind.fields())
}

#[test]
fn fields_and_codes_are_told_by_their_labels() {
    for (condition, said) in [
        ("level == '1'", "等级为重大"),
        ("level != '1'", "等级不为重大"),
        ("level in ('0', '1')", "等级为一般或重大"),
        ("name in ('甲', '乙', '丙')", "名称为甲、乙或丙"),
        ("name present", "填写了名称"),
        ("name absent", "没有填写名称"),
        ("name starts_with '甲'", "名称以甲开头"),
        ("name starts_with company", "名称以企业开头"),
        ("name == company", "名称为企业"),
    ] {
        assert_eq!(words(condition), said, "{condition}");
    }
}

#[test]
fn times_are_earlier_and_numbers_less() {
    for (condition, said) in [
        ("count < 9", "数量小于9"),
        ("count >= cost", "数量不小于金额"),
        ("day < '2024-06-06'", "日期早于2024-06-06"),
        ("day >= at", "日期不早于时刻"),
        ("touched <= at", "更新时间不晚于时刻"),
        ("cost * 2 < 10", "金额×2小于10"),
        ("count == cost - (count + 1)", "数量等于金额－（数量＋1）"),
        ("count == (cost + 1) * 2 + count / cost", "数量等于（金额＋1）×2＋数量÷金额"),
    ] {
        assert_eq!(words(condition), said, "{condition}");
    }
}

#[test]
fn what_is_joined_stays_apart() {
    for (condition, said) in [
        ("level == '1' and name present", "等级为重大，且填写了名称"),
        ("level == '1' or name absent", "等级为重大，或没有填写名称"),
        ("(level == '1' or count > 1) and name present", "（等级为重大，或数量大于1），且填写了名称"),
        ("not level == '1'", "不是（等级为重大）"),
    ] {
        assert_eq!(words(condition), said, "{condition}");
    }
}
