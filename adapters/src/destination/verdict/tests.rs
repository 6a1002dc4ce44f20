//! The shipped national rules on real shapes of answers, and each kind of condition and naming by itself.

use std::time::Duration;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

const A: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const B: &str = "1f1e2d3c4b5a69788796a5b4c3d2e1f0";
const C: &str = "2f1e2d3c4b5a69788796a5b4c3d2e1f0";

#[derive(Deserialize)]
struct Rules {
    verdict: Vec<VerdictConfig>,
}

fn reader(toml: &str) -> Result<Reader, AdapterError> {
    Reader::new(&toml::from_str::<Rules>(toml).unwrap().verdict)
}

fn national() -> Reader {
    reader(include_str!("../../../../mappings/destinations/national/destination.toml")).unwrap()
}

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, body: body.as_bytes().to_vec(), ..Answer::default() }
}

fn read(reader: &Reader, answer: &Answer) -> Receipt {
    let members = [A, B, C].map(str::to_owned);
    let batch = Batch { id: "1", kind: "hazard", path: "p", group: "", members: &members, payload: b"[]" };
    reader.read(&batch, answer)
}

fn named(refused: &[(&str, &str)], others_taken: bool) -> Receipt {
    let refused = refused.iter().map(|(id, reason)| ((*id).to_owned(), (*reason).to_owned())).collect();
    Receipt::Named { refused, others_taken }
}

mod the_national_rules {
    use super::*;

