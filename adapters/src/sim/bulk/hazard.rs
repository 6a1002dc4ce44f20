//! A hazard in a park's words: 27 columns, about 1 kB, written straight as JSON. Its number says everything about it, so
//! that the same row is the same bytes every time.

use std::ops::Range;

use super::{AGAIN, BAD, Night};
use crate::sim::park::words;

const LEVELS: &[&str] = &["一般隐患", "一般隐患", "一般", "重大隐患"];
const WAYS: &[&str] = &["即查即改", "限期整改"];
const CATEGORIES: &[&str] = &["其他", "主要负责人登记", "操作负责人登记"];
const STATES: &[&str] = &["整改中", "待验收", "已验收"];
/// Companies of the park.
const COMPANIES: u64 = 300;

/// Writes rows, with commas between.
pub(super) fn write(out: &mut String, rows: Range<u64>, night: &Night) {
    let first = rows.start;
    for index in rows {
        if index > first {
            out.push(',');
        }
        row(out, index, night);
    }
}

/// Writes row `index`, or the one before it that is sent again in its place.
fn row(out: &mut String, index: u64, night: &Night) {
    let (again, back) = AGAIN;
    let own = if index % 50 == again { index - back } else { index };
    let dice = mixed(own);
    let mut row = Row { out, dice };
    row.ids(own);
    row.found(night.changes(own), night);
    row.people(own % 100 == BAD);
    row.written(night);
}

/// The row being written: column after column, each with the comma before it but the first.
struct Row<'o> {
    out: &'o mut String,
    dice: u64,
}

