//! `lianwang explain KIND KEY`: one record's path, for people or as JSON. Personal values are shown: an auditor asks for
//! one record by its key; lists and pages show them masked.

use std::io::{self, Write};

use super::{Failure, Outcome, arguments::Place, open};
use crate::pipeline::explain::{self, Explained, ExplainedVersion};

pub(super) async fn explain(place: &Place, kind: &str, key: &str, json: bool) -> Outcome {
    let context = open::reading(place).await?;
    let found = explain::find(&context, kind, key).await?;
    let (key, record) = match found.as_slice() {
        [] => return Err(Failure::Usage(format!("账上没有 {kind} {key}"))),
        [(key, record)] => (key, *record),
        several => {
            let keys: Vec<String> = several.iter().map(|(key, _)| format!("  {key}")).collect();
            return Err(Failure::Usage(format!("有几条都符合，请写 id_space/id：\n{}", keys.join("\n"))));
        }
    };
    let explained = explain::explain(&context, key, record).await?;
    if json {
        let json =
            serde_json::to_string_pretty(&explained).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(io::stdout(), "{json}")?;
    } else {
        print(&explained, &mut io::stdout().lock())?;
    }
    if explained.derived_again {
        Ok(())
    } else {
        Err(Failure::Check("从原始字节重新推导，结果与账上不同".into()))
    }
}

fn print(explained: &Explained, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", explained.key)?;
    for stored in &explained.versions {
        version(stored, out)?;
    }
    for other in &explained.others {
        writeln!(
            out,
            "\n未成版本：{}（文档 {} 第 {} 条，{}）",
            other.verdict,
            other.document,
            other.place + 1,
            other.at
        )?;
        for issue in &other.issues {
            writeln!(out, "  {} {}：{}。{}", issue.code, issue.field, issue.message, issue.advice)?;
        }
    }
    let again = if explained.derived_again { "一致" } else { "不一致！" };
    writeln!(out, "\n从原始字节重新推导：{again}")
}

fn version(version: &ExplainedVersion, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n版本 {}", version.seq)?;
    writeln!(
        out,
        "  来自 {}，{} 收到，第 {} 条",
        version.document.service,
        version.document.received_at,
        version.place + 1
    )?;
    writeln!(out, "  原文 sha-256 {}", version.document.digest)?;
    writeln!(out, "  配置 {}", version.revision)?;
    for (name, field) in &version.fields {
        let show = |text: &Option<String>| {
            text.as_deref().map_or("（无）".to_owned(), |text| format!("“{text}”"))
        };
        writeln!(
            out,
            "  {name}: {} ← {} {} ［{}］",
            show(&field.value),
            field.place,
            show(&field.raw),
            field.rule
        )?;
    }
    for issue in &version.issues {
        writeln!(out, "  注意 {} {}：{}", issue.code, issue.field, issue.message)?;
    }
    for delivery in &version.deliveries {
        let batch = delivery.batch.as_deref().unwrap_or("—");
        let answer = delivery.answer.as_deref().unwrap_or("");
        writeln!(out, "  → {} {}，批次 {batch} {answer}", delivery.destination, delivery.state)?;
    }
    Ok(())
}
