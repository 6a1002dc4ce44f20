//! What decoding costs: one page of hazards in a park's words, bytes → records. Leaves finding the list in an answer and
//! everything after the record to others.

#![expect(clippy::panic, reason = "a measurement of broken records is none")]

use std::{fmt::Write as _, hint::black_box};

use adapters::{Decode, Part, codec::JsonRecords};
use criterion::{Criterion, Throughput};

/// Records of a page, as the bench of the whole path asks for.
const RECORDS: u32 = 4_000;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    decode(&mut criterion);
    criterion.final_summary();
}

fn decode(criterion: &mut Criterion) {
    let page = page();
    let part = Part { bytes: page.as_bytes(), first: 0, offset: 0 };
    assert_eq!(read(&part), RECORDS as usize * 27);
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(u64::from(RECORDS)));
    group.bench_function("page", |bencher| bencher.iter(|| read(black_box(&part))));
    group.finish();
}

/// How many values the part has.
fn read(part: &Part<'_>) -> usize {
    let fields = JsonRecords.decode(part).map(|record| match record {
        Ok(record) => black_box(record).fields.len(),
        Err(broken) => panic!("{}", broken.what),
    });
    fields.sum()
}

fn page() -> String {
    let mut page = String::new();
    for number in 0..RECORDS {
        if number > 0 {
            page.push(',');
        }
        row(&mut page, number);
    }
    page
}

/// 27 columns, about 1 kB; one text has escapes.
fn row(page: &mut String, number: u32) {
    let _ = write!(
        page,
        r#"{{"ID":"{number:08x}-a799-46ce-ace4-3933b15dee5d","CORP_CODE":"410900017","HAZARD_CODE":"410900017002","MEASURE_ID":"e1fcbed2-1a25-4ed5-b116-4cb53930876e","RECORD_ID":"F9803DB9CFF7449698900D32F114A648","DANGER_NAME":"V-{number} 可燃气体报警器示值漂移","DANGER_LEVEL":"重大隐患","REGIST_TIME":"2024/6/3 6:16","REGISTRANT":"登记人","DANGER_SRC":"管控措施失效","MANAGE_TYPE":"限期整改","DANGER_TYPE":"仪表","DANGER_DESC":"现场检查发现V-{number} 可燃气体报警器示值漂移，\n已告知属地负责人并拍照留存，要求责任部门按期整改","DANGER_REASON":"交接班未说明","CATEGORY":"主要负责人登记","LIABLE_PERSON":"责任人","DEADLINE":"20240613061600","DANGER_STATE":"已验收","MANAGE_CLASS":"物的不安全状态","LINK":"维护保养","ACCEPT_PERSON":"验收人","ACCEPT_TIME":"20240609061600","DEL_FLAG":"否","CREATE_TIME":"2024/6/2 7:50","CREATE_BY":"系统","UPDATE_TIME":"2024-06-02 07:57:00","UPDATE_BY":"系统"}}"#
    );
}
