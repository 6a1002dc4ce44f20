//! How a fix stands, in words.

use crate::pipeline::fixes::{State, Unused};

pub(super) fn shown(state: &State) -> String {
    match state {
        State::InForce => "已生效".to_owned(),
        State::Open { why } => format!("还没有用上：{}", open(*why)),
        State::Outlived { stands } if stands.is_empty() => "来源已不再说这一项，可以撤销".to_owned(),
        State::Outlived { stands } => format!("来源现在说的是 {stands}，可以撤销"),
        State::Nothing { why: None } => "这条记录还没有收下过".to_owned(),
        State::Nothing { why: Some(why) } => format!("这条记录还没有收下过：{}", open(*why)),
    }
}

const fn open(why: Unused) -> &'static str {
    match why {
        Unused::Waits => "等着研判：正在运行的服务自己会做，否则运行 lianwang refine",
        Unused::Gone => "原文已不在（按保留规则清除或读不出），保持原样；来源再报这一条时照改",
        Unused::Deleted => "这条记录联网已按删除处理，保持原样",
        Unused::Refused => "改了也收不下，保持原样；原因见 lianwang explain",
        Unused::Held => "还因别的问题待定着，见 lianwang held",
        Unused::Rejected => "还因别的问题退回着，原因见 lianwang explain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_says_what_to_do() {
        let stands = |text: &str| shown(&State::Outlived { stands: text.to_owned() });
        assert!(stands("3").contains("来源现在说的是 3") && stands("").contains("不再说这一项"));
        assert_eq!(shown(&State::InForce), "已生效");
        assert_eq!(shown(&State::Nothing { why: None }), "这条记录还没有收下过");
        for (why, word) in [
            (Unused::Waits, "lianwang refine"),
            (Unused::Gone, "保留规则"),
            (Unused::Deleted, "按删除处理"),
            (Unused::Refused, "收不下"),
            (Unused::Held, "lianwang held"),
            (Unused::Rejected, "退回着"),
        ] {
            assert!(shown(&State::Open { why }).contains(word), "{why:?}");
            assert!(shown(&State::Nothing { why: Some(why) }).contains(word), "{why:?}");
        }
    }
}
