//! The words of `lianwang roster`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Roster {
    /// 收一份名册（.xlsx）：先说会改变什么，确认后一次收下；有一处不对就都不收
    Take(RosterTake),
    /// 名册里没有的编码：多少记录写了它，像是谁的；只是建议，由人来定
    Unknown {
        /// 输出 JSON
        #[arg(long)]
        json: bool,
    },
    /// 定下一个编码归谁：归属随之改变，记录不动，什么都不重发
    Confirm(RosterConfirm),
    /// 名册里的两个主体是一个：前一个并入后一个的号，可撤销
    Merge {
        /// 主体：它的号、编码（如 uscc:91410900758355688L）或全名
        subject: String,
        /// 并入的主体，写法相同
        into: String,
        #[command(flatten)]
        word: RosterWord,
    },
    /// 撤销一次改动：它写的终止，它终止的恢复；后来的改动先撤销
    Undo {
        /// 改动的号（lianwang roster show）
        no: i64,
        #[command(flatten)]
        word: RosterWord,
    },
    /// 名册的改动，最近的在前；写了主体则是名册里它的全部
    Show {
        /// 主体：它的号、编码或全名
        subject: Option<String>,
        /// 按第几号名册；默认是现在的
        #[arg(long, value_name = "NO", requires = "subject")]
        under: Option<i64>,
        /// 输出 JSON
        #[arg(long)]
        json: bool,
    },
}

/// Why, and by whom.
#[derive(Debug, Args)]
pub(crate) struct RosterWord {
    /// 为什么
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: String,
    /// 谁；默认是登录名
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RosterConfirm {
    /// 编码：scheme:编码，如 chem:410900017、platform:平台名:编码
    pub(crate) code: String,
    /// 归谁：主体的号、它的编码或全名
    pub(crate) subject: String,
    /// 从哪天起，如 2024-01-01；不写则一直如此
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) from: Option<NaiveDate>,
    /// 到哪天为止（含当天）；不写则没有期限
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) to: Option<NaiveDate>,
    #[command(flatten)]
    pub(crate) word: RosterWord,
}

#[derive(Debug, Args)]
pub(crate) struct RosterTake {
    /// 文件；空白的：lianwang docs template roster
    pub(crate) file: PathBuf,
    /// 为什么，如“二季度年报”
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
    /// 谁；默认是登录名
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// 不再询问
    #[arg(long)]
    pub(crate) yes: bool,
    /// 只说会改变什么，一个字都不写
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// 只收没有错的行
    #[arg(long)]
    pub(crate) good_only: bool,
}

fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| format!("“{text}”不是日期，写成 2024-01-01"))
}
