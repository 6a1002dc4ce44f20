//! What the receiver demands of each kind: required fields, code values, parents, lengths.
//! Source: national-model.md §1.2–1.9; required as YT says, else JDK8. Written here a second time on purpose: a
//! receiver that read the hub's own rules would agree with every error in them.

/// One path's demands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    pub(super) path: &'static str,
    pub(super) required: &'static [&'static str],
    /// Field and the values it may have.
    pub(super) codes: &'static [(&'static str, &'static [&'static str])],
    pub(super) moments: &'static [&'static str],
    /// Field and the path its parent was posted to.
    pub(super) parents: &'static [(&'static str, &'static str)],
    /// Field and its greatest length in characters.
    pub(super) lengths: &'static [(&'static str, usize)],
    /// Field and value that make other fields required.
    pub(super) conditions: &'static [Condition],
}

/// If `field` has one of `values`, all of `then` must be there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Condition {
    pub(super) field: &'static str,
    pub(super) values: &'static [&'static str],
    pub(super) then: &'static [&'static str],
}

/// Fields every kind has.
pub(super) const COMMON: Form = Form {
    path: "",
    required: &["id", "companyCode", "deleted", "createDate", "createBy", "updateDate", "updateBy"],
    codes: &[("deleted", &["0", "1"])],
    moments: &["createDate", "updateDate"],
    parents: &[],
    lengths: &[],
    conditions: &[],
};

/// The form of a path.
pub(super) fn of(path: &str) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.path == path)
}

const UNIT: &str = "sec_security_risk_unit";
const EVENT: &str = "sec_security_risk_events";
const MEASURE: &str = "sec_security_risk_control_measures";
const TASK: &str = "sec_hidden_check_mission";
const RECORD: &str = "sec_hidden_check_record";

const FORMS: &[Form] = &[
    Form {
        path: UNIT,
        required: &["hazardCode", "hazardDep", "hazardLiablePerson", "riskUnitName"],
        lengths: &[("hazardDep", 200), ("hazardLiablePerson", 20), ("riskUnitName", 200)],
        ..COMMON_ONLY
    },
    Form {
        path: EVENT,
        required: &["riskUnitId", "riskEventName"],
        parents: &[("riskUnitId", UNIT)],
        lengths: &[("riskEventName", 500)],
        ..COMMON_ONLY
    },
    Form {
        path: MEASURE,
        required: &["riskEventId", "dataSrc", "riskMeasureDesc"],
        codes: &[
            ("dataSrc", &["1", "2"]),
            ("classify1", &["1", "2", "3", "4"]),
            (
                "classify2",
                &[
                    "1-1", "1-2", "1-3", "1-4", "1-5", "2-1", "2-2", "2-3", "3-1", "3-2", "3-3", "3-4",
                    "4-1", "4-2", "4-3", "4-4", "4-5",
                ],
            ),
        ],
        parents: &[("riskEventId", EVENT)],
        lengths: &[("riskMeasureDesc", 4000), ("classify3", 100)],
        ..COMMON_ONLY
    },
    Form {
        path: TASK,
        required: &["riskMeasureId", "troubleshootContent", "checkCycle", "checkCycleUnit", "taskStartTime"],
        codes: &[
            ("checkCycleUnit", &["小时", "天", "月", "年"]),
            ("workDayType", &["0", "1", "2"]),
            ("workType", &["0", "1", "2", "3"]),
            ("taskNum", &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]),
        ],
        moments: &["taskStartTime"],
        parents: &[("riskMeasureId", MEASURE)],
        lengths: &[("troubleshootContent", 1000)],
        conditions: &[
            Condition {
                field: "checkCycleUnit", values: &["小时"], then: &["workStartTime", "workEndTime"]
            },
            Condition { field: "workType", values: &["1", "2", "3"], then: &["taskNum"] },
        ],
    },
    Form {
        path: RECORD,
        required: &["checkTaskId", "checkTime"],
        codes: &[("isDefend", &["0", "1"]), ("checkStatus", &["0", "1", "2", "3"])],
        moments: &["checkTime"],
        parents: &[("checkTaskId", TASK)],
        ..COMMON_ONLY
    },
    Form {
        path: "sec_hidden_danger_info",
        required: &[
            "hazardCode",
            "riskMeasureId",
            "checkRecordId",
            "dangerName",
            "dangerLevel",
            "registTime",
            "registrant",
            "dangerSrc",
            "dangerManageType",
            "hazardDangerType",
            "dangerDesc",
            "hazardCategory",
            "liablePerson",
            "dangerManageDeadline",
            "dangerState",
        ],
        codes: &[
            ("dangerLevel", &["0", "1"]),
            ("dangerSrc", &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]),
            ("dangerManageType", &["0", "1"]),
            ("hazardDangerType", &["1", "2", "3", "4", "5", "6", "7", "8"]),
            ("hazardCategory", &["0", "1", "2", "3"]),
            ("dangerState", &["0", "1", "9"]),
            ("managementClassification", &["1", "2", "3"]),
            ("occurrenceLink", &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]),
        ],
        moments: &["registTime", "dangerManageDeadline", "checkAcceptTime"],
        parents: &[("riskMeasureId", MEASURE), ("checkRecordId", RECORD)],
        lengths: &[
            ("dangerName", 300),
            ("registrant", 100),
            ("controlMeasures", 1000),
            ("cost", 100),
            ("liablePerson", 100),
            ("checkAcceptPerson", 50),
            ("checkAcceptComment", 1000),
        ],
        conditions: &[Condition {
            field: "dangerState",
            values: &["9"],
            then: &["checkAcceptPerson", "checkAcceptTime"],
        }],
    },
    Form {
        path: "sec_deactivated_maintenance_record",
        required: &["riskUnitId"],
        moments: &["stopStartTime", "stopEndTime"],
        parents: &[("riskUnitId", UNIT)],
        ..COMMON_ONLY
    },
];

/// Nothing beyond the common fields.
const COMMON_ONLY: Form =
    Form { path: "", required: &[], codes: &[], moments: &[], parents: &[], lengths: &[], conditions: &[] };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_seven_paths_and_every_parent_is_one_of_them_listed_before() {
        assert_eq!(FORMS.len(), 7);
        for (place, form) in FORMS.iter().enumerate() {
            for (field, parent) in form.parents {
                assert!(FORMS[..place].iter().any(|before| before.path == *parent), "{} {field}", form.path);
            }
        }
    }

    #[test]
    fn an_unknown_path_has_no_form() {
        assert!(of("sec_hidden_danger_info").is_some());
        assert!(of("").is_none());
        assert!(of("sec_nothing").is_none());
    }
}
