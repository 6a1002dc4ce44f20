//! A busy afternoon of one hub, for the tests and for looking at the page.

use chrono::{DateTime, TimeDelta, Utc};

use crate::server::model::{
    Deliveries, DestinationStatus, Equations, Failure, Found, IssueLine, KindDeliveries, Progress,
    ServiceStatus, SourceStatus, Status,
};

pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_398_300, 0).unwrap()
}

fn ago(seconds: i64) -> DateTime<Utc> {
    now() - TimeDelta::seconds(seconds)
}

/// Two sources, one failing; two destinations; four issues; two pieces of work.
pub fn busy() -> Status {
    Status {
        node: "hub".to_owned(),
        version: "0.1.0".to_owned(),
        zone: "Asia/Shanghai".to_owned(),
        now: now(),
        revision: Some("9f2c41d07be35a10".to_owned()),
        found: found(48_213, 12_874, 34_902, 391, 46, 1_800),
        sources: vec![park(), mine()],
        destinations: vec![national(), county()],
        issues: issues(),
        progress: vec![
            Progress {
                what: "读取 濮阳化工园区 · 隐患信息".to_owned(), done: 3_150, total: Some(8_400)
            },
            Progress { what: "读取 某尾矿库平台 · 排查记录".to_owned(), done: 420, total: None },
        ],
        equations: Equations { checked: Some(ago(4)), broken: vec![] },
        look_alikes: 3,
        unknown_owners: 2,
        unattributed: 17,
        stopped: None,
        unfit: None,
    }
}

fn found(found: u64, accepted: u64, unchanged: u64, rejected: u64, held: u64, unjudged: u64) -> Found {
    Found { found, accepted, unchanged, rejected, held, unjudged }
}

fn park() -> SourceStatus {
    let service = |name: &str, title: &str, kind: &str, cursor: &str, found| ServiceStatus {
        name: name.to_owned(),
        title: title.to_owned(),
        kind: kind.to_owned(),
        cursor: Some(cursor.to_owned()),
        found,
        unknown_fields: 0,
    };
    SourceStatus {
        name: "puyang-park".to_owned(),
        title: "濮阳化工园区".to_owned(),
        found: found(47_101, 12_310, 34_388, 362, 41, 1_800),
        running: true,
        last_run: Some(ago(312)),
        next_run: Some(now() + TimeDelta::seconds(288)),
        over_limit: Vec::new(),
        held_sweeps: Vec::new(),
        last_error: None,
        services: vec![
            service("t_fxdy", "", "安全风险分析单元", "2026-11-23 14:30:12", 412),
            service("t_pcrw", "排查任务", "隐患排查任务", "第 9 页", 21_830),
            service("t_yhzlxx", "隐患治理信息", "隐患信息", "2026-11-23 14:41:57", 24_859),
        ],
    }
}

fn mine() -> SourceStatus {
    SourceStatus {
        name: "tailings".to_owned(),
        title: "某尾矿库平台".to_owned(),
        found: found(1_112, 564, 514, 29, 5, 0),
        last_run: Some(ago(4_020)),
        next_run: Some(now() + TimeDelta::seconds(41)),
        last_error: Some(Failure {
            at: ago(4_020),
            what: "GET /api/list ?page=3：HTTP 200，但回答是一个 HTML 页面（可能是登录页），不是 JSON；游标没有动".to_owned(),
        }),
        ..SourceStatus::default()
    }
}

fn deliveries(
    confirmed: u64,
    refused: u64,
    superseded: u64,
    due: u64,
    waiting: u64,
    sent: u64,
) -> Deliveries {
    let pending = due + waiting + sent;
    let owed = confirmed + refused + superseded + pending;
    Deliveries {
        owed,
        confirmed,
        refused,
        superseded,
        abandoned: 0,
        pending,
        due,
        waiting,
        sent,
        excluded: 3,
    }
}

fn kind(kind: &str, label: &str, deliveries: Deliveries) -> KindDeliveries {
    KindDeliveries { kind: kind.to_owned(), label: label.to_owned(), deliveries }
}

fn national() -> DestinationStatus {
    DestinationStatus {
        name: "national".to_owned(),
        title: "省厅平台（国家接口）".to_owned(),
        total: deliveries(12_120, 17, 402, 295, 20, 20),
        kinds: vec![
            kind("risk_unit", "安全风险分析单元", deliveries(412, 0, 2, 0, 0, 0)),
            kind("risk_event", "安全风险事件", deliveries(1_830, 3, 11, 0, 14, 0)),
            kind("hazard", "隐患信息", deliveries(9_878, 14, 389, 295, 6, 20)),
        ],
        unknown_batches: 1,
        last_confirmed: Some(ago(2)),
        next_attempt: Some(now() + TimeDelta::seconds(8)),
        last_error: None,
    }
}

fn county() -> DestinationStatus {
    DestinationStatus {
        name: "county".to_owned(),
        title: "县局前置机".to_owned(),
        total: deliveries(310, 0, 0, 0, 0, 0),
        last_confirmed: Some(ago(86_000)),
        ..DestinationStatus::default()
    }
}

fn issues() -> Vec<IssueLine> {
    let issue =
        |seconds, level: &str, code: &str, field: &str, value: &str, message: &str, advice: &str| IssueLine {
            at: ago(seconds),
            source: "濮阳化工园区".to_owned(),
            service: "t_yhzlxx".to_owned(),
            kind: "隐患信息".to_owned(),
            id: "0b6f8a1c3d5e4f708192a3b4c5d6e7f8".to_owned(),
            code: code.to_owned(),
            level: level.to_owned(),
            field: field.to_owned(),
            value: value.to_owned(),
            message: message.to_owned(),
            advice: advice.to_owned(),
        };
    vec![
        issue(
            21,
            "hold",
            "unknown-code",
            "隐患等级",
            "特大隐患",
            "代码表 puyang-danger-level 里没有这个值",
            "请在代码表里加一行，记录会自动放行",
        ),
        issue(
            58,
            "reject",
            "bad-date",
            "登记时间",
            "20240631250000",
            "不是存在的时间",
            "请来源系统改正登记时间后重新上报",
        ),
        issue(240, "reject", "required", "验收人", "", "隐患状态为 9 时必须填写", "请来源系统补填验收人"),
        issue(
            95_000,
            "warn",
            "deadline-before-registration",
            "治理期限",
            "2024-06-01",
            "治理期限早于登记时间",
            "请核对两个时间",
        ),
    ]
}
