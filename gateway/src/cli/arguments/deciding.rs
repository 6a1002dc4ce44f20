//! The words of commands by which a person decides something once.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Decide {
    /// 定下一个词是哪个代码：写进配置目录的对照表，启用，放行等着它的记录
    Map {
        /// 来源名
        source: String,
        /// 对照表名，如 demo-park-danger-level
        table: String,
        /// 对方写的词
        value: String,
        /// 本省代码，或它的中文名
        code: String,
        /// 为什么
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// 谁；默认是登录名
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct AliasArguments {
    /// 对象，如 hazard；不写则列出全部别名
    #[arg(requires = "from")]
    pub(crate) kind: Option<String>,
    /// 来源说的主键：空间/主键，如 src:park/17；整个空间写 src:park/*
    #[arg(requires = "to")]
    pub(crate) from: Option<String>,
    /// 归到的主键：空间/主键；整个空间写 uuid/*
    #[arg(requires = "why")]
    pub(crate) to: Option<String>,
    /// 为什么
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
    /// 谁；默认是登录名
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// 列出时输出 JSON
    #[arg(long, conflicts_with = "kind")]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) undo: Option<TakeApart>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TakeApart {
    /// 分开：从 aliases.csv 里去掉这一行，记录回到自己的主键之下
    Undo {
        /// 对象
        kind: String,
        /// 来源说的主键：空间/主键，或 空间/*
        from: String,
        /// 为什么
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// 谁；默认是登录名
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct LookAlikesArguments {
    /// 只看一种对象
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<String>,
    /// 只看一个来源：其中一条是它的
    #[arg(long, value_name = "SOURCE")]
    pub(crate) source: Option<String>,
    /// 定下来的和已不相似的也列出
    #[arg(long)]
    pub(crate) all: bool,
    /// 输出 JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) settle: Option<SettleAlike>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SettleAlike {
    /// 定下一对是同一件事还是两件事；合并另有命令，会告诉你
    Settle {
        /// 第几对
        no: i64,
        /// same 同一件事，two 两件事
        verdict: Verdict,
        /// 为什么
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// 谁；默认是登录名
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
}

/// What a pair is, by a person's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Verdict {
    /// 同一件事
    Same,
    /// 两件事
    Two,
}
