//! The words of `lianwang return`.

#![expect(clippy::doc_markdown, reason = "these comments are the help texts that people read on a terminal")]

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ReturnArguments {
    /// 对象，如 hazard；不写则列出退回了什么
    #[arg(requires_all = ["key", "field", "why"])]
    pub(crate) kind: Option<String>,
    /// id（任何写法），或 id_space/id
    pub(crate) key: Option<String>,
    /// 哪个字段，如 dangerLevel
    pub(crate) field: Option<String>,
    /// 为什么，对方会看到
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
    /// 谁；默认是登录名
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// 只列一个来源的
    #[arg(long, value_name = "SOURCE", conflicts_with = "kind")]
    pub(crate) source: Option<String>,
    /// 答复了的、撤回的也列出
    #[arg(long, conflicts_with = "kind")]
    pub(crate) all: bool,
    /// 输出 JSON
    #[arg(long, conflicts_with = "kind")]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) undo: Option<ReturnUndo>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReturnUndo {
    /// 撤回一次退回
    Undo {
        /// 第几号
        no: i64,
        /// 为什么
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// 谁；默认是登录名
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
}
