//! A roster as clerks write it: one line a subject in a span of days, its columns by their Chinese words. Each bad cell is told
//! with its place. Leaves what the lines change to `plan`.

use adapters::codec::xlsx::{Row, Sheet};
use chrono::NaiveDate;
use chrono_tz::Tz;
use mappings::Notation;

use super::{Said, Span, USCC};

/// What a subject may be, and whether that is a site.
pub const SORTS: [(&str, bool); 7] = [
    ("企业", false),
    ("厂区", true),
    ("矿山", true),
    ("尾矿库", true),
    ("库区", true),
    ("经营场所", true),
    ("其他场所", true),
];
/// Operating states that are offered; any other word is taken.
pub const STATES: [&str; 4] = ["生产", "停产", "在建", "关闭"];
/// How days are written.
const DAYS: [&str; 4] = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"];
/// Most characters of a cell.
const MOST: usize = 200;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// The name.
    Name,
    /// One of [`SORTS`].
    Sort,
    /// A code of this scheme.
    Code(String),
    /// Code of the administrative division.
    Region,
    /// The industry.
    Industry,
    /// The scale.
    Scale,
    /// The operating state.
    State,
    /// Credit code of the enterprise it belongs to.
    Parent,
    /// The first day.
    From,
    /// The last day.
    To,
}

/// The columns of a blank roster: their words, what they hold, what to write there.
pub const COLUMNS: [(&str, &str); 13] = [
    ("名称", "营业执照上的名称，或场所的名称；必填"),
    ("类型", "企业（法人），或它的一处场所；必填"),
    ("统一社会信用代码", "18 位，企业填；场所没有自己的，填上级企业信用代码"),
    ("化学品登记编码(9位)", "9 位数字"),
    ("矿山编码", "照矿山系统的写法"),
    ("平台代码:平台名", "某个平台给它的代码；把“平台名”换成平台的名字，可以有多列"),
    ("行政区划代码", "6 位（县级），或 9、12 位"),
    ("行业", ""),
    ("规模", ""),
    ("状态", "生产、停产、在建、关闭"),
    ("上级企业信用代码", "场所所属的企业，或上级企业；它要在名册里或在这张表里"),
    ("起", "这一行从哪天起是这样，如 2024-01-01；空着是一直如此"),
    ("止", "到哪天为止（含当天）；空着是没有期限"),
];

/// A code of a line, and the column it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The scheme.
    pub scheme: String,
    /// The code in its normal form.
    pub value: String,
    /// The column.
    pub column: usize,
}

/// One good line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number as people count.
    pub line: u32,
    /// What it says of the subject; its parent is not known yet.
    pub said: Said,
    /// Its codes, credit code first.
    pub codes: Vec<Code>,
    /// Credit code of the parent, and its column.
    pub parent: Option<(String, usize)>,
    /// When.
    pub span: Span,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The line; 0: no single one.
    pub line: u32,
    /// The column, where it is one cell.
    pub column: Option<usize>,
    /// What, in Chinese.
    pub what: String,
}

/// A sheet, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// Good lines.
    pub entries: Vec<Entry>,
    /// What is wrong with the others.
    pub faults: Vec<Fault>,
    /// What is worth a look, and stops nothing.
    pub notices: Vec<String>,
}

impl Column {
    /// What a column of this word holds; `None` where it is none of ours.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        let word: String = word.chars().filter(|c| !c.is_whitespace()).collect();
        let word = word.replace('（', "(").replace('）', ")").replace('：', ":");
        let scheme =
            |prefix: &str| word.strip_prefix(prefix).filter(|rest| !rest.is_empty()).map(str::to_owned);
        if let Some(platform) = scheme("平台代码:") {
            return Some(Self::Code(format!("platform:{platform}")));
        }
        if let Some(scheme) = scheme("标识:") {
            return Some(Self::Code(scheme));
        }
        Some(match word.as_str() {
            "名称" | "企业名称" | "单位名称" => Self::Name,
            "类型" => Self::Sort,
            "统一社会信用代码" => Self::Code(USCC.to_owned()),
            "化学品登记编码(9位)" | "化学品登记编码" => Self::Code("chem".to_owned()),
            "矿山编码" => Self::Code("mine".to_owned()),
            "行政区划代码" => Self::Region,
            "行业" => Self::Industry,
            "规模" => Self::Scale,
            "状态" => Self::State,
            "上级企业信用代码" => Self::Parent,
            "起" => Self::From,
            "止" => Self::To,
            _ => return None,
        })
    }
}

