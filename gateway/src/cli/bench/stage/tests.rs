//! The bench's own configuration, and what it refuses before it starts anything.

use super::*;

fn arguments(records: Option<u64>, input: Option<&str>) -> BenchArguments {
    BenchArguments { records, json: true, input: input.map(Into::into) }
}

fn place(config: Option<&str>, store: Option<String>) -> Place {
    Place { config: config.map(Into::into), store }
}

#[test]
fn its_own_configuration_has_no_problem_at_all() {
    let (compiled, problems) = config::compile(Revision::new(own()));
    assert_eq!(problems, []);
    let compiled = compiled.unwrap();
    let destination = compiled.destination(DESTINATION).unwrap();
    assert!(destination.takes("hazard") && !destination.takes("check_record"), "nobody waits for a parent");
    assert_eq!((compiled.sources.len(), destination.send.batch), (1, 500));
}

#[test]
fn it_makes_as_many_records_as_asked_for() {
    for (asked, made) in [(Some(5), "5"), (None, "200000")] {
        let reading = reading(&place(None, None), &arguments(asked, None)).unwrap();
        assert_eq!(
            (reading.source.as_str(), reading.rows),
            (SOURCE, vec!["--records".to_owned(), made.to_owned()])
        );
    }
}

#[test]
fn records_of_others_and_rules_of_others_go_together() {
    for (config, input) in [(Some("hub"), None), (None, Some("rows.ndjson"))] {
        let refused = reading(&place(config, None), &arguments(None, input));
        assert!(matches!(refused, Err(Failure::Usage(words)) if words.contains("要一起写")));
    }
}

#[tokio::test]
async fn its_own_ledger_is_a_new_file_and_another_must_be_empty() {
    let folder = TempDir::new().unwrap();
    let url = ledger(&place(None, None), folder.path()).await.unwrap();
    let named = place(None, Some(url.clone()));
    let store = Store::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    let migrated = store.stored_bytes().await.unwrap();
    assert!(migrated > 100_000, "{migrated}");
    assert_eq!(ledger(&named, folder.path()).await.unwrap(), url, "tables without a revision are empty");
    store.close().await.unwrap();

    let mut compiled = compiled(own()).unwrap();
    compiled.hub.proof.dir = Some(folder.path().join("proof"));
    open::node(&compiled.hub, Some(&compiled.revision), &url, open::surroundings(None), "").await.unwrap();
    let Err(Failure::Usage(words)) = ledger(&named, folder.path()).await else {
        panic!("a ledger in use must not be measured on");
    };
    assert!(words.contains("已有账目"), "{words}");
}
