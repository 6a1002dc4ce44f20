//! `lianwang init` and `lianwang apply`: a configuration begun, made the active one, and gone back from.
//! Leaves checking to `config` and changing over to the running services.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use adapters::os_error;

use super::{Failure, Outcome, arguments::Place, check, diff, open};
use crate::{
    config::{self, starting},
    pipeline::{Context, activate},
    store::revisions::{Activation, How, Reason},
};

/// Why, and who says so.
pub(super) struct Word<'a> {
    pub(super) why: &'a str,
    pub(super) by: Option<&'a str>,
}

pub(super) fn init(root: &Path) -> Outcome {
    let shown = root.display();
    match starting::write(root) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
            return Err(Failure::Usage(format!("目录 {shown} 里已有东西，一个字都没有动；请换一个新目录")));
        }
        Err(error) => return Err(Failure::Usage(format!("写不了目录 {shown}：{}", os_error::said(&error)))),
    }
    writeln!(
        io::stdout(),
        "已写好 {shown}。先看 {shown}/README.md，改好后：\n  lianwang check {shown}\n  lianwang apply {shown} --why 理由\n  lianwang --config {shown} run"
    )?;
    Ok(())
}

pub(super) async fn apply(place: &Place, word: &Word<'_>) -> Outcome {
    let Some(directory) = open::directory(place) else {
        return Err(Failure::Usage("要启用哪个目录？写 lianwang apply 目录 --why 理由".into()));
    };
    said(word)?;
    let environment = open::surroundings(Some(&directory));
    let loaded = config::load(Some(&directory));
    for problem in loaded.iter().flat_map(|loaded| &loaded.problems) {
        if loaded.as_ref().is_ok_and(|loaded| loaded.compiled.is_some()) {
            writeln!(io::stdout(), "{problem}\n")?;
        }
    }
    let compiled = open::load(Some(&directory), "没有启用")?;
    let url = open::url(place, &compiled.hub, &environment, false)?;
    let context = open::context(&compiled.hub, &url, &environment, &open::command_name()).await?;
    let before = context.store.active_activation().await?;
    let old = diff::files(&context, before.as_ref()).await?;
    let who = word.by.or_else(|| environment.get("USER")).unwrap_or_default();
    let reason = Reason { how: How::Apply, why: word.why, who };
    let activated = activate::activate_for(&context, &compiled.revision, &reason).await?;
    if !activated.is_news {
        writeln!(io::stdout(), "与现行的第 {} 号配置相同，什么都没有改变。", activated.no)?;
        return Ok(());
    }
    let changes = config::difference::between(&old, &compiled.revision.files);
    check::lacking(&compiled, &environment, &mut io::stdout())?;
    told(activated.no, &compiled.revision.hash, before.as_ref())?;
    if before.is_some() {
        writeln!(io::stdout(), "改变 {} 处。", changes.len())?;
    }
    Ok(())
}

pub(super) async fn back(place: &Place, word: &Word<'_>) -> Outcome {
    said(word)?;
    let (context, environment) = ledger(place).await?;
    let revision = activate::before(&context).await.map_err(Failure::from)?;
    let before = context.store.active_activation().await?;
    let who = word.by.or_else(|| environment.get("USER")).unwrap_or_default();
    let reason = Reason { how: How::Back, why: word.why, who };
    let activated = activate::activate_for(&context, &revision, &reason).await?;
    told(activated.no, &revision.hash, before.as_ref())
}

/// The ledger, if there is one, its tables up to date, whatever is in the directory beside the hub's own settings.
async fn ledger(place: &Place) -> Result<(Context, adapters::Environment), Failure> {
    let directory = open::directory(place);
    let environment = open::surroundings(directory.as_deref());
    let hub = open::hub(directory.as_deref())?;
    let url = open::url(place, &hub, &environment, directory.is_none())?;
    open::there(&url).await?;
    let context = open::context(&hub, &url, &environment, &open::command_name()).await?;
    Ok((context, environment))
}

pub(super) fn said(word: &Word<'_>) -> Outcome {
    if word.why.trim().is_empty() {
        return Err(Failure::Usage("--why 不能是空的：半年后还要有人看得懂为什么改".into()));
    }
    Ok(())
}

/// Who: the one named, else the one logged in, else the one whom this process belongs to.
pub(super) fn who(place: &Place, by: Option<&str>) -> String {
    let logged_in = || open::surroundings(open::directory(place).as_deref()).get("USER").map(str::to_owned);
    let named = by.map(str::to_owned).or_else(logged_in).filter(|name| !name.trim().is_empty());
    named.or_else(owner).unwrap_or_default()
}

/// The user of this process: services and containers often have no name in their surroundings.
fn owner() -> Option<String> {
    let uid = fs::metadata("/proc/self").ok()?.uid();
    Some(user(&fs::read_to_string("/etc/passwd").unwrap_or_default(), uid))
}

/// A user's name in the lines of `passwd(5)`, else its number.
fn user(users: &str, uid: u32) -> String {
    let own = uid.to_string();
    let mut lines = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let named = lines.find(|fields| fields.get(2) == Some(&own.as_str()));
    named
        .and_then(|fields| fields.first().map(|name| (*name).to_owned()))
        .unwrap_or_else(|| format!("uid {uid}"))
}

fn told(no: i64, hash: &str, before: Option<&Activation>) -> Outcome {
    let hash = hash.get(..12).unwrap_or(hash);
    let was = before.map_or_else(|| "之前没有".to_owned(), |was| format!("之前是第 {} 号", was.revision));
    writeln!(io::stdout(), "第 {no} 号配置（{hash}）已启用，{was}。正在运行的服务几秒内换用，不用重启。")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_name_in_the_surroundings_has_one_in_the_system_or_a_number() {
        let users =
            "root:x:0:0:root:/root:/bin/bash\nlianwang:x:998:998::/var/lib/lianwang:/usr/sbin/nologin\n";
        assert_eq!([0, 998, 77].map(|uid| user(users, uid)), ["root", "lianwang", "uid 77"]);
    }
}
