//! A difference in words.

use serde_json::Value;

use crate::proof::checkpoints::{FlawKind, Leaf};

/// The first field in which the file and the ledger differ.
pub(super) fn first(said: &Leaf, is: &Leaf) -> Option<String> {
    let mut names: Vec<&String> = said.says.keys().chain(is.says.keys()).collect();
    names.sort_unstable();
    names
        .into_iter()
        .find(|name| said.says.get(*name) != is.says.get(*name))
        .map(|name| field(said, is, name))
}

/// What the file and the ledger say of one field.
pub(super) fn field(said: &Leaf, is: &Leaf, name: &str) -> String {
    let value = |leaf: &Leaf| match leaf.says.get(name) {
        None => "没有".to_owned(),
        Some(Value::String(text)) => format!("“{text}”"),
        Some(value) => value.to_string(),
    };
    format!("{}：{}，文件记 {}，账目是 {}", thing(said), label(name), value(said), value(is))
}

/// What a leaf is of.
pub(super) fn thing(leaf: &Leaf) -> String {
    let text = |name: &str| leaf.says.get(name).and_then(Value::as_str).unwrap_or_default();
    let (key, second) = leaf.key.rsplit_once('/').unwrap_or((&leaf.key, ""));
    match leaf.what.as_str() {
        "document" => format!("文档 {key}（来源 {} 的 {}）", text("source"), text("service")),
        "part" => {
            format!("文档 {key} 第 {second} 段（来源 {} 的 {}）的研判计数", text("source"), text("service"))
        }
        "batch" => format!("批次 {}（{} · {}）", leaf.key, text("destination"), text("kind")),
        "attempt" => format!("批次 {key} 的第 {second} 次发送"),
        "revision" => format!("第 {key} 号配置"),
        "activation" => format!("第 {key} 号启用记录"),
        "retention" => format!("第 {key} 号清除记录"),
        "recovery" => format!("第 {key} 号补账记录"),
        other => format!("{other} {}", leaf.key),
    }
}

/// Which checkpoint, and what is wrong with the file there.
pub(super) const fn flaw(kind: &FlawKind) -> (Option<i64>, &'static str) {
    match kind {
        FlawKind::Unreadable => (None, "这一行不是检查点文件的写法：文件被改动过，或磁盘损坏"),
        FlawKind::Root(no) => (Some(*no), "其下各行与它的根不符：这个检查点的某一行被改动过"),
        FlawKind::Chain(no) => (Some(*no), "接不上前一个检查点：前一个的首行被改动过，或少了检查点"),
        FlawKind::Short(no) => (Some(*no), "文件在这个检查点中间断了"),
    }
}

fn label(name: &str) -> &str {
    match name {
        "source" => "来源",
        "service" => "服务",
        "kind" => "对象",
        "destination" => "目的地",
        "path" => "路径",
        "blob" => "原文摘要",
        "payload" => "报文摘要",
        "answer" => "应答摘要",
        "sent_digest" => "发出内容的摘要",
        "length" => "字节数",
        "located" | "size" => "条数",
        "received_at" => "接收时刻",
        "frozen_at" => "封批时刻",
        "at" => "时刻",
        "revision" => "配置号",
        "found" => "发现",
        "accepted" => "接受",
        "unchanged" => "未变",
        "rejected" => "退回",
        "held" => "待定",
        "status" => "状态码",
        "outcome" => "结果",
        "hash" => "配置摘要",
        "engine" => "引擎号",
        "how" => "方式",
        "who" => "谁",
        "why" => "理由",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(what: &str, key: &str, says: Value) -> Leaf {
        let Value::Object(says) = says else { panic!("no object") };
        Leaf { no: 1, what: what.into(), key: key.into(), says: says.into_iter().collect() }
    }

    #[test]
    fn the_first_field_that_differs_is_told_of_its_thing() {
        let of = |found: i64| {
            leaf("part", "17/0", serde_json::json!({"source": "park", "service": "tanks", "found": found}))
        };
        assert_eq!(first(&of(3), &of(3)), None);
        let told = first(&of(3), &of(4)).unwrap();
        assert_eq!(told, "文档 17 第 0 段（来源 park 的 tanks）的研判计数：发现，文件记 3，账目是 4");
    }

    #[test]
    fn what_is_absent_on_one_side_differs() {
        let answered = leaf("attempt", "national-9/2", serde_json::json!({"answer": "abc"}));
        let silent = leaf("attempt", "national-9/2", serde_json::json!({}));
        let told = first(&answered, &silent).unwrap();
        assert_eq!(told, "批次 national-9 的第 2 次发送：应答摘要，文件记 “abc”，账目是 没有");
        assert!(first(&silent, &answered).unwrap().contains("文件记 没有，账目是 “abc”"));
    }

    #[test]
    fn everything_that_is_proven_has_a_name() {
        let names = [
            ("document", "文档 5（来源  的 ）"),
            ("batch", "批次 5（ · ）"),
            ("revision", "第 5 号配置"),
            ("activation", "第 5 号启用记录"),
            ("retention", "第 5 号清除记录"),
            ("recovery", "第 5 号补账记录"),
        ];
        for (what, name) in names {
            assert_eq!(thing(&leaf(what, "5", serde_json::json!({}))), name);
        }
    }
}
