//! The shipped kinds against the national model, field by field: type, length or table or parent, whom it shows.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::path::Path;

use mappings::{Field, FieldType, Kind, RuleFile, Rulebook};

fn rulebook() -> Rulebook {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["kinds", "profiles", "tables", "destinations/national"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            files.push(RuleFile {
                path: format!("{folder}/{name}"),
                text: std::fs::read_to_string(&path).unwrap(),
            });
        }
    }
    Rulebook::compile(&files).0.unwrap()
}

/// `name type detail mark` of a field.
fn line(field: &Field) -> String {
    let detail = match (field.table(), field.parent(), field.field_type()) {
        (Some(table), _, _) => table.name().to_owned(),
        (_, Some(parent), _) => parent.to_owned(),
        (_, _, FieldType::Text) => field.max().to_string(),
        _ => "-".to_owned(),
    };
    let mark = match (field.personal(), field.volatile()) {
        (Some(personal), true) => format!("{personal} volatile"),
        (Some(personal), false) => personal.to_owned(),
        (None, true) => "volatile".to_owned(),
        (None, false) => "-".to_owned(),
    };
    format!("{} {} {detail} {mark}", field.name(), field.field_type().word())
}

fn lines(kind: &Kind, skip: usize) -> Vec<String> {
    kind.fields().iter().skip(skip).map(line).collect()
}

/// What the province adds to the national hazard; `destination.toml` omits it all.
const PROVINCIAL: [&str; 9] = [
    "foundBy code found-by -",
    "safetyDayId id safety_day_report -",
    "riskStudyId id risk_study -",
    "dangerousWorkId id dangerous_work -",
    "supervisionCheckId id supervision_check -",
    "smallFirmCheckId id small_firm_check -",
    "majorBasis code major-basis -",
    "majorClause text 1000 -",
    "emergencyPlan text 1000 -",
];

/// Fields of `common`, then the place of an enterprise that an exchanged record belongs to.
const LOCATED: usize = COMMON.len() + 1;

const COMMON: [&str; 12] = [
    "id id - -",
    "companyCode text 9 -",
    "creditCode text 18 -",
    "mineCode text 50 -",
    "deleted code deleted -",
    "createDate datetime - -",
    "createBy text 100 name",
    "updateDate datetime - volatile",
    "updateBy text 100 name volatile",
    "isTest code yes-no -",
    "region text 12 -",
    "industry text 50 -",
];

const ASSESSMENT: [&str; 13] = [
    "riskLevel code risk-level -",
    "assessMethod code assess-method -",
    "lecL decimal - -",
    "lecE decimal - -",
    "lecC decimal - -",
    "lecD decimal - -",
    "lsL decimal - -",
    "lsS decimal - -",
    "lsR decimal - -",
    "controlLevel text 50 -",
    "assessPerson text 100 name",
    "assessDate date - -",
    "validUntil date - -",
];

#[test]
fn every_kind_carries_the_common_fields_first() {
    let book = rulebook();
    for kind in book.kinds() {
        let found: Vec<String> = kind.fields().iter().take(COMMON.len()).map(line).collect();
        match kind.name() {
            // its id is the hazardCode, its assessment group comes with the common fields
            "risk_object" => assert_eq!(found.first().map(String::as_str), Some("id id - -")),
            name => assert_eq!(found, COMMON, "{name}"),
        }
        assert_eq!(kind.as_of(), Some("updateDate"), "{}", kind.name());
    }
}

#[test]
fn the_assessment_group_is_on_object_unit_and_event_only() {
    let book = rulebook();
    for kind in book.kinds() {
        // a study or a place may have a level of its own: the group is how the level was come to
        let found = kind.fields().iter().map(line).skip_while(|line| line != ASSESSMENT[1]);
        let found = found.filter(|line| ASSESSMENT.contains(&line.as_str())).count();
        let expected = if matches!(kind.name(), "risk_object" | "risk_unit" | "risk_event") { 12 } else { 0 };
        assert_eq!(found, expected, "{}", kind.name());
    }
}

#[test]
fn unit() {
    let book = rulebook();
    let kind = book.kind("risk_unit").unwrap();
    assert_eq!(kind.label(), "安全风险分析单元");
    assert_eq!(kind.wire(), Some("sec_security_risk_unit"));
    assert_eq!(
        lines(kind, LOCATED + ASSESSMENT.len()),
        [
            "hazardCode id risk_object -",
            "hazardDep text 200 -",
            "hazardLiablePerson text 20 name",
            "riskUnitName text 200 -",
        ]
    );
}

#[test]
fn event() {
    let book = rulebook();
    let kind = book.kind("risk_event").unwrap();
    assert_eq!(kind.wire(), Some("sec_security_risk_events"));
    assert_eq!(
        lines(kind, LOCATED + ASSESSMENT.len()),
        ["riskUnitId id risk_unit -", "riskEventName text 500 -", "accidentType code accident-type -"]
    );
}

