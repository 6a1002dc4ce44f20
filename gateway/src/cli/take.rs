//! `lianwang take`: a file that a person brings (a mended rejection sheet, a list, a workbook), shown as `inspect` shows it,
//! and landed as a document of its source once somebody said yes. Leaves landing to `pipeline::take`.

use std::{
    io::{self, BufRead as _, IsTerminal as _, Write},
    sync::Arc,
};

use chrono_tz::Tz;

use super::{
    Failure, Outcome, apply,
    arguments::{Place, TakeArguments},
    inspect::{self, Chosen},
    open,
};
use crate::{
    pipeline::{
        Context, Pinned,
        file::{self, Opened, TableForm, Written},
        rejections::words::{Beside, MASKED},
        take::{self, Landed, Taken},
    },
    store::taken::{Brought, TakenFile},
};

/// Most receipts that lead nowhere are told one by one.
const MOST_FOREIGN: usize = 20;

pub(super) async fn take(place: &Place, asked: &TakeArguments) -> Outcome {
    let bytes = inspect::bytes_of(&asked.file)?;
    let context = open::node_for_command(place).await?.context;
    let taking = Taking {
        pinned: context.active().await?,
        who: apply::who(place, asked.by.as_deref()),
        asked,
        bytes: &bytes,
    };
    let services = taking.services()?;
    let lists: Vec<List<'_>> =
        services.iter().map(|service| taking.list(service)).collect::<Result<_, _>>()?;
    if asked.dry_run {
        writeln!(io::stdout(), "只是看看，什么都没有写。")?;
        return Ok(());
    }
    let rows: u64 = lists.iter().map(|list| list.written.count()).sum();
    if rows == 0 {
        return Err(Failure::Check(format!("{}：一条记录都没有，没有收", asked.file.display())));
    }
    if !asked.yes && !agreed(rows)? {
        writeln!(io::stdout(), "没有确认，什么都没有收。")?;
        return Ok(());
    }
    for list in lists {
        taking.land(&context, list).await?;
    }
    Ok(())
}

struct Taking<'a> {
    pinned: Arc<Pinned>,
    who: String,
    asked: &'a TakeArguments,
    bytes: &'a [u8],
}

/// What of a file goes to one service.
struct List<'a> {
    service: &'a str,
    written: Written,
    beside: Vec<Beside>,
}

impl Taking<'_> {
    /// The services that the file is for: the one named, those that a rejection sheet names, else what its name says.
    fn services(&self) -> Result<Vec<String>, Failure> {
        let (compiled, source) = (&self.pinned.rules, &self.asked.source);
        let named = self.asked.service.as_deref();
        let of = compiled.rulebook.mappings().iter().filter(|mapping| mapping.source() == source);
        let known: Vec<&str> = of.map(mappings::Mapping::service).collect();
        let said = if named.is_none() { file::services(self.bytes, &known) } else { Vec::new() };
        if !said.is_empty() {
            return Ok(said);
        }
        let chosen = Chosen::source(compiled, source, named, &self.asked.file)?;
        Ok(vec![chosen.mapping().service().to_owned()])
    }

    /// Reads what goes to a service and shows what the hub would say of it.
    fn list<'s>(&self, service: &'s str) -> Result<List<'s>, Failure> {
        let failed = |why: String| Failure::Check(format!("{}：{why}", self.asked.file.display()));
        let chosen = Chosen::source(&self.pinned.rules, &self.asked.source, Some(service), &self.asked.file)?;
        let opened = Opened::of(self.bytes, &chosen.wanted(), None).map_err(failed)?;
        self.is_its_own(&opened, service)?;
        let told = inspect::judged(&opened, &chosen).map_err(failed)?;
        let mut out = io::stdout().lock();
        writeln!(out, "{} {service}：", self.asked.source)?;
        told.print(&self.asked.file, &mut out)?;
        let written = file::written(&opened).map_err(failed)?;
        let beside: Vec<Beside> = if let Opened::Table(table) = opened { table.beside } else { Vec::new() };
        if beside.iter().any(|beside| beside.receipt == MASKED) {
            return Err(failed("遮住了个人信息的退回表不能收：里面的姓名、电话不是原来的".to_owned()));
        }
        Ok(List { service, written, beside })
    }

    /// That a rejection sheet's sheet is this service's, not one that was only the first.
    fn is_its_own(&self, opened: &Opened<'_>, service: &str) -> Outcome {
        let Opened::Table(table) = opened else { return Ok(()) };
        let other = &table.sheet.name;
        let is_other =
            other != service && self.pinned.rules.rulebook.mapping(&self.asked.source, other).is_some();
        if table.form == TableForm::Workbook && is_other {
            return Err(Failure::Usage(format!(
                "工作簿里没有 {service} 这张表，只有 {other} 等：用 --service 说明"
            )));
        }
        Ok(())
    }

    async fn land(&self, context: &Context, list: List<'_>) -> Outcome {
        let name = self.asked.file.file_name().map(|name| name.to_string_lossy().into_owned());
        let brought = Brought {
            source: &self.asked.source,
            service: list.service,
            name: name.as_deref().unwrap_or_default(),
            bytes: self.bytes,
            why: self.asked.why.as_deref().unwrap_or_default(),
            who: &self.who,
        };
        let rows = list.written.count();
        let taken = take::take(context, &self.pinned, &brought, list.written, &list.beside).await?;
        let mut out = io::stdout().lock();
        match taken {
            Taken::Before(before) => before_told(&before, self.pinned.rules.hub.zone, &mut out)?,
            Taken::Landed(landed) => landed_told(&landed, rows, list.service, &mut out)?,
        }
        Ok(())
    }
}

fn before_told(before: &TakenFile, zone: Tz, out: &mut impl Write) -> io::Result<()> {
    let TakenFile { document, service, who, name, at, .. } = before;
    let at = at.with_timezone(&zone).format("%Y-%m-%d %H:%M");
    let by = if who.is_empty() { String::new() } else { format!("，{who}") };
    writeln!(out, "{service}：内容一样的文件收过了，是第 {document} 号文档（{name}，{at}{by}）；没有再收。")
}

fn landed_told(landed: &Landed, rows: u64, service: &str, out: &mut impl Write) -> io::Result<()> {
    let Landed { document, linked, foreign } = landed;
    writeln!(out, "{service}：收下 {rows} 条，是第 {document} 号文档；{linked} 条和原来退回的那条接上了。")?;
    for (receipt, why) in foreign.iter().take(MOST_FOREIGN) {
        writeln!(out, "  来源回执 {receipt}：{why}；这一行当作普通的一行收下")?;
    }
    if foreign.len() > MOST_FOREIGN {
        writeln!(out, "  ……共 {} 行的来源回执对不上", foreign.len())?;
    }
    writeln!(out, "正在运行的服务会自己研判、转发，否则运行 lianwang refine、lianwang forward。")
}

/// Asks at the terminal.
fn agreed(rows: u64) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::Usage("还没有收：不在终端里运行时，看过之后加 --yes".into()));
    }
    write!(io::stdout(), "收下这 {rows} 条吗？合格的会照常送到各目的地。写 yes 确认：")?;
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
