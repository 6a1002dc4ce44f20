//! `lianwang rejections`: a sender's own rows back, in their own words, the bad cells marked, with why and by which clause.
//! Leaves which rows to the pipeline, a row's cells to `layout`, the three forms to `written`.

mod layout;
mod written;

use std::{
    io::{self, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use adapters::codec::xlsx::NOTED_ROWS;
use chrono_tz::Tz;
use tempfile::NamedTempFile;

use super::{
    Failure, Outcome,
    arguments::{Place, RejectionsArguments, SheetFormat},
    open, replay,
};
use crate::{
    config,
    pipeline::{
        Context,
        rejections::{self, Asked, List, Listed},
    },
    store::verdicts::Verdict,
};
use layout::Layout;
use written::Sheets;

pub(super) async fn run(place: &Place, asked: &RejectionsArguments) -> Outcome {
    let context = open::reading(place).await?;
    let zone = context.active().await?.rules.hub.zone;
    let since = asked.since.as_deref().map(|text| replay::moment(text, zone)).transpose()?;
    let (source, service) = (asked.source.as_str(), asked.service.as_deref());
    let listed = rejections::listed(&context, &Asked { source, service, since, held: asked.held }).await?;
    known(&context, asked, &listed).await?;
    let to_file = file(asked);
    if let (SheetFormat::Csv, [_, _, ..]) = (asked.format, listed.lists.as_slice()) {
        let services: Vec<&str> = listed.lists.iter().map(|list| list.service.as_str()).collect();
        return Err(Failure::Usage(format!(
            "csv 一次只能写一个服务，列各不相同：用 --service 说明是哪一个：{}",
            services.join("、")
        )));
    }
    if let Some(path) = to_file.filter(|_| !listed.lists.is_empty()) {
        in_place(&context, asked, &listed, &path).await?;
        return told(asked, &listed, Some(&path), &mut io::stdout().lock());
    }
    if asked.out.is_some() || asked.format == SheetFormat::Xlsx {
        return told(asked, &listed, None, &mut io::stdout().lock());
    }
    // what is on standard output is a file's: people are told beside it
    if !listed.lists.is_empty() || asked.format == SheetFormat::Json {
        write(&context, asked, &listed, io::BufWriter::new(io::stdout())).await?;
    }
    told(asked, &listed, None, &mut io::stderr().lock())
}

/// Writes all that is rejected of a source as a workbook, where no file is yet; how many rows.
pub(super) async fn put(context: &Context, source: &str, path: &Path) -> Result<u64, Failure> {
    let asked = RejectionsArguments {
        source: source.to_owned(),
        service: None,
        since: None,
        held: false,
        masked: false,
        format: SheetFormat::Xlsx,
        out: None,
    };
    let listed =
        rejections::listed(context, &Asked { source, service: None, since: None, held: false }).await?;
    in_place(context, &asked, &listed, path).await?;
    Ok(listed.lists.iter().map(|list| list.count(Verdict::Rejected).0).sum())
}

/// That there is, or was, such a source and such a list.
async fn known(context: &Context, asked: &RejectionsArguments, listed: &Listed) -> Outcome {
    if !listed.lists.is_empty() {
        return Ok(());
    }
    let pinned = context.active().await?;
    let mappings = pinned.rules.rulebook.mappings();
    let (what, wanted, names): (_, _, Vec<&str>) = match &asked.service {
        Some(service) if pinned.rules.source(&asked.source).is_some() => {
            let of = mappings.iter().filter(|mapping| mapping.source() == asked.source);
            ("服务", service, of.map(mappings::Mapping::service).collect())
        }
        _ => {
            ("来源", &asked.source, pinned.rules.sources.iter().map(|source| source.name.as_str()).collect())
        }
    };
    if names.contains(&wanted.as_str()) || listed.until.is_some() && what == "来源" {
        return Ok(());
    }
    let hint = config::suggestion(wanted, &names).unwrap_or_else(|| names.join("、"));
    Err(Failure::Usage(format!("没有{what} {wanted}；{hint}")))
}

/// The file to write; none: standard output.
fn file(asked: &RejectionsArguments) -> Option<PathBuf> {
    let usual = || PathBuf::from(format!("退回-{}.xlsx", asked.source));
    asked.out.clone().or_else(|| (asked.format == SheetFormat::Xlsx).then(usual))
}

/// Written beside, for its owner alone, and put in its place when it is whole.
async fn in_place(context: &Context, asked: &RejectionsArguments, listed: &Listed, path: &Path) -> Outcome {
    let there = || Failure::Usage(format!("已经有文件 {}，没有改它；用 --out 另起一个名字", path.display()));
    if path.exists() {
        return Err(there());
    }
    let failed = |error: &io::Error| Failure::Usage(format!("写不了 {}：{error}", path.display()));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    write(context, asked, listed, io::BufWriter::new(beside.as_file())).await?;
    beside.as_file().sync_all().map_err(|error| failed(&error))?;
    match beside.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(there()),
        Err(error) => Err(failed(&error.error)),
    }
}

async fn write<W: Write + Send>(
    context: &Context,
    asked: &RejectionsArguments,
    listed: &Listed,
    out: W,
) -> Outcome {
    let mut sheets = Sheets::begin(asked.format, out)?;
    let as_text = asked.format != SheetFormat::Xlsx;
    for list in &listed.lists {
        let layout = Layout::new(list, listed.mapping(list), listed.zone(), asked.masked, as_text);
        sheets.list(&list.service, &layout)?;
        let mut failed = None;
        listed
            .rows(context, list, &mut |row| match sheets.row(&list.service, &layout, &row) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            })
            .await?;
        if let Some(error) = failed {
            return Err(error.into());
        }
    }
    sheets.finish(&explained(asked, listed)).map_err(Failure::from)
}