#[test]
fn control_measure() {
    let book = rulebook();
    let kind = book.kind("control_measure").unwrap();
    assert_eq!(kind.wire(), Some("sec_security_risk_control_measures"));
    assert_eq!(
        lines(kind, LOCATED),
        [
            "riskEventId id risk_event -",
            "dataSrc code control-mode -",
            "riskMeasureDesc text 4000 -",
            "classify1 code measure-class-1 -",
            "classify2 code measure-class-2 -",
            "classify3 text 100 -",
            "troubleshootContent text 4000 -",
        ]
    );
}

#[test]
fn check_task() {
    let book = rulebook();
    let kind = book.kind("check_task").unwrap();
    assert_eq!(kind.wire(), Some("sec_hidden_check_mission"));
    assert_eq!(
        lines(kind, LOCATED),
        [
            "riskMeasureId id control_measure -",
            "troubleshootContent text 1000 -",
            "checkCycle int - -",
            "checkCycleUnit code check-cycle-unit -",
            "taskStartTime datetime - -",
            "workStartTime time - -",
            "workEndTime time - -",
            "workDayType code work-day-type -",
            "workType code work-type -",
            "taskNum int - -",
        ]
    );
}

#[test]
fn check_record() {
    let book = rulebook();
    let kind = book.kind("check_record").unwrap();
    assert_eq!(kind.wire(), Some("sec_hidden_check_record"));
    assert_eq!(kind.volatile(), ["updateDate", "updateBy", "updateByMobile"]);
    assert_eq!(
        lines(kind, LOCATED),
        [
            "checkTaskId id check_task -",
            "checkTime datetime - -",
            "mobileMe text 100 other",
            "isDefend code yes-no -",
            "checkStatus code check-status -",
            "createByMobile text 20 phone",
            "updateByMobile text 20 phone volatile",
        ]
    );
}

#[test]
fn hazard() {
    let book = rulebook();
    let kind = book.kind("hazard").unwrap();
    assert_eq!(kind.wire(), Some("sec_hidden_danger_info"));
    assert_eq!(
        lines(kind, LOCATED).iter().rev().take(PROVINCIAL.len()).rev().collect::<Vec<_>>(),
        PROVINCIAL.iter().collect::<Vec<_>>()
    );
    let national = kind.fields().len() - LOCATED - PROVINCIAL.len();
    assert_eq!(
        lines(kind, LOCATED).into_iter().take(national).collect::<Vec<_>>(),
        [
            "hazardCode id risk_object -",
            "riskMeasureId id control_measure -",
            "checkRecordId id check_record -",
            "dangerName text 300 -",
            "dangerLevel code danger-level -",
            "registTime datetime - -",
            "registrant text 100 name",
            "dangerSrc code danger-source -",
            "enforcementId text 100 -",
            "dangerManageType code danger-manage-type -",
            "hazardDangerType code hazard-danger-type -",
            "dangerDesc text 4000 -",
            "dangerReason text 4000 -",
            "hazardCategory code hazard-category -",
            "controlMeasures text 1000 -",
            "cost text 100 -",
            "liablePerson text 100 name",
            "dangerManageDeadline datetime - -",
            "checkAcceptPerson text 50 name",
            "checkAcceptTime datetime - -",
            "checkAcceptComment text 1000 -",
            "dangerState code danger-state -",
            "managementClassification code management-classification -",
            "occurrenceLink code occurrence-link -",
            "attachments1 image - image",
            "attachments2 image - image",
            "attachments3 image - image",
            "attachmentsType text 200 -",
        ]
    );
}

#[test]
fn unit_outage() {
    let book = rulebook();
    let kind = book.kind("unit_outage").unwrap();
    assert_eq!(kind.wire(), Some("sec_deactivated_maintenance_record"));
    assert_eq!(
        lines(kind, LOCATED),
        [
            "hazardCode id risk_object -",
            "riskUnitId id risk_unit -",
            "stopStartTime datetime - -",
            "stopEndTime datetime - -",
            "stopReason text 1000 -",
            "startStopType text 50 -",
            "expireTime datetime - -",
            "operationStatus text 50 -",
            "startPersonName text 100 name",
            "startPersonMobile text 20 phone",
        ]
    );
}

#[test]
fn the_registers_above() {
    let book = rulebook();
    let enterprise = book.kind("enterprise").unwrap();
    assert_eq!(
        lines(enterprise, COMMON.len()),
        [
            "name text 200 -",
            "shortName text 100 -",
            "nrccCode text 50 -",
            "parentCode text 50 -",
            "parentName text 200 -",
            "industryCategory text 50 -",
            "industryClass text 50 -",
        ]
    );
    let site = book.kind("site").unwrap();
    assert_eq!(
        lines(site, COMMON.len()),
        [
            "enterpriseId id enterprise -",
            "name text 200 -",
            "siteType text 50 -",
            "address text 500 -",
            "startDate date - -",
            "endDate date - -",
            "regionDate date - -",
            "industryCode text 50 -",
            "industryDate date - -",
            "scale code enterprise-scale -",
            "scaleDate date - -",
            "operatingState code operating-state -",
            "operatingStateDate date - -",
            "platformRegistered code yes-no -",
            "platformRegisteredDate date - -",
            "platformOnline code yes-no -",
            "platformOnlineDate date - -",
            "subordination code subordination -",
            "subordinationDate date - -",
            "reportingUnit code reporting-unit -",
            "reportingUnitDate date - -",
            "town text 100 -",
            "townDate date - -",
            "village text 100 -",
            "villageDate date - -",
            "park text 100 -",
            "parkDate date - -",
            "longitude decimal - -",
            "latitude decimal - -",
            "pilotMark code pilot-mark -",
            "pilotDate date - -",
            "demoProduction code yes-no -",
            "demoFire code yes-no -",
            "demoGas code yes-no -",
            "demoConstruction code yes-no -",
            "demoDate date - -",
        ]
    );
    let object = book.kind("risk_object").unwrap();
    assert_eq!(
        (object.wire(), object.id_space(), object.origin_elsewhere()),
        (None, Some("registered"), true)
    );
    assert_eq!(object.parents().collect::<Vec<_>>(), [("enterpriseId", "enterprise")]);
    for name in ["hazardName", "hazardDep", "hazardLiablePerson", "hazardLiablePhone", "riskLevel", "isTest"]
    {
        assert!(object.field(name).is_some(), "{name}");
    }
}

