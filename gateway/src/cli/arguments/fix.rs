//! The words of `lianwang fix`.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct FixArguments {
    /// 种类；不写则列出已有的订正
    #[arg(requires = "new")]
    pub(crate) kind: Option<String>,
    /// 主键，或 id_space/id
    pub(crate) key: Option<String>,
    /// 字段名
    pub(crate) field: Option<String>,
    /// 改成：代码或它的中文名，或规范写法的编码
    #[arg(requires = "why")]
    pub(crate) new: Option<String>,
    /// 为什么
    #[arg(long, value_name = "TEXT", requires = "new")]
    pub(crate) why: Option<String>,
    /// 谁；默认是登录名
    #[arg(long, value_name = "NAME", requires = "new")]
    pub(crate) by: Option<String>,
    /// 现在的值；不写则是最新版本里的。待定、退回的记录：读得懂的写代码，读不懂的写来源的原文
    #[arg(long, value_name = "TEXT", requires = "new")]
    pub(crate) was: Option<String>,
    /// 列出时输出 JSON
    #[arg(long, conflicts_with = "new")]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) undo: Option<FixUndo>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FixUndo {
    /// 撤销一处订正：从 fixes.csv 里去掉它
    Undo {
        /// 种类
        kind: String,
        /// 主键，或 id_space/id
        key: String,
        /// 字段名
        field: String,
        /// 为什么
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// 谁；默认是登录名
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
}
