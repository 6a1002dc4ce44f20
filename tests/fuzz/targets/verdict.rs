//! A destination's `[[verdict]]` rules: never a panic; rules that are taken read every answer, the same twice.
#![no_main]

use adapters::{
    Answer, Batch,
    destination::{Reader, VerdictConfig},
};
use libfuzzer_sys::fuzz_target;

const BODIES: [&str; 4] = [
    "",
    "[1]",
    r#"{"success":true,"data":{"code":"500","msg":"长度","data":[{"id":"a","msg":"m"},{"id":"zz"}]}}"#,
    r#"{"data":[{"uuid":"a","msg":1}],"code":0,"msg":null}"#,
];

#[derive(serde::Deserialize)]
struct Rules {
    #[serde(default)]
    verdict: Vec<VerdictConfig>,
}

fuzz_target!(|text: &str| {
    let Ok(rules) = toml::from_str::<Rules>(text) else { return };
    let Ok(reader) = Reader::new(&rules.verdict) else { return };
    let members = ["a".to_owned(), "b".to_owned()];
    let batch =
        Batch { id: "n-1", kind: "hazard", path: "p", group: "", members: &members, payload: b"[{},{}]" };
    for body in BODIES {
        for status in [200, 400, 503] {
            let headers = vec![("x-code".to_owned(), "1".to_owned())];
            let answer = Answer { status, headers, body: body.into(), ..Answer::default() };
            assert_eq!(reader.read(&batch, &answer), reader.read(&batch, &answer));
        }
    }
});