    fn yt(data: &str) -> Receipt {
        let body = format!(r#"{{"requestId":"r","success":true,"code":200,"state":0,"data":{data}}}"#);
        read(&national(), &answer(200, &body))
    }

    #[test]
    fn success_without_a_business_failure_is_taken() {
        assert_eq!(yt(r#"{"code":"200","msg":"成功","data":[]}"#), Receipt::Taken);
        assert_eq!(yt(r#"{"code":200}"#), Receipt::Taken);
        assert_eq!(yt("null"), Receipt::Taken);
        assert_eq!(read(&national(), &answer(200, r#"{"success":true}"#)), Receipt::Taken);
    }

    #[test]
    fn success_with_code_500_and_a_list_refuses_the_named() {
        assert_eq!(
            yt(&format!(
                r#"{{"code":"500","msg":"校验失败","data":[{{"id":"{B}","msg":"管控措施ID不存在"}}]}}"#
            )),
            named(&[(B, "管控措施ID不存在")], false)
        );
        assert_eq!(
            yt(&format!(r#"{{"code":500,"data":[{{"id":"{C}","msg":"x"}},{{"id":"{A}","msg":"y"}}]}}"#)),
            named(&[(C, "x"), (A, "y")], false)
        );
    }

    #[test]
    fn code_500_without_a_list_names_no_row() {
        for data in ["null", "[]", "{}", "\"\""] {
            assert_eq!(
                yt(&format!(r#"{{"code":"500","msg":"数据校验不通过","data":{data}}}"#)),
                Receipt::Whole { data: true, reason: "数据校验不通过".to_owned() },
                "{data}"
            );
        }
        assert_eq!(
            yt(r#"{"code":"500","msg":"系统异常，请稍后再试"}"#),
            Receipt::Whole { data: false, reason: "系统异常，请稍后再试".to_owned() }
        );
        assert_eq!(
            yt(r#"{"code":"500"}"#),
            Receipt::Whole {
                data: false, reason: "整批被拒，没有说明是哪条数据：HTTP 200".to_owned()
            }
        );
    }

    #[test]
    fn a_city_receiver_names_the_same_row_once_for_each_field() {
        let body = format!(
            r#"{{"code":400,"msg":"校验失败","data":[{{"uuid":"{A}","msg":"dangerName 隐患名称不能为空!"}},
                {{"uuid":"{A}","msg":"companyCode 企业编码为小于9位的数字字符串!"}},{{"uuid":"{B}","msg":"a"}}]}}"#
        );
        let reason = "dangerName 隐患名称不能为空!；companyCode 企业编码为小于9位的数字字符串!";
        assert_eq!(read(&national(), &answer(400, &body)), named(&[(A, reason), (B, "a")], false));
    }

    #[test]
    fn busy_is_not_a_refusal() {
        let mut busy = answer(429, "slow down");
        busy.retry_after = Some(Duration::from_secs(30));
        assert_eq!(
            read(&national(), &busy),
            Receipt::Busy {
                after: Some(Duration::from_secs(30)), reason: "对方繁忙：HTTP 429".to_owned()
            }
        );
        assert!(matches!(read(&national(), &answer(503, "")), Receipt::Busy { after: None, .. }));
    }

    #[test]
    fn a_refused_credential_and_a_wrong_key_are_ours_to_mend() {
        for refused in [
            answer(401, ""),
            answer(403, "{}"),
            answer(500, r#"{"code":501,"msg":"数据体解密失败!请核对加密方式是否正确！"}"#),
        ] {
            assert!(matches!(read(&national(), &refused), Receipt::Busy { .. }));
            assert!(national().config_to_blame(&refused).unwrap().contains("请检查"));
            assert_eq!(national().config_to_blame(&refused).unwrap().matches("请检查").count(), 1);
        }
        assert_eq!(national().config_to_blame(&answer(429, "")), None);
        assert_eq!(national().config_to_blame(&answer(200, r#"{"success":true}"#)), None);
    }

    #[test]
    fn an_answer_without_words_is_called_by_its_rules_name() {
        let rule = |name: &str| {
            reader(&format!("[[verdict]]\n{name}status = [429]\nmessage = \"msg\"\noutcome = \"busy\"\n"))
                .unwrap()
        };
        let reason = |name: &str, body: &str| match read(&rule(name), &answer(429, body)) {
            Receipt::Busy { reason, .. } => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(reason("name = \"对方繁忙\"\n", "{}"), "对方繁忙：HTTP 429");
        assert_eq!(reason("name = \"对方繁忙\"\n", r#"{"msg":"一分钟后再来"}"#), "一分钟后再来");
        assert_eq!(reason("", "{}"), "HTTP 429，2 字节");
    }

    #[test]
    fn what_no_rule_knows_is_unknown() {
        for unknown in [
            answer(200, ""),
            answer(200, "<html>nginx</html>"),
            answer(200, r#"{"success":true,"data":{"code":"200""#),
            answer(200, r#"{"success":false,"msg":"x"}"#),
            answer(200, r#"{"success":true,"success":false}"#),
            answer(201, r#"{"success":true}"#),
            answer(302, ""),
            answer(500, "Internal Server Error"),
            answer(502, ""),
            answer(400, r#"{"code":400,"msg":"x","data":[]}"#),
        ] {
            let receipt = read(&national(), &unknown);
            assert!(matches!(receipt, Receipt::Unknown { .. }), "{receipt:?}");
        }
    }
}

mod naming_rows {
    use super::*;

    const RULE: &str = r#"
[[verdict]]
status = [200]
named = { list = "list", id = "row.id", reason = "msg" }
unnamed = "taken"
outcome = "refused"
[[verdict]]
status = [200]
outcome = "taken"
"#;

    fn receipt(body: &str) -> Receipt {
        read(&reader(RULE).unwrap(), &answer(200, body))
    }

    #[test]
    fn ids_are_compared_as_text_then_as_uuids() {
        let spelled = "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0";
        assert_eq!(
            receipt(&format!(
                r#"{{"list":[{{"row":{{"id":"{spelled}"}},"msg":"x"}},{{"row":{{"id":"{A}"}},"msg":"y"}}]}}"#
            )),
            named(&[(A, "x；y")], true)
        );
    }

    #[test]
    fn an_id_of_no_member_or_an_entry_without_id_is_unknown() {
        for body in [
            r#"{"list":[{"row":{"id":"9f1e2d3c4b5a69788796a5b4c3d2e1f0"},"msg":"x"}]}"#,
            r#"{"list":[{"row":{"id":null},"msg":"x"}]}"#,
            r#"{"list":[{"msg":"x"}]}"#,
            r#"{"list":["x"]}"#,
        ] {
            assert!(matches!(receipt(body), Receipt::Unknown { .. }), "{body}");
        }
        let mixed = format!(r#"{{"list":[{{"row":{{"id":"{A}"}}}},{{"row":{{"id":"7"}}}}]}}"#);
        assert_eq!(receipt(&mixed), Receipt::Unknown { reason: "应答拒收了不在本批里的记录 7".to_owned() });
    }

    #[test]
    fn an_empty_list_does_not_match() {
        assert_eq!(receipt(r#"{"list":[]}"#), Receipt::Taken);
        assert_eq!(receipt(r#"{"list":{}}"#), Receipt::Taken);
        assert_eq!(receipt("no json"), Receipt::Taken);
    }

    #[test]
    fn the_same_reason_twice_is_said_once_and_none_is_filled_in() {
        let twice =
            format!(r#"{{"list":[{{"row":{{"id":"{A}"}},"msg":"x"}},{{"row":{{"id":"{A}"}},"msg":"x"}}]}}"#);
        assert_eq!(receipt(&twice), named(&[(A, "x")], true));
        let none = format!(r#"{{"list":[{{"row":{{"id":"{A}"}}}}]}}"#);
        assert_eq!(receipt(&none), named(&[(A, &format!("HTTP 200，{} 字节", none.len()))], true));
    }
}

mod conditions {
    use super::*;

    fn holds(condition: &str, body: &str) -> bool {
        let toml = format!("[[verdict]]\noutcome = \"taken\"\n{condition}");
        read(&reader(&toml).unwrap(), &answer(200, body)) == Receipt::Taken
    }

    #[test]
    fn each_operator() {
        let body = r#"{"a":{"b":"500","n":null,"f":false,"o":{}},"c":201}"#;
        for (condition, expected) in [
            ("at = \"a.b\", is = \"500\"", true),
            ("at = \"a.b\", is = 500", true),
            ("at = \"a.b\", is = [\"1\", \"500\"]", true),
            ("at = \"a.b\", is = \"50\"", false),
            ("at = \"a.x\", is = \"500\"", false),
            ("at = \"a.b\", not = \"500\"", false),
            ("at = \"a.b\", not = [200, 201]", true),
            ("at = \"a.x\", not = \"500\"", true),
            ("at = \"a.n\", not = \"500\"", true),
            ("at = \"c\", matches = \"^20\"", true),
            ("at = \"c\", matches = \"^2$\"", false),
            ("at = \"a.x\", matches = \".*\"", false),
            ("at = \"a.o\", present = true", true),
            ("at = \"a.n\", present = true", false),
            ("at = \"a.n\", absent = true", true),
            ("at = \"a.f\", is = false", true),
            ("at = \"a\", absent = true", false),
        ] {
            assert_eq!(holds(&format!("body = [{{ {condition} }}]"), body), expected, "{condition}");
        }
    }

    #[test]
    fn a_condition_on_the_body_needs_a_body() {
        assert!(!holds("body = [{ at = \"a\", absent = true }]", ""));
        assert!(!holds("body = [{ at = \"a\", not = \"1\" }]", "<html>"));
        assert!(holds("body = [{ at = \"a\", absent = true }]", "{}"));
    }

    #[test]
    fn headers_count_as_well() {
        let toml = "[[verdict]]\noutcome = \"taken\"\nheader = [{ name = \"X-Result\", is = \"ok\" }, { name = \"x-other\", absent = true }]";
        let reader = reader(toml).unwrap();
        let received = reader.asked_headers(|name| (name == "x-result").then(|| "ok".to_owned()));
        assert_eq!(received, [("x-result".to_owned(), "ok".to_owned())]);
        assert_eq!(read(&reader, &Answer { headers: received, ..answer(200, "") }), Receipt::Taken);
        assert!(matches!(read(&reader, &answer(200, "")), Receipt::Unknown { .. }));
    }

    #[test]
    fn without_rules_every_answer_is_unknown() {
        let receipt = read(&reader("verdict = []").unwrap(), &answer(200, "{}"));
        assert_eq!(
            receipt,
            Receipt::Unknown { reason: "没有规则认得这个应答（HTTP 200，2 字节）".to_owned() }
        );
    }

    #[test]
    fn the_first_rule_that_matches_holds() {
        let toml = "[[verdict]]\nstatus = [200]\noutcome = \"busy\"\n[[verdict]]\nstatus = [200, 201]\noutcome = \"taken\"";
        let reader = reader(toml).unwrap();
        assert!(matches!(read(&reader, &answer(200, "")), Receipt::Busy { .. }));
        assert_eq!(read(&reader, &answer(201, "")), Receipt::Taken);
    }

    #[test]
    fn rules_that_cannot_be_meant_are_refused() {
        for (toml, what) in [
            ("[[verdict]]\noutcome = \"taken\"", "没有条件"),
            ("[[verdict]]\noutcome = \"taken\"\nbody = [{ at = \"a\" }]", "正好写一个"),
            (
                "[[verdict]]\noutcome = \"taken\"\nbody = [{ at = \"a\", is = \"1\", present = true }]",
                "正好写一个",
            ),
            ("[[verdict]]\noutcome = \"taken\"\nbody = [{ at = \"a\", matches = \"(\" }]", "正则"),
            ("[[verdict]]\noutcome = \"taken\"\nheader = [{ name = \"a\" }]", "正好写一个"),
            ("[[verdict]]\nstatus = [1]\noutcome = \"taken\"\nnamed = { list = \"l\", id = \"i\" }", "named"),
            ("[[verdict]]\nstatus = [1]\noutcome = \"taken\"\nconfig_to_blame = true", "config_to_blame"),
        ] {
            let error = reader(toml).unwrap_err();
            assert!(error.what.contains(what), "{toml}: {}", error.what);
        }
    }
}

proptest! {
    #[test]
    fn any_answer_is_survived_and_read_the_same_again(status in 100u16..600, body: Vec<u8>) {
        let (reader, answer) = (national(), Answer { status, body, ..Answer::default() });
        prop_assert_eq!(read(&reader, &answer), read(&reader, &answer));
    }

    #[test]
    fn only_members_are_ever_refused(ids in prop::collection::vec(prop::sample::select(vec![A, B, C, "x"]), 1..6)) {
        let list: Vec<String> = ids.iter().map(|id| format!(r#"{{"id":"{id}","msg":"m"}}"#)).collect();
        let body = format!(r#"{{"success":true,"data":{{"code":"500","data":[{}]}}}}"#, list.join(","));
        match read(&national(), &answer(200, &body)) {
            Receipt::Named { refused, others_taken } => {
                let mut expected = ids.clone();
                expected.sort_unstable();
                expected.dedup();
                let mut found: Vec<&str> = refused.iter().map(|(id, _)| id.as_str()).collect();
                found.sort_unstable();
                prop_assert_eq!(found, expected);
                prop_assert!(!others_taken && !ids.contains(&"x"));
            }
            receipt => {
                let is_unknown = matches!(receipt, Receipt::Unknown { .. });
                prop_assert!(is_unknown && ids.contains(&"x"));
            }
        }
    }
}
