//! One row of each table in the platform's words: labels where the national exchange has codes.

use chrono::TimeDelta;

use super::{
    super::dice::Dice,
    columns::{Draft, Node},
    words,
};

/// 企业
pub(super) fn firm(_: &Node, own: &Node, mut dice: Dice) -> Draft {
    let name = format!("濮阳演示{}{}有限公司", dice.pick(words::FIRMS), dice.pick(words::TRADES));
    let region = dice.pick(words::REGIONS);
    Draft::of(own, dice)
        .text("CORP_NAME", name)
        .text("CREDIT_CODE", credit_code(region, &own.company))
        .text("REGION_CODE", region)
        .text("INDUSTRY", "危险化学品")
}

/// 厂区
pub(super) fn site(firm: &Node, own: &Node, mut dice: Dice) -> Draft {
    let region = dice.pick(words::REGIONS);
    Draft::of(own, dice)
        .reference("FIRM_ID", firm.id)
        .text("SITE_NAME", "主厂区")
        .text("REGION_CODE", region)
        .text("INDUSTRY", "危险化学品")
        .text("OPEN_DATE", (own.born - TimeDelta::days(900)).format("%Y-%m-%d").to_string())
}

/// 风险分析对象
pub(super) fn object(_: &Node, own: &Node, dice: Dice) -> Draft {
    Draft::of(own, dice)
        .text("HAZARD_CODE", own.hazard.clone())
        .one_of("HAZARD_NAME", words::OBJECTS)
        .one_of("DEPT_NAME", words::DEPARTMENTS)
        .person("DUTY_PERSON")
        .mobile("DUTY_TEL")
        .one_of("RISK_LEVEL", &["重大风险", "较大风险"])
}

/// 风险分析单元
pub(super) fn unit(_: &Node, own: &Node, dice: Dice) -> Draft {
    Draft::of(own, dice)
        .text("HAZARD_CODE", own.hazard.clone())
        .one_of("DEPT_NAME", words::DEPARTMENTS)
        .person("DUTY_PERSON")
        .one_of("UNIT_NAME", words::UNITS)
        .one_of("RISK_LEVEL", &["重大风险", "较大风险", "一般风险", "低风险"])
}

/// 风险事件, assessed by LEC (possibility × exposure × consequence)
pub(super) fn event(unit: &Node, own: &Node, mut dice: Dice) -> Draft {
    let (possible, exposed, severe) = (1 + dice.below(6), 1 + dice.below(6), 7 * (1 + dice.below(5)));
    let danger = possible * exposed * severe;
    let level = match danger {
        321.. => "重大风险",
        161.. => "较大风险",
        71.. => "一般风险",
        _ => "低风险",
    };
    Draft::of(own, dice)
        .reference("UNIT_ID", unit.id)
        .one_of("EVENT_NAME", words::EVENTS)
        .text("ASSESS_METHOD", "LEC")
        .number("L_VALUE", possible)
        .number("E_VALUE", exposed)
        .number("C_VALUE", severe)
        .number("D_VALUE", danger)
        .text("RISK_LEVEL", level)
}

/// 管控措施
pub(super) fn measure(event: &Node, own: &Node, mut dice: Dice) -> Draft {
    let class = usize::try_from(dice.below(u32::try_from(words::CLASSES.len()).unwrap_or(1))).unwrap_or(0);
    let (first, second) = words::CLASSES.get(class).copied().unwrap_or_default();
    Draft::of(own, dice)
        .reference("EVENT_ID", event.id)
        .one_of("CONTROL_MODE", &["自动化监控", "隐患排查"])
        .one_of("MEASURE_DESC", words::MEASURES)
        .text("CLASSIFY_1", first)
        .text("CLASSIFY_2", second)
        .nothing("CLASSIFY_3")
        .one_of("CHECK_CONTENT", words::CONTENTS)
}

/// 排查任务: hourly ones have working hours, those of the responsible three have an item number
pub(super) fn task(measure: &Node, own: &Node, mut dice: Dice) -> Draft {
    let (unit, cycle) = (dice.pick(&["小时", "天", "天", "月", "年"]), 1 + dice.below(4));
    let kind = dice.pick(&["日常", "日常", "日常", "主要负责人", "技术负责人", "操作负责人"]);
    let draft = Draft::of(own, dice)
        .reference("MEASURE_ID", measure.id)
        .one_of("CHECK_CONTENT", words::CONTENTS)
        .count("CYCLE", cycle)
        .text("CYCLE_UNIT", unit)
        .moment("START_TIME", own.born)
        .one_of("WORKDAY_TYPE", &["每天", "法定工作日", "非法定工作日"])
        .text("TASK_TYPE", kind);
    let draft = match unit {
        "小时" => draft.text("WORK_BEGIN", "8:00:00").text("WORK_END", "18:00:00"),
        _ => draft.nothing("WORK_BEGIN").nothing("WORK_END"),
    };
    if kind == "日常" { draft.nothing("BB_ITEM") } else { draft.count("BB_ITEM", 1 + cycle) }
}

