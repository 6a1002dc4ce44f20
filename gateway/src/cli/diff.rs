//! `lianwang diff`: what a directory would change against the active configuration, for people or as JSON.
//! Leaves finding it to `config::difference`.

use std::io::{self, Write};

use mappings::RuleFile;
use serde::Serialize;

use super::{Failure, Outcome, arguments::Place, open};
use crate::{
    config::{
        Revision,
        difference::{self, Change},
    },
    pipeline::Context,
    store::revisions::Activation,
};

/// What `--json` prints.
#[derive(Serialize)]
struct Told<'a> {
    /// Number of the active configuration; none: there is none.
    active: Option<i64>,
    /// Whether the directory is the active configuration, letter by letter.
    same: bool,
    changes: &'a [Change],
}

pub(super) async fn diff(place: &Place, json: bool) -> Outcome {
    let Some(directory) = open::directory(place) else {
        return Err(Failure::Usage("要比较哪个目录？写 lianwang diff 目录".into()));
    };
    let compiled = open::load(Some(&directory), "没有比较")?;
    let context = open::reading(place).await?;
    let active = context.store.active_activation().await?;
    let old = files(&context, active.as_ref()).await?;
    let changes = difference::between(&old, &compiled.revision.files);
    let same = active.as_ref().is_some_and(|active| active.hash == compiled.revision.hash);
    let mut out = io::stdout().lock();
    if json {
        let told = Told { active: active.map(|active| active.revision), same, changes: &changes };
        let json = serde_json::to_string_pretty(&told).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
        return Ok(());
    }
    match active {
        None => writeln!(out, "还没有启用过任何配置，启用它就全是新的。")?,
        Some(active) if same => writeln!(out, "与现行的第 {} 号配置相同。", active.revision)?,
        Some(active) => {
            writeln!(out, "与现行的第 {} 号配置相比：", active.revision)?;
            print(&changes, &mut out)?;
        }
    }
    Ok(())
}

/// The files of an active configuration; none when there is none.
pub(super) async fn files(context: &Context, active: Option<&Activation>) -> Result<Vec<RuleFile>, Failure> {
    let Some(active) = active else { return Ok(Vec::new()) };
    let stored = context.store.revision(active.revision).await?;
    let revision = Revision::from_bytes(&stored.files)
        .map_err(|error| Failure::Check(format!("第 {} 号配置读不回来：{error}", active.revision)))?;
    Ok(revision.files)
}

fn print(changes: &[Change], out: &mut impl Write) -> io::Result<()> {
    let mut last = None;
    for change in changes {
        let belongs = (change.what, change.name.as_str());
        if last != Some(belongs) {
            writeln!(out, "{}", format!("{} {}", noun(change.what), change.name).trim_end())?;
            last = Some(belongs);
        }
        writeln!(out, "  {}", line(change))?;
    }
    match changes.len() {
        0 => writeln!(out, "只改了写法（注释、空白、顺序），没有改变意思；启用它仍会是一个新的号。"),
        n => writeln!(out, "共 {n} 处。"),
    }
}

fn noun(what: &str) -> &'static str {
    match what {
        "source" => "来源",
        "destination" => "目的地",
        "kind" => "对象",
        "profile" => "行业要求",
        "table" => "代码表",
        "alias" => "别名",
        "fix" => "订正",
        _ => "本服务",
    }
}

fn line(change: &Change) -> String {
    let Change { file, field, old, new, .. } = change;
    match (field, old, new) {
        (None, None, _) => format!("增加文件 {file}"),
        (None, ..) => format!("去掉文件 {file}"),
        (Some(field), None, Some(new)) => format!("{file} {field}：增加 {new}"),
        (Some(field), Some(old), None) => format!("{file} {field}：去掉 {old}"),
        (Some(field), old, new) => {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            format!("{file} {field}：{} → {}", text(old), text(new))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(field: Option<&str>, old: Option<&str>, new: Option<&str>) -> Change {
        let text = |value: Option<&str>| value.map(str::to_owned);
        Change {
            what: "source",
            name: "park".into(),
            file: "sources/park/source.toml".into(),
            field: text(field),
            old: text(old),
            new: text(new),
        }
    }

    #[test]
    fn changes_stand_below_what_they_belong_to() {
        let changes = [
            change(Some("schedule"), Some("\"1\""), Some("\"2\"")),
            change(Some("zone"), None, Some("\"UTC\"")),
            change(Some("title"), Some("\"旧\""), None),
            Change {
                what: "hub",
                name: String::new(),
                file: "lianwang.toml".into(),
                ..change(None, None, Some("…"))
            },
        ];
        let mut out = Vec::new();
        print(&changes, &mut out).unwrap();
        let wanted = "来源 park\n  sources/park/source.toml schedule：\"1\" → \"2\"\n  \
             sources/park/source.toml zone：增加 \"UTC\"\n  sources/park/source.toml title：去掉 \"旧\"\n\
             本服务\n  增加文件 lianwang.toml\n共 4 处。\n";
        assert_eq!(String::from_utf8(out).unwrap(), wanted);
    }

    #[test]
    fn another_wording_alone_is_said_to_be_just_that() {
        let mut out = Vec::new();
        print(&[], &mut out).unwrap();
        assert!(String::from_utf8(out).unwrap().contains("只改了写法"));
    }
}
