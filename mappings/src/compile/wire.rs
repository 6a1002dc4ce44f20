//! Reads of a `destination.toml` what bears on its outlets: the `[wire]` table.
//! Leaves everything else in it to the adapters and the gateway.

use chrono_tz::Tz;

use super::{
    reader::{Section, Text},
    shelf::{Shelf, Sort},
    sources::{STAND_IN, zone},
};
use crate::{
    image::Spelling,
    key::UuidForm,
    kind::{Field, Kind},
    length::Counting,
    parse::format::TimeFormat,
    problem::Problem,
    suggest::did_you_mean,
    value::FieldType,
};

/// How a destination spells things unless an outlet says otherwise.
pub(super) struct Wire {
    pub(super) uuid_form: UuidForm,
    pub(super) datetime: TimeFormat,
    pub(super) date: TimeFormat,
    pub(super) time: TimeFormat,
    pub(super) zone: Option<Tz>,
    /// Fields that go out in no outlet.
    pub(super) omit: Vec<String>,
    /// How its receiver counts lengths.
    pub(super) length: Counting,
    /// How its receiver wants images.
    pub(super) images: Spelling,
}

/// The `[wire]` of a destination; `None` when it has no `destination.toml`.
pub(super) fn read(
    shelf: &Shelf<'_>,
    destination: &str,
    kinds: &[Kind],
    problems: &mut Vec<Problem>,
) -> Option<Wire> {
    let sheet = shelf.find(Sort::Destination(destination))?;
    let root = sheet.root();
    let section = root.section("wire", problems);
    if let Some(section) = section {
        section
            .only(&["uuid_form", "datetime", "date", "time", "zone", "omit", "length", "images"], problems);
    }
    let mut of = |key: &str, usual: &str, field_type: FieldType| {
        let said = section.and_then(|section| section.text(key, problems));
        said.and_then(|text| format(text, field_type, problems)).or_else(|| TimeFormat::compile(usual).ok())
    };
    Some(Wire {
        datetime: of("datetime", "%Y-%m-%d %H:%M:%S", FieldType::DateTime)?,
        date: of("date", "%Y-%m-%d", FieldType::Date)?,
        time: of("time", "%H:%M:%S", FieldType::Time)?,
        uuid_form: uuid_form(section, problems),
        length: section.map(|section| length(section, problems)).unwrap_or_default(),
        images: section.map(|section| images(section, problems)).unwrap_or_default(),
        omit: section.map(|section| omit(section, kinds, problems)).unwrap_or_default(),
        zone: section
            .and_then(|section| section.text("zone", problems))
            .map(|text| zone(text, problems))
            .or_else(|| sheet.broken.then_some(STAND_IN)),
    })
}

/// A format a receiver wants for values of this type.
pub(super) fn format(
    text: Text<'_>,
    field_type: FieldType,
    problems: &mut Vec<Problem>,
) -> Option<TimeFormat> {
    let format = match TimeFormat::compile(text.value) {
        Ok(format) => format,
        Err(word) => {
            let hint = Some("可用：%Y %m %d %H %M %S %-H %.f %z %F %T %%，或 epoch_s、epoch_ms".to_owned());
            problems.push(text.error(format!("时间格式里不认识 {word}"), hint));
            return None;
        }
    };
    let counts = matches!(format, TimeFormat::EpochSeconds | TimeFormat::EpochMillis);
    if counts && field_type != FieldType::DateTime {
        problems.push(text.error(format!("{} 只用于 datetime", text.value), None));
        return None;
    }
    Some(format)
}

fn length(section: Section<'_>, problems: &mut Vec<Problem>) -> Counting {
    let Some(text) = section.text("length", problems) else { return Counting::default() };
    Counting::parse(text.value).unwrap_or_else(|| {
        let words = Counting::WORDS.map(|(word, _)| word).join("、");
        problems.push(text.error(format!("length 应当是 {words} 之一"), None));
        Counting::default()
    })
}

fn images(section: Section<'_>, problems: &mut Vec<Problem>) -> Spelling {
    let Some(text) = section.text("images", problems) else { return Spelling::default() };
    Spelling::parse(text.value).unwrap_or_else(|| {
        let words = Spelling::WORDS.map(|(word, _)| word).join("、");
        problems.push(text.error(format!("images 应当是 {words} 之一"), None));
        Spelling::default()
    })
}

fn omit(section: Section<'_>, kinds: &[Kind], problems: &mut Vec<Problem>) -> Vec<String> {
    let mut names = Vec::new();
    for name in section.texts("omit", problems) {
        let known = kinds.iter().any(|kind| kind.number(name.value).is_some());
        if known && name.value != "id" {
            names.push(name.value.to_owned());
        } else {
            let all = kinds.iter().flat_map(|kind| kind.fields().iter().map(Field::name));
            problems.push(
                name.error(format!("omit 里没有可省略的字段 {}", name.value), did_you_mean(name.value, all)),
            );
        }
    }
    names
}

fn uuid_form(section: Option<Section<'_>>, problems: &mut Vec<Problem>) -> UuidForm {
    let Some(text) = section.and_then(|section| section.text("uuid_form", problems)) else {
        return UuidForm::Plain;
    };
    match text.value {
        "plain" => UuidForm::Plain,
        "hyphens" => UuidForm::Hyphens,
        _ => {
            problems.push(text.error("uuid_form 应当是 plain 或 hyphens", None));
            UuidForm::Plain
        }
    }
}