/// 排查记录
pub(super) fn record(task: &Node, own: &Node, mut dice: Dice) -> Draft {
    let device = format!("86{:06}{:07}", dice.below(1_000_000), dice.below(10_000_000));
    Draft::of(own, dice)
        .reference("TASK_ID", task.id)
        .moment("CHECK_TIME", own.born)
        .text("DEVICE_IMEI", device)
        .one_of("IS_BAOBAO", &["是", "否", "否"])
        .text("RESULT", if troubled(own) { "存在隐患" } else { "正常" })
        .mobile("CREATE_MOBILE")
        .mobile("UPDATE_MOBILE")
}

/// Whether a check found something: the record says so and a hazard follows.
pub(super) fn troubled(record: &Node) -> bool {
    record.id.as_u128().is_multiple_of(4)
}

/// 隐患
pub(super) fn hazard(record: &Node, own: &Node, mut dice: Dice) -> Draft {
    let found = usize::try_from(dice.below(u32::try_from(words::TROUBLES.len()).unwrap_or(1))).unwrap_or(0);
    let (trouble, trade) = words::TROUBLES.get(found).copied().unwrap_or_default();
    let (letter, number) = (dice.pick(&["V", "P", "E", "T", "C"]), 100 + dice.below(400));
    let name = format!("{letter}-{number} {trouble}");
    let state = dice.pick(&["整改中", "待验收", "已验收", "已验收"]);
    let cost = format!("0.{}万元", 1 + dice.below(9));
    let draft = Draft::of(own, dice)
        .text("HAZARD_CODE", own.hazard.clone())
        .reference("MEASURE_ID", own.measure)
        .reference("RECORD_ID", record.id)
        .text("DANGER_NAME", name.clone())
        .one_of("DANGER_LEVEL", &["一般隐患", "一般隐患", "一般", "重大隐患"])
        .moment("REGIST_TIME", own.born)
        .person("REGISTRANT")
        .one_of("DANGER_SRC", words::SOURCES)
        .one_of("MANAGE_TYPE", &["即查即改", "限期整改"])
        .text("DANGER_TYPE", trade)
        .text("DANGER_DESC", format!("现场检查发现{name}，已告知属地负责人"))
        .one_of("DANGER_REASON", words::REASONS)
        .one_of("CATEGORY", &["其他", "主要负责人登记", "操作负责人登记"])
        .nothing("CONTROL_MEASURES")
        .text("COST", cost)
        .person("LIABLE_PERSON")
        .moment("DEADLINE", own.born + TimeDelta::days(10))
        .text("DANGER_STATE", state)
        .one_of("MANAGE_CLASS", words::MANAGED)
        .one_of("LINK", words::LINKS);
    accepted(draft, own, state == "已验收")
}

fn accepted(draft: Draft, own: &Node, done: bool) -> Draft {
    if !done {
        return draft.nothing("ACCEPT_PERSON").nothing("ACCEPT_TIME").nothing("ACCEPT_COMMENT");
    }
    draft
        .person("ACCEPT_PERSON")
        .moment("ACCEPT_TIME", own.born + TimeDelta::days(6))
        .text("ACCEPT_COMMENT", "现场复核，整改完成")
}

/// 停用、检维修
pub(super) fn outage(unit: &Node, own: &Node, dice: Dice) -> Draft {
    Draft::of(own, dice)
        .text("HAZARD_CODE", own.hazard.clone())
        .reference("UNIT_ID", unit.id)
        .moment("STOP_BEGIN", own.born)
        .moment("STOP_END", own.born + TimeDelta::days(3))
        .one_of("STOP_REASON", words::STOPS)
}

/// A unified social credit code with right check characters (GB 32100-2015, GB 11714).
fn credit_code(region: &str, company: &str) -> String {
    let body: String = format!("{company:0>8}").chars().skip(1).take(8).collect();
    let organisation = format!("{body}{}", organisation_check(&body));
    let code = format!("91{region}{organisation}");
    format!("{code}{}", credit_check(&code))
}

fn organisation_check(body: &str) -> char {
    let weights = [3_u32, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 =
        body.chars().zip(weights).map(|(letter, weight)| letter.to_digit(36).unwrap_or(0) * weight).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    }
}

fn credit_check(code: &str) -> char {
    const LETTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let value = |letter: char| u32::try_from(LETTERS.find(letter).unwrap_or(0)).unwrap_or(0);
    let (sum, _) = code
        .chars()
        .fold((0, 1), |(sum, weight), letter| ((sum + value(letter) * weight) % 31, weight * 3 % 31));
    LETTERS.chars().nth(usize::try_from((31 - sum) % 31).unwrap_or(0)).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_characters_are_those_of_a_printed_code() {
        // domain/codes-and-rules.md 6.1
        assert_eq!(credit_check("91410000170001401"), 'D');
        assert_eq!(organisation_check("17000140"), '1');
        assert_eq!(credit_check("9144030071526726X"), 'G');
        assert_eq!(organisation_check("71526726"), 'X');
    }
}
