//! Compiles the fields of a mapping: where a value comes from and how it is read.
//! Leaves the mapping's head to `mappings`.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use chrono::NaiveTime;
use chrono_tz::Tz;

use super::{
    contracts,
    fields::space,
    kinds::no_field,
    reader::{Entry, RuleText, Section, Text},
    tables::Tables,
};
use crate::{
    key::normal_id,
    kind::{Field, Kind},
    mapping::{
        contract::Contract,
        field::{FieldRule, Parse, Pick},
    },
    parse::{canonical, format::TimeFormat, moment::Clockwork},
    problem::Problem,
    table::SourceTable,
    value::{Canonical, FieldType, Typed},
};

const KEYS: [&str; 9] =
    ["from", "formats", "table", "default", "const", "id_space", "digest", "at", "contract"];

/// What the fields of a mapping are compiled with.
pub(super) struct Setting<'s> {
    pub(super) kind: &'s Kind,
    pub(super) tables: &'s Tables<'s>,
    pub(super) zone: Option<Tz>,
    /// Whether labels of codes are read beside the codes.
    pub(super) labels: bool,
    /// The space of a reference or of the id, by field.
    pub(super) space_of: &'s dyn Fn(&Field, Option<String>) -> String,
}

/// Compiled fields and what they read.
#[derive(Default)]
pub(super) struct FieldRules {
    pub(super) rules: Vec<FieldRule>,
    pub(super) paths: Vec<Box<str>>,
    pub(super) slots: FxHashMap<Box<str>, usize>,
    /// Source tables used.
    pub(super) tables: Vec<Arc<SourceTable>>,
    /// What fields say of themselves, by number.
    pub(super) contracts: Vec<(usize, Contract)>,
}

/// Where the fields stand that `[fields]` does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// Under their own names.
    Names,
    /// Under their labels, as in the first line of a workbook.
    Labels,
}

impl Rest {
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "names" => Some(Self::Names),
            "labels" => Some(Self::Labels),
            _ => None,
        }
    }
}

impl FieldRules {
    /// Adds every field of the kind that has no rule yet.
    pub(super) fn add_rest(&mut self, rest: Option<Rest>, setting: &Setting<'_>) {
        let Some(rest) = rest else { return };
        let (no_text, nothing) = (RuleText { path: "", text: "" }, toml::de::DeTable::new());
        let section = Section { file: &no_text, table: shorter(&nothing), at: 0 };
        for (number, field) in setting.kind.fields().iter().enumerate() {
            if self.rules.iter().any(|rule| rule.field == number) {
                continue;
            }
            let path = if rest == Rest::Names { field.name() } else { field.label() };
            if let Some(parse) = self.parse(section, field, setting, &mut Vec::new()) {
                let pick = Pick::From(self.slot(path));
                self.rules.push(FieldRule { field: number, pick, parse, default: None });
            }
        }
        self.rules.sort_by_key(|rule| rule.field);
    }

    /// Compiles `[fields]`; the rules come out in the order of the kind's fields.
    pub(super) fn compile(section: Section<'_>, setting: &Setting<'_>, problems: &mut Vec<Problem>) -> Self {
        let mut found = Self::default();
        for entry in section.entries() {
            let Some(number) = setting.kind.number(entry.key) else {
                let name = Text { file: entry.file, value: entry.key, at: entry.at };
                problems.push(no_field(name, setting.kind.fields()));
                continue;
            };
            if let Some(rule) = found.rule(entry, number, setting, problems) {
                found.rules.push(rule);
            }
        }
        found.rules.sort_by_key(|rule| rule.field);
        found
    }

    fn rule(
        &mut self,
        entry: Entry<'_>,
        number: usize,
        setting: &Setting<'_>,
        problems: &mut Vec<Problem>,
    ) -> Option<FieldRule> {
        let field = setting.kind.fields().get(number)?;
        if let Some(path) = entry.text() {
            let parse = self.plain(entry, field, setting, problems)?;
            return Some(FieldRule {
                field: number,
                pick: Pick::From(self.slot(path.value)),
                parse,
                default: None,
            });
        }
        let Some(section) = entry.section() else {
            problems.push(entry.error(format!("字段 {} 应当是路径，或 {{ from = … }}", entry.key), None));
            return None;
        };
        section.only(&KEYS, problems);
        self.contracts
            .extend(contracts::own(section, setting.kind, number, problems).map(|own| (number, own)));
        let parse = self.parse(section, field, setting, problems);
        let parse = parse?;
        let default = section.entry("default").and_then(|entry| value(entry, field, &parse, problems));
        let pick = self.pick(section, field, &parse, problems)?;
        Some(FieldRule { field: number, pick, parse, default })
    }