/// Codes and labels of a table, as the field of a kind shows them.
fn codes(kind: &str, field: &str) -> Vec<String> {
    let book = rulebook();
    let table = book.kind(kind).unwrap().field(field).unwrap().table().unwrap();
    table.codes().map(|(code, label)| format!("{code} {label}")).collect()
}

#[test]
fn codes_of_the_risk_list() {
    assert_eq!(codes("risk_unit", "deleted"), ["0 正常", "1 已删除"]);
    assert_eq!(codes("risk_unit", "riskLevel"), ["1 重大风险", "2 较大风险", "3 一般风险", "4 低风险"]);
    let methods: Vec<String> = codes("risk_event", "assessMethod")
        .iter()
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(methods, ["LEC", "LS", "JHA", "SCL", "HAZOP", "direct"]);
    assert_eq!(codes("control_measure", "dataSrc"), ["1 自动化监控", "2 隐患排查"]);
    assert_eq!(
        codes("control_measure", "classify1"),
        ["1 工程技术", "2 维护保养", "3 操作行为", "4 应急措施"]
    );
    assert_eq!(
        codes("control_measure", "classify2"),
        [
            "1-1 工艺控制",
            "1-2 关键设备/部件",
            "1-3 安全附件",
            "1-4 安全仪表",
            "1-5 其它",
            "2-1 动设备",
            "2-2 静设备",
            "2-3 其它",
            "3-1 人员资质",
            "3-2 操作记录",
            "3-3 交接班",
            "3-4 其它",
            "4-1 应急设施",
            "4-2 个体防护",
            "4-3 消防设施",
            "4-4 应急预案",
            "4-5 其它",
        ]
    );
}

#[test]
fn codes_of_checks() {
    assert_eq!(codes("check_task", "checkCycleUnit"), ["小时 小时", "天 天", "月 月", "年 年"]);
    assert_eq!(codes("check_task", "workDayType"), ["0 每天", "1 法定工作日", "2 非法定工作日"]);
    assert_eq!(codes("check_task", "workType"), ["0 日常", "1 主要负责人", "2 技术负责人", "3 操作负责人"]);
    assert_eq!(codes("check_record", "isDefend"), ["0 否", "1 是"]);
    assert_eq!(codes("check_record", "checkStatus"), ["0 正常", "1 存在隐患", "2 未排查", "3 其他"]);
}

#[test]
fn codes_of_hazards() {
    assert_eq!(codes("hazard", "dangerLevel"), ["0 一般隐患", "1 重大隐患"]);
    assert_eq!(codes("hazard", "dangerState"), ["0 整改中", "1 待验收", "9 已验收"]);
    assert_eq!(codes("hazard", "dangerManageType"), ["0 即查即改", "1 限期整改"]);
    assert_eq!(
        codes("hazard", "dangerSrc"),
        [
            "1 日常排查",
            "2 综合性排查",
            "3 专业性排查",
            "4 季节性排查",
            "5 重点时段及节假日前排查",
            "6 事故类比排查",
            "7 复产复工前排查",
            "8 外聘专家诊断式排查",
            "9 管控措施失效",
            "10 其他",
        ]
    );
    assert_eq!(
        codes("hazard", "hazardDangerType"),
        ["1 安全", "2 工艺", "3 电气", "4 仪表", "5 消防", "6 总图", "7 设备", "8 其他"]
    );
    assert_eq!(
        codes("hazard", "hazardCategory"),
        ["0 其他", "1 主要负责人登记", "2 技术负责人登记", "3 操作负责人登记"]
    );
    assert_eq!(
        codes("hazard", "managementClassification"),
        ["1 人的不安全行为", "2 物的不安全状态", "3 管理上的缺陷"]
    );
    assert_eq!(
        codes("hazard", "occurrenceLink"),
        [
            "1 设计",
            "2 产品质量缺陷",
            "3 仓储",
            "4 项目施工",
            "5 开停车",
            "6 使用操作",
            "7 维护保养",
            "8 维修",
            "9 变更",
            "10 运输",
        ]
    );
}
