//! `lianwang checkpoint`: what the service does nightly and when it ends, now.

use std::io::{self, Write as _};

use super::{Outcome, arguments::Place, open};
use crate::pipeline;

pub(super) async fn checkpoint(place: &Place) -> Outcome {
    let context = open::current(place).await?;
    let made = pipeline::checkpoint(&context).await?;
    let path = context.checkpoints().map(|path| path.display().to_string()).unwrap_or_default();
    match made {
        Some(head) => writeln!(
            io::stdout(),
            "第 {} 个检查点：{} 项，记到第 {} 号，根 {}\n已写入 {path}",
            head.checkpoint,
            head.leaves,
            head.upto,
            head.root
        )?,
        None => writeln!(io::stdout(), "上一个检查点之后没有新的东西，不用写：{path}")?,
    }
    Ok(())
}