    /// A field that is only a path.
    fn plain(
        &mut self,
        entry: Entry<'_>,
        field: &Field,
        setting: &Setting<'_>,
        problems: &mut Vec<Problem>,
    ) -> Option<Parse> {
        let empty = toml::de::DeTable::new();
        let section = Section { file: entry.file, table: shorter(&empty), at: entry.at };
        self.parse(section, field, setting, problems)
    }

    fn pick(
        &mut self,
        section: Section<'_>,
        field: &Field,
        parse: &Parse,
        problems: &mut Vec<Problem>,
    ) -> Option<Pick> {
        let ways: Vec<Entry<'_>> =
            ["from", "digest", "const"].iter().filter_map(|key| section.entry(key)).collect();
        let [way] = ways.as_slice() else {
            problems.push(
                section.error(format!("字段 {} 要有 from、digest、const 之一，只要一个", field.name())),
            );
            return None;
        };
        match way.key {
            "from" => section.text("from", problems).map(|path| Pick::From(self.slot(path.value))),
            "const" => value(*way, field, parse, problems).map(Pick::Const),
            _ => {
                if field.field_type() != FieldType::Id {
                    problems.push(way.error("digest 只用于 id", None));
                    return None;
                }
                let paths = way.texts(problems);
                Some(Pick::Digest(paths.iter().map(|path| self.slot(path.value)).collect()))
            }
        }
    }

    fn slot(&mut self, path: &str) -> usize {
        if let Some(slot) = self.slots.get(path) {
            return *slot;
        }
        let slot = self.paths.len();
        self.paths.push(path.into());
        self.slots.insert(path.into(), slot);
        slot
    }

    fn parse(
        &mut self,
        section: Section<'_>,
        field: &Field,
        setting: &Setting<'_>,
        problems: &mut Vec<Problem>,
    ) -> Option<Parse> {
        let field_type = field.field_type();
        misplaced(section, field_type, problems);
        Some(match field_type {
            FieldType::Text => field.notation().map_or(Parse::Text, Parse::Notation),
            FieldType::Image => Parse::Image { links: field.links },
            FieldType::Int => Parse::Int,
            FieldType::Decimal => Parse::Decimal,
            FieldType::Id => Parse::Id { space: (setting.space_of)(field, space(section, problems)) },
            FieldType::Code => self.code(section, field, setting, problems)?,
            FieldType::DateTime => Parse::DateTime(clockwork(section, field, setting, problems)),
            FieldType::Date => Parse::Date(clockwork(section, field, setting, problems)),
            FieldType::Time => Parse::Time(clockwork(section, field, setting, problems)),
        })
    }

    fn code(
        &mut self,
        section: Section<'_>,
        field: &Field,
        setting: &Setting<'_>,
        problems: &mut Vec<Problem>,
    ) -> Option<Parse> {
        let table = field.table.clone()?;
        let from = match section.text("table", problems) {
            None => field.spellings.clone(),
            Some(name) => Some(setting.tables.source(name, &table, problems)?),
        };
        self.tables.extend(from.clone());
        // a table that a mapping names says all there is
        let labels = setting.labels && section.entry("table").is_none();
        Some(Parse::Code { from, table, labels })
    }
}

/// Attributes that only some types have.
fn misplaced(section: Section<'_>, field_type: FieldType, problems: &mut Vec<Problem>) {
    let fits = [
        ("formats", field_type.is_temporal()),
        ("at", field_type == FieldType::DateTime),
        ("table", field_type == FieldType::Code),
        ("id_space", field_type == FieldType::Id),
    ];
    for (key, fits) in fits {
        if let Some(entry) = section.entry(key).filter(|_| !fits) {
            problems.push(entry.error(format!("类型 {} 没有 {key}", field_type.word()), None));
        }
    }
}

