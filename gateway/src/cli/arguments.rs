//! The command line's words.

#![expect(clippy::doc_markdown, reason = "these comments are the help texts that people read on a terminal")]

mod deciding;
mod fix;
mod returning;
mod roster;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

pub(crate) use deciding::{AliasArguments, Decide, LookAlikesArguments, SettleAlike, TakeApart, Verdict};
pub(crate) use fix::{FixArguments, FixUndo};
pub(crate) use returning::{ReturnArguments, ReturnUndo};
pub(crate) use roster::{Roster, RosterConfirm, RosterTake, RosterWord};

/// 联网：把一个省的双重预防系统接成一张网——不丢、不重、可证明。
#[derive(Debug, Parser)]
#[command(name = "lianwang", version)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where a command finds its configuration and its ledger.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// 配置目录；默认 ./config，没有则用内置的演示配置
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) config: Option<PathBuf>,
    /// 数据库：sqlite://文件 或 postgres://…；默认按配置，否则本目录下的 SQLite
    #[arg(long, global = true, value_name = "URL", env = "LIANWANG_STORE", hide_env_values = true)]
    pub(crate) store: Option<String>,
}

impl Place {
    /// The same place, its configuration in `dir` where one is named.
    pub(crate) fn at(self, dir: Option<PathBuf>) -> Self {
        Self { config: dir.or(self.config), ..self }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// 演示：本机起一个模拟园区和一个模拟省平台，全程跑起来
    Demo {
        /// 读完、判完、送完就结束，核对两个等式
        #[arg(long)]
        once: bool,
        /// 状态页地址；默认任取空闲端口
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
    },
    /// 检查配置：列出全部问题，带文件、行、列
    Check {
        /// 配置目录
        dir: Option<PathBuf>,
    },
    /// 新建一个配置目录：带注释、能通过检查的起点；有东西的目录不动
    Init {
        /// 新目录
        dir: PathBuf,
    },
    /// 启用一个配置：检查全部文件，记进账目，正在运行的服务随即换用
    Apply {
        /// 配置目录；默认按 --config
        dir: Option<PathBuf>,
        /// 退回到现行配置之前的那一个
        #[arg(long, conflicts_with = "dir")]
        back: bool,
        /// 为什么
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// 谁；默认是登录名
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// 与现行配置相比会改变什么，按来源、目的地、对象、代码表和字段
    Diff {
        /// 配置目录；默认按 --config
        dir: Option<PathBuf>,
        /// 输出 JSON
        #[arg(long)]
        json: bool,
    },
    /// 启用过的配置：号、时间、理由、谁
    Revisions {
        /// 输出 JSON
        #[arg(long)]
        json: bool,
    },
    /// 作为服务运行：按计划读取、研判、转发，提供状态页
    Run {
        /// 状态页地址；默认按配置
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
    },
    /// 读取一个来源，每个服务读到头
    Pull {
        /// 来源名
        source: String,
        /// 从头读起
        #[arg(long)]
        full: bool,
    },
    /// 研判已落库的数据，以及新配置可能放行的待定记录
    Refine,
    /// 按现行配置重新推导已研判的数据：先说会改变什么，确认后写成新版本
    Replay {
        /// 来源名；不写则全部
        #[arg(long, value_name = "SOURCE")]
        source: Option<String>,
        /// 只看这一刻以后收到的：2026-11-20 或 2026-11-20T08:00:00+08:00
        #[arg(long, value_name = "T")]
        since: Option<String>,
        /// 只说会改变什么，一个字都不写
        #[arg(long)]
        dry_run: bool,
        /// 不再询问
        #[arg(long)]
        yes: bool,
    },
    /// 转发到目的地，送到没有可送的为止
    Forward {
        /// 目的地名；不写则全部
        destination: Option<String>,
    },
    /// 核对两个等式
    Audit {
        /// 输出 JSON
        #[arg(long)]
        json: bool,
        /// 从原始字节重新推导没有留行的结论
        #[arg(long)]
        deep: bool,
        /// 与数据库之外的检查点文件逐项核对，指出第一处不同
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
    },
    /// 现在就写一个检查点（服务每夜和停止时自己会写）
    Checkpoint,
    /// 解释一条记录的全过程，逐字段，从原始字节重新推导并比对
    Explain {
        /// 对象，如 hazard
        kind: String,
        /// id（任何写法），或 id_space/id
        key: String,
        /// 输出 JSON
        #[arg(long)]
        json: bool,
    },
    /// 数据库从备份还原之后：按接收日志补回其间发出的批次，同样的批号、同样的内容
    Recover {
        /// 不问，直接做
        #[arg(long)]
        yes: bool,
        /// 这个节点的接收日志已经没有了
        #[arg(long, value_name = "NODE")]
        without: Vec<String>,
    },
    /// 按配置的保留天数清除旧的原文、被取代的版本和问题，腾出磁盘
    Retention {
        /// 只列出会清除什么
        #[arg(long)]
        dry_run: bool,
    },
    /// 建表或升级表结构
    Migrate {
        /// 什么都不建，只说这个数据库是什么、缺什么
        #[arg(long, value_name = "URL")]
        probe: Option<String>,
        /// 输出 JSON
        #[arg(long, requires = "probe")]
        json: bool,
    },
    /// 待定的代码：哪个来源的哪个词没见过，多少条在等；定下一个就放行
    Codes {
        /// 输出 JSON
        #[arg(long)]
        json: bool,
        #[command(subcommand)]
        decide: Option<Decide>,
    },
    /// 别名：哪些主键说的是同一条；定一次，写进配置目录的 aliases.csv 并启用，已有的记录随之归并，随时可分开
    Alias(AliasArguments),
    /// 待定的记录：按原因，多少条，多久了，怎样放行；出错太多而整批待定的文档
    Held {
        /// 输出 JSON
        #[arg(long)]
        json: bool,
        #[command(subcommand)]
        let_go: Option<LetGo>,
    },
    /// 声明为全量的服务从头读完后，哪些记录没有再报：标记删除了多少，哪一遍缺得太多在等人放行
    Sweep {
        /// 输出 JSON
        #[arg(long)]
        json: bool,
        #[command(subcommand)]
        asked: Option<SweepAsked>,
    },
    /// 名册：记录归谁——企业、场所和它们的编码，从哪天到哪天
    #[command(subcommand)]
    Roster(Roster),
    /// 来源发来而映射没有提到的字段：路径、条数、首见、末见、形状
    Fields {
        /// 只看一个来源
        #[arg(long, value_name = "SOURCE")]
        source: Option<String>,
        /// 输出 JSON
        #[arg(long)]
        json: bool,
    },
    /// 等上级的记录：等谁、等了多久、上级现在在哪里
    Waiting {
        /// 目的地名；不写则全部
        destination: Option<String>,
        /// 输出 JSON
        #[arg(long)]
        json: bool,
    },
    /// 订正一条记录的一个值（代码、行政区划、企业编码）：写进 fixes.csv，可撤销；等级、状态、日期、人名只退回来源
    Fix(FixArguments),
    /// 疑似重复登记：同一家、同一天、另一个 id、几乎同样的话；只提示，从不自己合并
    LookAlikes(LookAlikesArguments),
    /// 建报表用的数据库视图：每种对象一个，个人信息遮掩；另有不遮掩的，单独授权
    Views,
    /// 规则说了什么：数据模型、JSON Schema、填报模板、个人信息字段
    #[command(subcommand)]
    Docs(Docs),
    /// 不连网检查一个文件（JSON、每行一个 JSON、.xlsx），与联网后的研判完全相同
    Inspect(InspectArguments),
    /// 把退回的记录按对方自己的列还给对方：出错的格子标红，写明原因和依据（含个人信息，见 docs/rejections.md）
    Rejections(RejectionsArguments),
    /// 把已接收记录里只有对方能改的一项退回给对方：列进他们的退回表，直到报来新的；不写对象则列出
    Return(ReturnArguments),
    /// 收下一个文件：对方改好的退回表，或别的一批记录；先给看 inspect 的结果，确认后和读来的一样研判、转发
    Take(TakeArguments),
    /// 测速：本机起一个大园区和一个不限速的省平台，分四段计时
    Bench(BenchArguments),
    /// 随程序提供的模拟器
    #[command(subcommand)]
    Sim(Sim),
}

#[derive(Debug, Subcommand)]
pub(crate) enum LetGo {
    /// 放行出错太多而整批待定的文档：合格的收下，不合格的退回
    Release {
        /// 文档号
        #[arg(required = true, value_name = "DOCUMENT")]
        documents: Vec<i64>,
        /// 为什么
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// 谁；默认是登录名
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SweepAsked {
    /// 放行缺得太多的一遍：没有再报的记录全部标记为已删除并上报
    Release {
        /// 来源名
        source: String,
        /// 服务名
        service: String,
        /// 为什么
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// 谁；默认是登录名
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Docs {
    /// 全部对象的字段、要求、规则、示例和代码表，Markdown
    Schema {
        /// 只看一种对象，如 hazard
        kind: Option<String>,
    },
    /// 一种对象的 JSON Schema
    JsonSchema {
        /// 对象，如 hazard
        kind: String,
        /// 行业，如 chem
        #[arg(long, value_name = "PROFILE")]
        profile: Option<String>,
    },
    /// 一种对象的空白 .xlsx 填报模板，代码可下拉选择；roster 是空白名册
    Template {
        /// 对象，如 hazard；或 roster
        kind: String,
        /// 行业，如 chem
        #[arg(long, value_name = "PROFILE")]
        profile: Option<String>,
        /// 写到哪里；默认是对象的中文名
        #[arg(long, value_name = "FILE.xlsx")]
        out: Option<PathBuf>,
    },
    /// 哪些字段是个人信息
    Personal {
        /// 只看一种对象
        kind: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    /// 文件
    pub(crate) file: PathBuf,
    /// 按哪个来源的映射
    #[arg(long, value_name = "SOURCE", conflicts_with = "kind")]
    pub(crate) source: Option<String>,
    /// 来源的哪个服务；来源只有一个服务，或文件名就是服务名时可省
    #[arg(long, value_name = "SERVICE", requires = "source")]
    pub(crate) service: Option<String>,
    /// 按本省模板（`lianwang docs template`）检查的对象
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<String>,
    /// 行业
    #[arg(long, value_name = "PROFILE", requires = "kind")]
    pub(crate) profile: Option<String>,
    /// 输出 JSON，全部问题
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RejectionsArguments {
    /// 来源名
    #[arg(long, value_name = "SOURCE")]
    pub(crate) source: String,
    /// 只要它的一个服务
    #[arg(long, value_name = "SERVICE")]
    pub(crate) service: Option<String>,
    /// 只要这一刻以后还来过的：2026-11-20 或 2026-11-20T08:00:00+08:00
    #[arg(long, value_name = "T")]
    pub(crate) since: Option<String>,
    /// 待定的也要
    #[arg(long)]
    pub(crate) held: bool,
    /// 遮住个人信息；没有对照的列不知道是什么，也遮住
    #[arg(long)]
    pub(crate) masked: bool,
    /// 写成什么
    #[arg(long, value_enum, default_value = "xlsx")]
    pub(crate) format: SheetFormat,
    /// 写到哪里；默认 xlsx 写到“退回-来源.xlsx”，csv 和 json 写到标准输出
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct TakeArguments {
    /// 文件：退回表（xlsx、csv、json），JSON、每行一个 JSON、.xlsx
    pub(crate) file: PathBuf,
    /// 哪个来源的
    #[arg(long, value_name = "SOURCE")]
    pub(crate) source: String,
    /// 来源的哪个服务；退回表里写着的、文件名就是服务名的可省
    #[arg(long, value_name = "SERVICE")]
    pub(crate) service: Option<String>,
    /// 为什么
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
    /// 谁；默认是登录名
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// 只说会怎样，什么都不写
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// 不再询问
    #[arg(long)]
    pub(crate) yes: bool,
}

/// What a rejection sheet is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SheetFormat {
    /// 工作簿：一个服务一张表，出错的格子标红带批注
    Xlsx,
    /// 一个服务的行
    Csv,
    /// 每条一个对象
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Sim {
    /// 模拟园区平台
    Park(ParkArguments),
    /// 模拟省平台（国家交换格式的接收端）
    Province(ProvinceArguments),
    /// 测速用的园区：条数任意的隐患，或文件里的记录，一夜一夜地读
    Bulk(BulkArguments),
}

#[derive(Debug, Args)]
pub(crate) struct BenchArguments {
    /// 记录数；默认 200000，用 --input 时默认全部
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) records: Option<u64>,
    /// 标准输出只有一个 JSON 对象
    #[arg(long)]
    pub(crate) json: bool,
    /// 用这个文件里的记录（每行一个 JSON 对象），按 --config 目录里的映射
    #[arg(long, value_name = "FILE.ndjson")]
    pub(crate) input: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct BulkArguments {
    /// 监听地址，端口 0 为任取
    #[arg(long, default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// 条数；不写则 1000 条，用 --file 时为全部
    #[arg(long, value_name = "N")]
    pub(crate) records: Option<u64>,
    /// 提供这个文件里的行（每行一个 JSON 对象），不用生成的隐患
    #[arg(long, value_name = "FILE.ndjson")]
    pub(crate) file: Option<PathBuf>,
    /// 第二夜起，每行的这一列写成当时
    #[arg(long, value_name = "COLUMN", requires = "file")]
    pub(crate) touch: Option<String>,
    /// 第二夜起，百分之一的行这一列有变化
    #[arg(long, value_name = "COLUMN", requires = "file")]
    pub(crate) change: Option<String>,
    /// 标准输入关闭时结束
    #[arg(long)]
    pub(crate) with_parent: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ParkArguments {
    /// 监听地址，端口 0 为任取
    #[arg(long, default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// 随机种子：相同的种子是相同的园区
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// 企业数，每家约 120 条记录
    #[arg(long, default_value_t = 12)]
    pub(crate) enterprises: u32,
    /// 提供这个目录里的 JSON 数组（<服务>.json），不用生成的数据
    #[arg(long, value_name = "DIR")]
    pub(crate) records: Option<PathBuf>,
    /// 请求头 X-Token 必须是它
    #[arg(long)]
    pub(crate) token: Option<String>,
    /// 不夹带坏数据
    #[arg(long)]
    pub(crate) clean: bool,
    /// 标准输入关闭时结束
    #[arg(long)]
    pub(crate) with_parent: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ProvinceArguments {
    /// 监听地址，端口 0 为任取
    #[arg(long, default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// AES-128 密钥，16 字节文本
    #[arg(long, default_value = super::sim::DEMO_KEY)]
    pub(crate) key: String,
    /// AES 初始向量，16 字节文本
    #[arg(long, default_value = super::sim::DEMO_KEY)]
    pub(crate) iv: String,
    /// HTTP Basic 的口令（用户名是企业编码）；不写则不查
    #[arg(long)]
    pub(crate) password: Option<String>,
    /// 一批里有坏记录时：take-rest 收下其余，refuse-all 整批不收，refuse-unnamed 整批不收且不说是哪条
    #[arg(long, default_value = "take-rest")]
    pub(crate) on_bad: adapters::sim::OnBad,
    /// 收下的记录写进这个文件，重启后还记得
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    /// 上级数据已由别处上传：不因缺上级而拒收
    #[arg(long)]
    pub(crate) parents_elsewhere: bool,
    /// 标准输入关闭时结束
    #[arg(long)]
    pub(crate) with_parent: bool,
}
