//! `lianwang docs`: what the rules say, for people and for other programs. All of it is made from the compiled rules.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use adapters::codec::xlsx::{Blank, Column, blank};
use mappings::{Field, FieldType, Kind, Profile};

use super::{
    Failure, Outcome,
    arguments::{Docs, Place},
    open,
};
use crate::{config::Compiled, roster::sheet};

pub(super) fn docs(place: &Place, asked: &Docs) -> Outcome {
    let compiled = open::load(open::directory(place).as_deref(), "什么都没有做")?;
    match asked {
        Docs::Schema { kind } => schema(&compiled, kind.as_deref()),
        Docs::JsonSchema { kind, profile } => json_schema(&compiled, kind, profile.as_deref()),
        Docs::Template { kind, profile, out } => {
            template(&compiled, kind, profile.as_deref(), out.as_deref())
        }
        Docs::Personal { kind } => personal(&compiled, kind.as_deref()),
    }
}

fn schema(compiled: &Compiled, kind: Option<&str>) -> Outcome {
    let page = match kind {
        Some(kind) => {
            open::plain(compiled, kind, None)?;
            compiled.rulebook.schema_part(kind).unwrap_or_default()
        }
        None => compiled.rulebook.schema_page(),
    };
    write!(io::stdout(), "{page}").map_err(Failure::from)
}

fn json_schema(compiled: &Compiled, kind: &str, profile: Option<&str>) -> Outcome {
    open::plain(compiled, kind, profile)?;
    let schema = compiled.rulebook.json_schema(kind, profile);
    let json = serde_json::to_string_pretty(&schema).map_err(|error| Failure::Check(error.to_string()))?;
    writeln!(io::stdout(), "{json}")?;
    Ok(())
}

fn template(compiled: &Compiled, kind: &str, profile: Option<&str>, out: Option<&Path>) -> Outcome {
    if kind == "roster" {
        let file = written("名册", roster_columns(), out)?;
        writeln!(io::stdout(), "已写好 {file}。填好后：lianwang roster take {file}")?;
        return Ok(());
    }
    open::plain(compiled, kind, profile)?;
    let profile = compiled.rulebook.profiles().iter().find(|known| Some(known.name()) == profile);
    let Some(shape) = compiled.rulebook.kind(kind) else { return Ok(()) };
    let columns = shape.fields().iter().map(|field| column(shape, profile, field)).collect();
    let file = written(shape.label(), columns, out)?;
    writeln!(
        io::stdout(),
        "已写好 {file}，{} 列。填好后：lianwang inspect {file} --kind {kind}",
        shape.fields().len()
    )?;
    Ok(())
}

/// Writes a blank workbook where no file is yet; its path for people.
fn written(title: &str, columns: Vec<Column>, out: Option<&Path>) -> Result<String, Failure> {
    let bytes = blank(&Blank { title: title.to_owned(), columns }).map_err(Failure::Check)?;
    let file = out.map_or_else(|| PathBuf::from(format!("{title}.xlsx")), Path::to_path_buf);
    if file.exists() {
        return Err(Failure::Usage(format!(
            "已经有文件 {}，没有改它；用 --out 另起一个名字",
            file.display()
        )));
    }
    std::fs::write(&file, bytes).map_err(|error| {
        Failure::Usage(format!("写不了 {}：{}", file.display(), adapters::os_error::said(&error)))
    })?;
    Ok(file.display().to_string())
}

fn roster_columns() -> Vec<Column> {
    let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect();
    let column = |(header, explanation): (&str, &str)| Column {
        header: header.to_owned(),
        name: String::new(),
        required: explanation.ends_with("必填"),
        explanation: explanation.to_owned(),
        choices: match header {
            "类型" => words(&sheet::SORTS.map(|(word, _)| word)),
            "状态" => words(&sheet::STATES),
            _ => Vec::new(),
        },
    };
    sheet::COLUMNS.map(column).to_vec()
}

fn column(kind: &Kind, profile: Option<&Profile>, field: &Field) -> Column {
    let demands = field.demands(kind, profile);
    let holds = match field.field_type() {
        FieldType::DateTime => "时刻，如 2024-06-06 08:00:00",
        FieldType::Date => "日期，如 2024-06-06",
        FieldType::Time => "钟点，如 08:00:00",
        FieldType::Int => "整数",
        FieldType::Decimal => "数",
        FieldType::Code => "从下拉框里选",
        FieldType::Image => "图片，Base64",
        FieldType::Text | FieldType::Id => "",
    };
    let said: Vec<&str> = std::iter::once(holds)
        .chain(demands.iter().map(String::as_str))
        .filter(|word| !word.is_empty())
        .collect();
    Column {
        header: field.label().to_owned(),
        name: field.name().to_owned(),
        required: demands.iter().any(|demand| demand == "必填"),
        explanation: said.join("；"),
        choices: field
            .table()
            .map(|table| table.codes().map(|(_, label)| label.to_owned()).collect())
            .unwrap_or_default(),
    }
}

fn personal(compiled: &Compiled, kind: Option<&str>) -> Outcome {
    if let Some(kind) = kind {
        open::plain(compiled, kind, None)?;
    }
    let mut out = io::stdout().lock();
    writeln!(out, "对象\t字段\t中文名\t是什么")?;
    for (of, field, mark) in compiled.rulebook.personal_fields() {
        if kind.is_none_or(|kind| kind == of.name()) {
            writeln!(out, "{}\t{}\t{}\t{mark}", of.name(), field.name(), field.label())?;
        }
    }
    Ok(())
}
