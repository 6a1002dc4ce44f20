//! `lianwang views`: typed views of the newest state of every record, for reports, from the active configuration's kinds.

use std::io::{self, Write as _};

use super::{Outcome, arguments::Place, open};

pub(super) async fn views(place: &Place) -> Outcome {
    let context = open::current(place).await?;
    let pinned = context.active().await?;
    let made = context.store.make_views(pinned.rules.rulebook.kinds()).await?;
    writeln!(
        io::stdout(),
        "已建 {} 个视图：每种对象一个 v_对象（个人信息遮掩）和一个 v_对象_full（不遮掩；PostgreSQL 上没有授权给任何人，用 GRANT SELECT 授给该看的人）；v_attribution 是每条记录现在归谁。",
        made.len()
    )?;
    Ok(())
}
