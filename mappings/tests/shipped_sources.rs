//! The mappings that ship, and the one DESIGN describes, against the shipped kinds: no problem, every example holds.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::path::{Path, PathBuf};

use mappings::{RuleFile, Rulebook};

fn collect(root: &Path, folder: &str, files: &mut Vec<RuleFile>) {
    for entry in std::fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(root, &path, files);
        } else {
            files.push(RuleFile { text: std::fs::read_to_string(entry.path()).unwrap(), path });
        }
    }
}

fn shipped(folders: &[&str]) -> Vec<RuleFile> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in folders {
        collect(&root, folder, &mut files);
    }
    files
}

/// Problems of the files and of their examples, as printed, and how many mappings there are.
fn checked(files: &[RuleFile]) -> (Vec<String>, usize) {
    let (rulebook, mut problems) = Rulebook::compile(files);
    let count = rulebook.as_ref().map_or(0, |rulebook| rulebook.mappings().len());
    problems.extend(rulebook.iter().flat_map(Rulebook::run_examples));
    (problems.iter().map(ToString::to_string).collect(), count)
}

#[test]
fn the_demo_park_has_no_problem_and_its_examples_hold() {
    let (problems, count) = checked(&shipped(&["kinds", "profiles", "tables", "destinations", "sources"]));
    assert_eq!(problems, Vec::<String>::new());
    assert!(count >= 7, "{count}");
}

#[test]
fn the_mapping_in_the_design_means_what_it_says() {
    let mut files = shipped(&["kinds", "profiles", "tables"]);
    let mut add = |path: &str, text: &str| files.push(RuleFile { path: path.into(), text: text.into() });
    add("sources/puyang-park/source.toml", "zone = \"Asia/Shanghai\"\n[[services]]\nname = \"t_yhzlxx\"\n");
    add("tables/puyang-danger-level.csv", "from,code\n一般隐患,0\n重大隐患,1\n");
    add(
        "sources/puyang-park/hazard.toml",
        r#"
kind = "hazard"
id_space = "uuid"
profile = "chem"
select = { service = "t_yhzlxx" }
[fields]
id = "ID"
dangerLevel = { from = "DANGER_LEVEL", table = "puyang-danger-level" }
registTime  = { from = "REGIST_TIME", formats = ["%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S"] }
[[example]]
name = "a level nobody has mapped is held, not guessed"
input = { ID = "c7fcd7aebd3d5654a6225421bd3d989d", DANGER_LEVEL = "特大隐患" }
issues = ["unknown-code dangerLevel"]
"#,
    );
    let (problems, count) = checked(&files);
    assert_eq!(count, 1);
    assert!(problems.iter().all(|problem| problem.contains("警告: 必填字段")), "{problems:#?}");
    assert!(problems.iter().any(|problem| problem.contains("companyCode")), "{problems:#?}");
}