/// What was given, of which lists, until when, and what was not.
fn told(asked: &RejectionsArguments, listed: &Listed, file: Option<&Path>, out: &mut impl Write) -> Outcome {
    let what = if asked.held { "退回或待定" } else { "退回" };
    for list in &listed.lists {
        let (rejected, times) = list.count(Verdict::Rejected);
        let (held, _) = list.count(Verdict::Held);
        let held = if asked.held { format!("，待定 {held} 条") } else { String::new() };
        let returned = returned(list);
        writeln!(
            out,
            "{} {}：退回 {rejected} 条（共来过 {times} 次）{held}{returned}",
            asked.source, list.service
        )?;
    }
    let rows: u64 = listed.lists.iter().map(List::rows).sum();
    let until = match listed.until {
        Some((no, at)) => format!("；截至 {} 收到的第 {no} 号文档", moment(at, listed.zone())),
        None => "；还没有研判过它的数据".to_owned(),
    };
    match file {
        Some(file) => writeln!(out, "共 {rows} 条，写进了 {}{until}。", file.display())?,
        None if rows == 0 => writeln!(out, "来源 {} 没有{what}的记录{until}。", asked.source)?,
        None => writeln!(out, "共 {rows} 条{until}。")?,
    }
    if listed.later > 0 {
        writeln!(
            out,
            "另有 {} 次退回，同一主键后来另有结论（改好了，或在等待定），不再列出。",
            listed.later
        )?;
    }
    if listed.forgotten > 0 {
        writeln!(out, "另有 {} 次退回的说明已按保留规则清除，列不出来。", listed.forgotten)?;
    }
    if listed.unjudged > 0 {
        writeln!(out, "还有 {} 条收到了没有研判：lianwang refine。", listed.unjudged)?;
    }
    if rows > 0 && !asked.masked {
        writeln!(out, "内容未遮住，可能含个人信息：只交给上报单位（docs/rejections.md）。")?;
    }
    Ok(())
}

/// Accepted rows that are given back all the same.
fn returned(list: &List) -> String {
    match list.count(Verdict::Accepted).0 {
        0 => String::new(),
        rows => format!("，已接收而请改正 {rows} 条"),
    }
}

/// What the workbook says of itself.
fn explained(asked: &RejectionsArguments, listed: &Listed) -> Vec<String> {
    let source = &asked.source;
    let until = listed.until.map(|(_, at)| moment(at, listed.zone())).unwrap_or_default();
    let masked = if asked.masked {
        "个人信息已遮住，遮住的格子不能直接用来重报。"
    } else {
        "其中可能有个人信息，请只在上报单位内部使用，用完删除。"
    };
    let lists = listed.lists.iter().map(|list| {
        let label = listed.mapping(list).map(|mapping| mapping.shape().label()).unwrap_or_default();
        let (rejected, held) = (list.count(Verdict::Rejected).0, list.count(Verdict::Held).0);
        let held = if held > 0 { format!("，待定 {held} 条") } else { String::new() };
        format!("　　{} 这张表：{label}，退回 {rejected} 条{held}{}。", list.service, returned(list))
    });
    let first = [format!(
        "这是来源 {source} 上报后没有被接收的记录，截至 {until} 收到的数据。列名和内容都是你们自己的，指着列名可以看到它在平台上叫什么。每个服务一张表："
    )];
    let rest = [
        "红色的格子要改，批注里写着为什么、怎么改；橙色的在等平台定，不用改；黄色的只是提示。同样的话在“问题”一列里，所依据的条款在“依据”一列里。".to_owned(),
        "只改你们自己的列。从“判定”往右是联网加的，改了也不看；第一行不要动，隐藏的列请留着，它们记着这一条原来在哪里。".to_owned(),
        format!("改完先检查：lianwang inspect 这个文件 --source {source} --service 表名，直到全部“可接收”。"),
        format!("然后任选一种办法：把改好的这个文件交回平台（平台用 lianwang take 这个文件 --source {source} 收下），或者在自己的系统里照着改，用同一个主键再报一次。"),
        "交了文件，自己的系统里也要照着改，不然下次又报上来。".to_owned(),
        "“次数”是这一条被退回过几次。“原文”一列有字的，是整条读不懂，请按接口文档重新生成。".to_owned(),
        format!("一张表只有前 {NOTED_ROWS} 行带批注，往后的看“问题”一列；颜色每行都有。"),
        masked.to_owned(),
    ];
    first.into_iter().chain(lists).chain(rest).collect()
}

fn moment(at: chrono::DateTime<chrono::Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}
