//! Which list of another's configuration is measured, and what of it stays.

use adapters::source::ConnectConfig;

use super::*;

/// The rules of the demo's park, as if somebody had written them.
fn demo() -> Vec<RuleFile> {
    let mut files = embedded::demo();
    files.retain(|file| !file.path.starts_with("sources/") || file.path.contains("demo-park"));
    files
}

fn without(files: Vec<RuleFile>, path: &str) -> Vec<RuleFile> {
    files.into_iter().filter(|file| !file.path.contains(path)).collect()
}

#[test]
fn of_many_lists_the_hazards_are_measured() {
    let chosen = chosen(&demo()).unwrap();
    assert_eq!((chosen.source.as_str(), chosen.service.as_str()), ("demo-park", "t_yhzlxx"));
    assert_eq!(chosen.nights[..3], ["--touch", "UPDATE_TIME", "--change"]);
    assert!(["DANGER_DESC", "DANGER_REASON"].contains(&chosen.nights[3].as_str()), "{:?}", chosen.nights);
}

#[test]
fn of_several_hazards_nobody_knows_which() {
    let Err(Failure::Usage(words)) = chosen(&embedded::demo()) else { panic!("which of three?") };
    assert!(words.contains("不知道测哪个"), "{words}");
}

#[test]
fn without_hazards_there_must_be_one_list() {
    let files = without(demo(), "demo-park/hazard.toml");
    let Err(Failure::Usage(words)) = chosen(&files) else { panic!("which of nine?") };
    assert!(words.contains("9 个映射"), "{words}");
}

#[test]
fn their_rules_stay_and_their_systems_do_not() {
    let chosen = chosen(&demo()).unwrap();
    let compiled = compiled(joined(demo(), &chosen).unwrap()).unwrap();
    let [source] = compiled.sources.as_slice() else { panic!("{:?}", compiled.sources) };
    assert_eq!((source.title.as_str(), source.services.len()), ("演示化工园区", 10));
    let measured = source.services.iter().filter(|service| service.request.path == "/rows");
    assert_eq!(measured.map(|service| service.name.as_str()).collect::<Vec<_>>(), ["t_yhzlxx"]);
    let ConnectConfig::Rest(connect) = &source.connect;
    assert_eq!(connect.base_url.reference().unwrap().to_string(), "env:LIANWANG_BENCH_PARK_URL");
    assert!(compiled.rulebook.mapping("demo-park", "t_yhzlxx").is_some());
    let [destination] = compiled.destinations.as_slice() else { panic!("{:?}", compiled.destinations) };
    assert_eq!(destination.send.kinds.as_deref(), Some(&["hazard".to_owned()][..]));
}

#[test]
fn wrong_rules_are_told_before_anything_starts() {
    let mut files = demo();
    files.retain(|file| file.path != "kinds/hazard.toml");
    assert!(matches!(chosen(&files), Err(Failure::Check(words)) if words.contains("配置有错")));
    assert!(matches!(reading(Path::new("/nowhere"), Path::new("x")), Err(Failure::Usage(_))));
}
