//! What is wrong with some rows, about one in a hundred over the whole park: the defects real parks send.

use serde_json::Value;

use super::columns::Draft;

/// Makes a bad row of a good one.
pub(super) type Spoil = fn(Draft) -> Draft;
/// One row in so many, and the defects in turn.
pub(super) type Dirt = (usize, &'static [Spoil]);

pub(super) const NONE: Dirt = (1, &[]);
pub(super) const UNIT: Dirt = (100, &[|row| row.spoilt("UNIT_NAME", Value::Null)]);
pub(super) const EVENT: Dirt = (100, &[|row| row.spoilt("EVENT_NAME", "  ".into())]);
pub(super) const MEASURE: Dirt =
    (100, &[|row| row.spoilt("MEASURE_DESC", "".into()), |row| row.spoilt("EVENT_ID", "见附件".into())]);
pub(super) const TASK: Dirt = (
    100,
    &[
        |row| row.spoilt("CYCLE_UNIT", "小时".into()).spoilt("WORK_BEGIN", Value::Null),
        |row| row.spoilt("ID", Value::Null),
        |row| row.spoilt("TASK_TYPE", "主要负责人".into()).spoilt("BB_ITEM", Value::Null),
        |row| row.spoilt("CYCLE", "每班".into()),
    ],
);
pub(super) const RECORD: Dirt = (
    100,
    &[
        |row| row.spoilt("CHECK_TIME", "2024-06-31 25:00:00".into()),
        |row| row.spoilt("TASK_ID", Value::Null),
        |row| row.spoilt("CHECK_TIME", "20241340080000".into()),
    ],
);
/// The level that is in nobody's table is not bad but unknown: a person has to decide.
pub(super) const HAZARD: Dirt = (
    20,
    &[
        |row| row.spoilt("DANGER_NAME", "".into()),
        |row| row.spoilt("DANGER_LEVEL", "特大隐患".into()),
        |row| row.spoilt("REGIST_TIME", "2024/6/31 9:30".into()),
        |row| row.spoilt("DANGER_STATE", "已验收".into()).spoilt("ACCEPT_PERSON", Value::Null),
        |row| row.spoilt("DANGER_LEVEL", "特大隐患".into()),
    ],
);
