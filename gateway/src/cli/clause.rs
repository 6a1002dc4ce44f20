//! What a rule rests on, in words for those who never saw our documents. Leaves which clause it is to the rules.

/// Our documents and what people call what is in them.
const TITLES: [(&str, &str); 9] = [
    ("national-model.md", "国家危化品数据模型"),
    ("notice.md", "豫应急办〔2024〕26号"),
    ("receiver-tables.md", "接收端字段表"),
    ("variants.md", "各系统写法对照"),
    ("codes-and-rules.md", "代码与校验规则"),
    ("transport.md", "传输约定"),
    ("dirty-data.md", "脏数据实例"),
    ("DESIGN", "本平台设计"),
    ("design", "本平台设计"),
];

/// A clause by the names that people know; where it was seen beside is left out.
pub(super) fn told(clause: &str) -> String {
    if clause == "source to be filled in by the province" {
        return "暂定，依据待省里补充".to_owned();
    }
    let ours = TITLES.iter().any(|(name, _)| clause.starts_with(name));
    // what stands in brackets behind ours may hold semicolons of its own
    let plain = if ours { clause.split(" (").next().unwrap_or(clause) } else { clause };
    let plain = plain.split("; ").next().unwrap_or(plain).trim_end_matches(" [INF]");
    TITLES.iter().fold(plain.to_owned(), |told, (name, title)| named(&told, name, title))
}

/// The title in the place of a name, where that stands by itself.
fn named(told: &str, name: &str, title: &str) -> String {
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let (mut named, mut from) = (String::new(), 0);
    for (at, _) in told.match_indices(name) {
        let end = at + name.len();
        let (before, after) = (told.get(..at).unwrap_or_default(), told.get(end..).unwrap_or_default());
        if is_letter(before.chars().next_back()) || is_letter(after.chars().next()) {
            continue;
        }
        named.push_str(told.get(from..at).unwrap_or_default());
        named.push_str(title);
        from = end;
    }
    named + told.get(from..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_is_told_by_the_name_that_people_know() {
        for (clause, said) in [
            ("national-model.md 1.3 (YT, JT t_aqfxfxdy)", "国家危化品数据模型 1.3"),
            ("national-model.md 1.8 (JDK8; lengths JT t_yhzlxx; enforcementId YT)", "国家危化品数据模型 1.8"),
            ("codes-and-rules.md 6.6 [INF]", "代码与校验规则 6.6"),
            ("notice.md 附件1 表尾", "豫应急办〔2024〕26号 附件1 表尾"),
            ("codes-and-rules.md 6.2", "代码与校验规则 6.2"),
            ("行政处罚法第九条", "行政处罚法第九条"),
            ("design", "本平台设计"),
            ("GB/T 4754 (2017)", "GB/T 4754 (2017)"),
            (
                "notice.md, 研判; no public table has it, the fields are designed",
                "豫应急办〔2024〕26号, 研判",
            ),
            ("variants.md 5.1; dirty-data.md 20", "各系统写法对照 5.1"),
            ("redesigned by hand", "redesigned by hand"),
            ("source to be filled in by the province", "暂定，依据待省里补充"),
        ] {
            assert_eq!(told(clause), said);
        }
    }
}