impl Row<'_> {
    fn ids(&mut self, own: u64) {
        let company = 100 + self.dice % COMPANIES;
        self.out.push_str("{\"ID\":\"");
        self.uuid(own);
        self.begin("CORP_CODE");
        self.company(company);
        self.begin("HAZARD_CODE");
        self.company(company);
        self.out.push_str("00");
        self.digit(1 + self.dice % 7);
        self.begin("MEASURE_ID");
        self.uuid(own / 8 + (1 << 40));
        self.begin("RECORD_ID");
        self.uuid(own + (1 << 41));
    }

    fn found(&mut self, changed: bool, night: &Night) {
        let (trouble, trade) = one_of(words::TROUBLES, self.dice >> 3);
        let number = 100 + (self.dice >> 7) % 400;
        self.begin("DANGER_NAME");
        self.trouble(number, trouble);
        self.pick("DANGER_LEVEL", LEVELS, 11);
        self.begin("REGIST_TIME");
        self.moment(2024, 0);
        self.pick("DANGER_SRC", words::SOURCES, 13);
        self.pick("MANAGE_TYPE", WAYS, 17);
        self.text("DANGER_TYPE", trade);
        self.begin("DANGER_DESC");
        self.out.push_str("现场检查发现");
        self.trouble(number, trouble);
        self.out.push_str("，已告知属地负责人并拍照留存，要求责任部门按期整改，整改前落实临时防控措施");
        if changed {
            self.out.push_str("；第");
            self.out.push_str(&night.number.to_string());
            self.out.push_str("夜复核");
        }
        self.pick("DANGER_REASON", words::REASONS, 19);
        self.pick("CATEGORY", CATEGORIES, 23);
    }

    fn people(&mut self, bad: bool) {
        self.person("REGISTRANT", 5);
        self.person("LIABLE_PERSON", 15);
        self.begin("DEADLINE");
        if bad {
            self.out.push_str("2024/6/31 9:30");
        } else {
            self.moment(2025, 1);
        }
        let state = one_of(STATES, self.dice >> 29);
        self.text("DANGER_STATE", state);
        self.pick("MANAGE_CLASS", words::MANAGED, 31);
        self.pick("LINK", words::LINKS, 37);
        if state == "已验收" {
            self.person("ACCEPT_PERSON", 25);
            self.begin("ACCEPT_TIME");
            self.moment(2025, 2);
        } else {
            self.text("ACCEPT_PERSON", "");
            self.text("ACCEPT_TIME", "");
        }
    }

    fn written(&mut self, night: &Night) {
        self.text("DEL_FLAG", "否");
        self.begin("CREATE_TIME");
        self.moment(2024, 1);
        self.person("CREATE_BY", 35);
        self.begin("UPDATE_TIME");
        if night.number > 1 {
            self.out.push_str(&night.began);
        } else {
            self.moment(2024, 0);
        }
        self.text("UPDATE_BY", "系统");
        self.out.push_str("\"}");
    }

    /// Ends the value before and begins a column's.
    fn begin(&mut self, column: &str) {
        self.out.push_str("\",\"");
        self.out.push_str(column);
        self.out.push_str("\":\"");
    }

    fn text(&mut self, column: &str, text: &str) {
        self.begin(column);
        self.out.push_str(text);
    }

    fn pick(&mut self, column: &str, words: &[&'static str], throw: u32) {
        self.text(column, one_of(words, self.dice >> throw));
    }

    fn person(&mut self, column: &str, throw: u32) {
        self.pick(column, words::SURNAMES, throw);
        self.out.push_str(one_of(words::GIVEN, self.dice >> (throw + 4)));
    }

    fn trouble(&mut self, number: u64, trouble: &str) {
        self.out.push_str("V-");
        self.digits(number, 3);
        self.out.push(' ');
        self.out.push_str(trouble);
    }

    fn company(&mut self, company: u64) {
        self.out.push_str("4109");
        self.digits(company, 5);
    }

    /// A moment of a year, in one of the three ways the park's hands write it.
    fn moment(&mut self, year: u64, turn: u64) {
        let (month, day) = (1 + (self.dice >> 8) % 12, 1 + (self.dice >> 12) % 28);
        let (hour, minute) = ((self.dice >> 17) % 24, (self.dice >> 22) % 60);
        match (self.dice / 7 + turn) % 3 {
            0 => self.spaced([year, month, day, hour, minute]),
            1 => self.compact([year, month, day, hour, minute]),
            _ => self.slashed([year, month, day, hour, minute]),
        }
    }

    /// `2024-06-03 06:16:00`
    fn spaced(&mut self, [year, month, day, hour, minute]: [u64; 5]) {
        self.digits(year, 4);
        for (mark, part) in [('-', month), ('-', day), (' ', hour), (':', minute), (':', 0)] {
            self.out.push(mark);
            self.digits(part, 2);
        }
    }

    /// `20240603061600`
    fn compact(&mut self, [year, month, day, hour, minute]: [u64; 5]) {
        self.digits(year, 4);
        for part in [month, day, hour, minute, 0] {
            self.digits(part, 2);
        }
    }

    /// `2024/6/3 6:16`
    fn slashed(&mut self, [year, month, day, hour, minute]: [u64; 5]) {
        self.digits(year, 4);
        for (mark, part) in [('/', month), ('/', day), (' ', hour)] {
            self.out.push(mark);
            self.digits(part, if part < 10 { 1 } else { 2 });
        }
        self.out.push(':');
        self.digits(minute, 2);
    }

    fn uuid(&mut self, number: u64) {
        let (high, low) = (mixed(number), mixed(number ^ u64::MAX));
        for place in 0..32_u32 {
            if matches!(place, 8 | 12 | 16 | 20) {
                self.out.push('-');
            }
            let half = if place < 16 { high } else { low };
            let nibble = u32::try_from((half >> (4 * (place % 16))) % 16).unwrap_or(0);
            self.out.push(char::from_digit(nibble, 16).unwrap_or('0'));
        }
    }

    fn digits(&mut self, number: u64, places: u32) {
        for place in (0..places).rev() {
            self.digit(number / 10_u64.pow(place) % 10);
        }
    }

    fn digit(&mut self, digit: u64) {
        let digit = u32::try_from(digit).unwrap_or(0);
        self.out.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

fn one_of<T: Copy + Default>(words: &[T], throw: u64) -> T {
    let place = throw.checked_rem(u64::try_from(words.len()).unwrap_or(1)).unwrap_or(0);
    usize::try_from(place).ok().and_then(|place| words.get(place)).copied().unwrap_or_default()
}

/// A number's own throw (`SplitMix64`).
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
