//! Filling holes, leaving out what has no value, keeping types.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn values() -> Values {
    Values {
        page: Some(3),
        size: Some(50),
        until: Some("20240612093000".to_owned()),
        after_id: Some("0017".to_owned()),
        ..Values::default()
    }
}

#[test]
fn holes_are_filled_and_other_braces_stay() {
    let fill = |text: &str| Template::parse(text).unwrap().fill(&values());
    assert_eq!(fill("{page}").as_deref(), Some("3"));
    assert_eq!(fill("p{page}/{size}-{until}{after_id}").as_deref(), Some("p3/50-202406120930000017"));
    assert_eq!(fill("").as_deref(), Some(""));
    assert_eq!(fill("{ page } {} {\"a\":1} {").as_deref(), Some("{ page } {} {\"a\":1} {"));
    assert_eq!(fill("{{page}}").as_deref(), Some("{3}"));
}

#[test]
fn a_hole_without_value_leaves_the_parameter_out() {
    assert_eq!(Template::parse("{from}").unwrap().fill(&values()), None);
    assert_eq!(Template::parse("since {after_time}!").unwrap().fill(&values()), None);
}

#[test]
fn an_unknown_placeholder_is_named_with_the_known_ones() {
    let error = Template::parse("{pages}").unwrap_err();
    assert_eq!(
        error,
        "不认识的占位符 {pages}；可用的有 {page} {size} {offset} {next} {from} {until} {after_time} {after_id}"
    );
}

#[test]
fn json_keeps_types() {
    let body = json!({
        "pageStart": "{page}", "pageSize": "{size}", "label": "第{page}页", "until": "{until}", "afterId": "{after_id}",
        "from": "{from}", "fixed": [1, null, true, "{from}", "{size}"], "deep": { "until": "{until}", "from": "{from}" },
    });
    let template = BodyTemplate::parse(&body).unwrap();
    assert_eq!(
        template.fill(&values()).unwrap(),
        json!({
            "pageStart": 3, "pageSize": 50, "label": "第3页", "until": "20240612093000", "afterId": "0017",
            "fixed": [1, null, true, 50], "deep": { "until": "20240612093000" },
        })
    );
    let epoch = Values { until: Some("1718155800000".to_owned()), numeric_times: true, ..values() };
    let filled = template.fill(&epoch).unwrap();
    assert_eq!((&filled["until"], &filled["afterId"]), (&json!(1_718_155_800_000_u64), &json!("0017")));
    assert!(template.has(Hole::From) && template.has(Hole::Size) && !template.has(Hole::AfterTime));
}

proptest! {
    #[test]
    fn a_text_without_holes_is_itself(text in "[^{}]*") {
        prop_assert_eq!(Template::parse(&text).unwrap().fill(&Values::default()), Some(text));
    }

    #[test]
    fn any_text_is_survived(text in "[{}a-z_ 隐]{0,40}") {
        if let Ok(template) = Template::parse(&text) {
            let _ = template.fill(&values());
        }
    }
}