/// Reads a sheet; days are days of `zone`.
///
/// # Errors
/// In Chinese, when a column that every roster has is not there, or two hold the same.
pub fn read(sheet: &Sheet, zone: Tz) -> Result<Reading, String> {
    let columns: Vec<Option<Column>> = sheet.header.iter().map(|word| Column::of(word)).collect();
    for (needed, word) in [(Column::Name, "名称"), (Column::Sort, "类型")] {
        if !columns.contains(&Some(needed)) {
            return Err(format!(
                "工作表 {} 没有“{word}”这一列；空白名册：lianwang docs template roster",
                sheet.name
            ));
        }
    }
    for (at, column) in columns.iter().enumerate() {
        if column.is_some() && columns.iter().take(at).any(|other| other == column) {
            let word = sheet.header.get(at).map_or("", String::as_str);
            return Err(format!("工作表 {} 有两列都是“{word}”", sheet.name));
        }
    }
    let mut reading = Reading::default();
    for (word, column) in sheet.header.iter().zip(&columns) {
        if column.is_none() && !word.is_empty() {
            reading.notices.push(format!("不认识“{word}”这一列，没有用它"));
        }
    }
    for row in &sheet.rows {
        let mut line = Line { row, columns: &columns, faults: Vec::new(), notices: Vec::new() };
        let entry = line.entry(zone);
        reading.notices.append(&mut line.notices);
        match entry {
            Some(entry) if line.faults.is_empty() => reading.entries.push(entry),
            _ => reading.faults.append(&mut line.faults),
        }
    }
    Ok(reading)
}

struct Line<'a> {
    row: &'a Row,
    columns: &'a [Option<Column>],
    faults: Vec<Fault>,
    notices: Vec<String>,
}