/// A `default` or `const`, in canonical form.
fn value(entry: Entry<'_>, field: &Field, parse: &Parse, problems: &mut Vec<Problem>) -> Option<Canonical> {
    let text = entry.scalar();
    let found = text.as_deref().and_then(|text| match (parse, field.table()) {
        (Parse::Id { space }, _) => normal_id(space, text).map(Canonical::text),
        (_, Some(table)) => table.has(text).then(|| Canonical::text(text)),
        _ => canonical(field.field_type(), text),
    });
    if found.is_none() {
        let shape = match (field.field_type(), field.table()) {
            (_, Some(table)) => format!("可用：{}", table.shown()),
            (FieldType::DateTime, _) => "写作 2024-06-06T08:00:00+08:00".to_owned(),
            (FieldType::Date, _) => "写作 2024-06-06".to_owned(),
            (FieldType::Time, _) => "写作 08:00:00".to_owned(),
            _ => format!("字段 {} 是 {}", field.name(), field.field_type().word()),
        };
        problems.push(entry.error(format!("{} 应当是我们这边的值", entry.key), Some(shape)));
    }
    found
}

fn clockwork(
    section: Section<'_>,
    field: &Field,
    setting: &Setting<'_>,
    problems: &mut Vec<Problem>,
) -> Clockwork {
    let at = section.text("at", problems).and_then(|text| time_of_day(text, problems));
    let mut formats = Vec::new();
    for text in section.texts("formats", problems) {
        match TimeFormat::compile(text.value) {
            Ok(format) => formats.extend(fitting(text, format, field.field_type(), at, problems)),
            Err(word) => {
                let hint = Some("可用：%Y %m %d %H %M %S %.f %z %F %T %%，或 epoch_s、epoch_ms".to_owned());
                problems.push(text.error(format!("时间格式里不认识 {word}"), hint));
            }
        }
    }
    if section.entry("formats").is_none() {
        formats = usual(field.field_type());
    }
    let bare = formats.iter().any(|format| !format.has_offset());
    if bare && field.field_type() == FieldType::DateTime && setting.zone.is_none() {
        let hint = Some("在映射或 source.toml 里写 zone = \"Asia/Shanghai\"".to_owned());
        problems.push(section.file.error(section.at, format!("字段 {} 的时间没有时区", field.name()), hint));
    }
    Clockwork { formats, zone: setting.zone, at }
}

/// A format that says what the type needs.
fn fitting(
    text: Text<'_>,
    format: TimeFormat,
    field_type: FieldType,
    at: Option<NaiveTime>,
    problems: &mut Vec<Problem>,
) -> Option<TimeFormat> {
    let lacks_date = field_type != FieldType::Time && !format.has_date();
    let lacks_time = field_type != FieldType::Date && !format.has_time() && at.is_none();
    if lacks_date {
        problems.push(text.error("这个格式没有年月日", None));
    }
    if lacks_time {
        let hint = (field_type == FieldType::DateTime)
            .then(|| "只有日期时，用 at = \"23:59:59\" 说明算几点".to_owned());
        problems.push(text.error("这个格式没有钟点", hint));
    }
    (!lacks_date && !lacks_time).then_some(format)
}

/// What is read where a mapping names no formats: the spellings of the national exchange, and the canonical one.
fn usual(field_type: FieldType) -> Vec<TimeFormat> {
    let written: &[&str] = match field_type {
        FieldType::Date => &["%Y-%m-%d", "%Y%m%d"],
        FieldType::Time => &["%H:%M:%S", "%H:%M"],
        _ => &["%Y%m%d%H%M%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f%z"],
    };
    written.iter().filter_map(|format| TimeFormat::compile(format).ok()).collect()
}

fn time_of_day(text: Text<'_>, problems: &mut Vec<Problem>) -> Option<NaiveTime> {
    if let Some(Typed::Time(time)) = canonical(FieldType::Time, text.value).map(|value| value.typed) {
        return Some(time);
    }
    problems.push(text.error("at 应当是钟点", Some("写作 23:59:59".to_owned())));
    None
}

fn shorter<'s>(table: &'s toml::de::DeTable<'_>) -> &'s toml::de::DeTable<'s> {
    table
}

#[cfg(test)]
mod tests;
