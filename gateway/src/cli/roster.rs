//! `lianwang roster`: whose records are. Takes a sheet, shows first what it changes; a bad line stops all of it, unless only the
//! good ones are wanted. Leaves what a line means to `roster`, judging what waited to `refine`.

mod decided;
mod show;
mod told;
mod unknown;

use std::{
    io::{self, Write as _},
    path::Path,
};

use adapters::{codec::xlsx, os_error};

use super::{
    Failure, Outcome, apply,
    arguments::{Place, Roster as Asked, RosterTake},
    open, replay,
};
use crate::{
    pipeline::Context,
    roster::{
        plan::{self, Plan},
        sheet,
    },
    store::roster::Word,
};

/// What a change of the roster does to what waits for it.
const LETS_GO: &str = "因不知道归属而待定的记录，正在运行的服务会自己放行，否则运行 lianwang refine。";

pub(super) async fn roster(place: &Place, asked: &Asked) -> Outcome {
    match asked {
        Asked::Take(arguments) => take(place, arguments).await,
        Asked::Unknown { json } => unknown::list(place, *json).await,
        Asked::Confirm(asked) => decided::confirm(place, asked).await,
        Asked::Merge { subject, into, word } => decided::merge(place, (subject, into), word).await,
        Asked::Undo { no, word } => decided::undo(place, *no, word).await,
        Asked::Show { subject: Some(subject), under, json } => show::one(place, subject, *under, *json).await,
        Asked::Show { subject: None, json, .. } => show::changes(place, *json).await,
    }
}

async fn take(place: &Place, arguments: &RosterTake) -> Outcome {
    let context = if arguments.dry_run { open::reading(place).await? } else { open::current(place).await? };
    let sheet = opened(&arguments.file)?;
    let zone = open::hub(open::directory(place).as_deref())?.zone;
    let mut reading = sheet::read(&sheet, zone).map_err(Failure::Usage)?;
    let number = context.store.roster_number().await?;
    let roster = context.store.roster(number).await?;
    let file = arguments.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let plan = plan::plan(&roster, &reading.entries, &file);
    reading.faults.extend(plan.faults.iter().cloned());
    reading.faults.sort();
    told::reading(&reading, &sheet.name, &mut io::stdout().lock())?;
    let bad = reading.faults.len();
    if bad > 0 && (!arguments.good_only || reading.faults.iter().any(|fault| fault.line == 0)) {
        return Err(Failure::Check(format!(
            "名册有 {bad} 处不对，一行都没有收；改好再来，或用 --good-only 只收没有错的行"
        )));
    }
    told::plan(&plan, &roster, zone, &mut io::stdout().lock())?;
    if plan.change.is_empty() {
        return Ok(());
    }
    if arguments.dry_run {
        writeln!(io::stdout(), "只是看看，什么都没有写。")?;
        return Ok(());
    }
    if !arguments.yes && !replay::agreed("收下吗？")? {
        writeln!(io::stdout(), "没有确认，什么都没有改变。")?;
        return Ok(());
    }
    let why = arguments.why.as_deref().unwrap_or_default();
    let who = apply::who(place, arguments.by.as_deref());
    let word = Word { how: "take", what: &file, why, who: &who, undoes: None };
    changed(&context, number, &plan, &word).await
}

async fn changed(context: &Context, number: i64, plan: &Plan, word: &Word<'_>) -> Outcome {
    let new = context.store.change_roster(number, &plan.change, word, context.now()).await?;
    writeln!(io::stdout(), "已收下，名册现在是第 {new} 号。{LETS_GO}")?;
    Ok(())
}

fn opened(file: &Path) -> Result<xlsx::Sheet, Failure> {
    let shown = file.display();
    let bytes = std::fs::read(file)
        .map_err(|error| Failure::Usage(format!("读不了 {shown}：{}", os_error::said(&error))))?;
    if !xlsx::is_workbook(&bytes) {
        return Err(Failure::Usage(format!(
            "{shown} 不是 .xlsx 工作簿；空白名册：lianwang docs template roster"
        )));
    }
    xlsx::read_sheet(&bytes, "名册").map_err(|error| Failure::Usage(format!("{shown}：{error}")))
}