impl Line<'_> {
    fn entry(&mut self, zone: Tz) -> Option<Entry> {
        let said = self.said();
        let codes = self.codes(said.as_ref().is_some_and(|said| said.is_site));
        let parent = self.parent();
        let span = self.span(zone);
        Some(Entry { line: self.row.number, said: said?, codes, parent, span: span? })
    }

    fn said(&mut self) -> Option<Said> {
        let (name, _) = self.text(&Column::Name);
        if name.is_empty() {
            self.wrong(&Column::Name, "没有名称");
        }
        let (sort, _) = self.text(&Column::Sort);
        let known = SORTS.iter().find(|(word, _)| *word == sort);
        if known.is_none() {
            let words = SORTS.map(|(word, _)| word).join("、");
            let what = if sort.is_empty() {
                "没有类型".to_owned()
            } else {
                format!("不认识的类型“{sort}”")
            };
            self.wrong(&Column::Sort, &format!("{what}，应当是 {words} 之一"));
        }
        let (region, _) = self.text(&Column::Region);
        if !region.is_empty() && !is_region(&region) {
            self.wrong(&Column::Region, &format!("“{region}”不是行政区划代码（6、9 或 12 位数字）"));
        }
        let mut other = |column| self.text(&column).0;
        let (industry, scale, state) = (other(Column::Industry), other(Column::Scale), other(Column::State));
        Some(Said { is_site: known?.1, sort, name, region, industry, scale, state, parent: None })
    }

    fn codes(&mut self, is_site: bool) -> Vec<Code> {
        let mut codes = Vec::new();
        for (at, column) in self.columns.iter().enumerate() {
            let Some(Column::Code(scheme)) = column else { continue };
            let text = self.cell(at);
            if text.is_empty() {
                continue;
            }
            let (value, fault) = checked(scheme, &text, is_site);
            if let Some(what) = fault {
                self.faults.push(Fault { line: self.row.number, column: Some(at), what });
                continue;
            }
            if scheme == USCC && Notation::Uscc.miscount(&value) {
                self.notices.push(format!("第 {} 行：信用代码 {value} 的校验码不对，照收", self.row.number));
            }
            codes.push(Code { scheme: scheme.clone(), value, column: at });
        }
        codes.sort_by_key(|code| code.scheme != USCC);
        if codes.is_empty() && self.faults.is_empty() {
            let what = "一个编码也没有，无从认出它的记录".to_owned();
            self.faults.push(Fault { line: self.row.number, column: None, what });
        }
        codes
    }

    fn parent(&mut self) -> Option<(String, usize)> {
        let (text, at) = self.text(&Column::Parent);
        let at = at.filter(|_| !text.is_empty())?;
        let value = Notation::Uscc.normal(&text);
        if let Some(what) = Notation::Uscc.fault(&value) {
            self.wrong(&Column::Parent, &format!("“{text}”{what}"));
            return None;
        }
        Some((value, at))
    }

    fn span(&mut self, zone: Tz) -> Option<Span> {
        let (from, to) = (self.day(&Column::From), self.day(&Column::To));
        let (from, to) = (from?, to?);
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            self.wrong(&Column::To, "“止”早于“起”");
            return None;
        }
        Some(Span::days(from, to, zone))
    }

    /// A day, if there is one; nothing where what stands there is none.
    #[expect(clippy::option_option, reason = "no day is not the same as a bad one")]
    fn day(&mut self, column: &Column) -> Option<Option<NaiveDate>> {
        let (text, _) = self.text(column);
        // a spreadsheet shows a day and holds a moment
        let day = text.split([' ', 'T']).next().unwrap_or_default();
        if day.is_empty() {
            return Some(None);
        }
        let found = DAYS.iter().find_map(|format| NaiveDate::parse_from_str(day, format).ok());
        if found.is_none() {
            self.wrong(column, &format!("“{text}”不是日期，写成 2024-01-01"));
        }
        found.map(Some)
    }

    /// The text of a column, and where it stands.
    fn text(&mut self, column: &Column) -> (String, Option<usize>) {
        let at = self.columns.iter().position(|known| known.as_ref() == Some(column));
        let text = at.map(|at| self.cell(at)).unwrap_or_default();
        if text.chars().count() > MOST {
            self.wrong(column, &format!("超过 {MOST} 个字"));
        }
        (text, at)
    }

    fn cell(&self, at: usize) -> String {
        let cell = self.row.cells.iter().find(|(column, ..)| *column == at);
        cell.map(|(_, text, _)| text.trim().to_owned()).unwrap_or_default()
    }

    fn wrong(&mut self, column: &Column, what: &str) {
        let column = self.columns.iter().position(|known| known.as_ref() == Some(column));
        self.faults.push(Fault { line: self.row.number, column, what: what.to_owned() });
    }
}

/// A code in its normal form, and what is wrong with it.
pub(super) fn checked(scheme: &str, text: &str, is_site: bool) -> (String, Option<String>) {
    let value = if scheme == USCC { Notation::Uscc.normal(text) } else { text.to_owned() };
    let fault = match scheme {
        USCC if is_site => Some("场所没有自己的信用代码，写到“上级企业信用代码”里".to_owned()),
        USCC => Notation::Uscc.fault(&value).map(|what| format!("“{text}”{what}")),
        "chem" if value.len() != 9 || !value.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(format!("“{text}”不是 9 位数字"))
        }
        _ if value.chars().count() > MOST => Some(format!("超过 {MOST} 个字")),
        _ => None,
    };
    (value, fault)
}

fn is_region(text: &str) -> bool {
    matches!(text.len(), 6 | 9 | 12) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
