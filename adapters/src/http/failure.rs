//! Failures of an exchange, classified: whose fault, when again, and whether the other side may have taken it.
//! Only about exchanges without a whole answer; what an answer means is judged elsewhere.

use std::error::Error;

use crate::error::{AdapterError, Certainty};

/// No answer came.
pub(super) fn unanswered(error: &reqwest::Error) -> AdapterError {
    if error.is_builder() {
        return AdapterError::config(format!("请求无法组成：{}", causes(error)));
    }
    if error.is_connect() {
        let what = if error.is_timeout() { "连接超时" } else { "连接不上" };
        return AdapterError::remote(format!("{what}：{}", causes(error)), Certainty::NotReceived);
    }
    let what =
        if error.is_timeout() { "已发出，等应答超时" } else { "已发出，没有得到应答" };
    AdapterError::remote(format!("{what}：{}", causes(error)), Certainty::Unknown)
}

/// An answer began and did not end.
pub(super) fn cut(error: &reqwest::Error, came: usize) -> AdapterError {
    let what = if error.is_timeout() { "读应答超时" } else { "应答在中途断开" };
    AdapterError::remote(format!("{what}，只收到 {came} 字节：{}", causes(error)), Certainty::Unknown)
}

/// An answer is longer than allowed.
pub(super) fn over_the_cap(cap_mb: u32) -> AdapterError {
    AdapterError::remote(format!("应答超过上限 {cap_mb} MB（body_cap_mb），已停止读取"), Certainty::Unknown)
}

const MOST_CAUSES: usize = 6;

/// The innermost causes, without the address: its query may hold what is nobody else's business.
pub(super) fn causes(error: &reqwest::Error) -> String {
    let mut texts = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause.filter(|_| texts.len() < MOST_CAUSES) {
        texts.push(error.to_string());
        cause = error.source();
    }
    texts.dedup();
    if texts.is_empty() { "原因不明".to_owned() } else { texts.join("：") }
}
