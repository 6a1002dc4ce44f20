//! `lianwang explain KIND KEY`: one record's path, for people or as JSON. Personal values are shown: an auditor asks for
//! one record by its key; lists and pages show them masked. Leaves the words for people to `text`.

mod text;

use std::io::{self, Write};

use mappings::Key;

use super::{Failure, Outcome, arguments::Place, open};
use crate::{
    config::{self, Hub},
    pipeline::{
        Context, Pinned,
        explain::{self, Explained},
    },
};

pub(super) async fn explain(place: &Place, kind: &str, key: &str, json: bool) -> Outcome {
    let context = open::reading(place).await?;
    // without rules that load there are no labels; the ledger is there all the same
    let active = context.active().await.ok();
    let (key, record) = one(&context, active.as_deref(), kind, key).await?;
    let explained = explain::explain(&context, &key, record).await?;
    if json {
        let json =
            serde_json::to_string_pretty(&explained).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(io::stdout(), "{json}")?;
    } else {
        text::print(&explained, &speech(active.as_deref(), kind), &mut io::stdout().lock())?;
    }
    if explained.derived_again { Ok(()) } else { Err(Failure::Check(failing(&explained))) }
}

/// The one key of a kind that a text means, and its record, where it has one.
pub(super) async fn one(
    context: &Context,
    active: Option<&Pinned>,
    kind: &str,
    text: &str,
) -> Result<(Key, Option<i64>), Failure> {
    let found = explain::find(context, kind, text).await?;
    match found.as_slice() {
        [] => Err(Failure::Usage(unknown(active, kind, text))),
        [one] => Ok(one.clone()),
        several => {
            let keys: Vec<String> = several.iter().map(|(key, _)| format!("  {key}")).collect();
            Err(Failure::Usage(format!("有几条都符合，请写 id_space/id：\n{}", keys.join("\n"))))
        }
    }
}

fn speech(active: Option<&Pinned>, kind: &str) -> text::Speech {
    let named = active.and_then(|pinned| pinned.rules.rulebook.kind(kind));
    text::Speech {
        kind: named.map(|kind| kind.label().to_owned()).unwrap_or_default(),
        labels: named.map(explain::labels).unwrap_or_default(),
        zone: active.map_or(Hub::default().zone, |pinned| pinned.rules.hub.zone),
    }
}

/// Why nothing was found: the kind, else the key.
fn unknown(active: Option<&Pinned>, kind: &str, key: &str) -> String {
    let kinds = active.map(|pinned| pinned.rules.rulebook.kinds()).unwrap_or_default();
    if kinds.is_empty() || kinds.iter().any(|known| known.name() == kind) {
        return format!("账上没有 {kind} {key}");
    }
    let names: Vec<&str> = kinds.iter().map(mappings::Kind::name).collect();
    let listed: Vec<String> =
        kinds.iter().map(|kind| format!("  {} {}", kind.name(), kind.label())).collect();
    let nearest = config::suggestion(kind, &names).filter(|hint| hint.starts_with("是不是"));
    let nearest = nearest.map(|hint| format!("，{hint}")).unwrap_or_default();
    format!("没有 {kind} 这种对象{nearest}\n有这些：\n{}", listed.join("\n"))
}

fn failing(explained: &Explained) -> String {
    let damaged = explained.versions.iter().find_map(|version| version.damaged.as_ref());
    let damaged = damaged.or_else(|| explained.others.iter().find_map(|other| other.damaged.as_ref()));
    match (damaged, explained.missing) {
        (Some(why), _) => format!("原文损坏，无从重新推导：{why}"),
        (None, Some(seq)) => format!("账上缺版本 {seq}，它本应是这条记录的现状"),
        (None, None) => "从原始字节重新推导，结果与账上不同".into(),
    }
}

#[cfg(test)]
mod tests;
