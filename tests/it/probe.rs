//! `migrate --probe`: what it says of every kind of server, and that nothing remains of its questions.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
};

use serde_json::{Value, json};
use tests::{
    on_both,
    process::{Ended, Lianwang},
    state::Asked,
};

fn lianwang() -> Lianwang {
    Lianwang::new("commands::lianwang_process")
}

async fn probe(program: &Lianwang, url: &str) -> Ended {
    program.run(&["migrate", "--probe", url]).await
}

async fn json(program: &Lianwang, url: &str, code: i32) -> Value {
    let said = program.run(&["migrate", "--probe", url, "--json"]).await.said(code);
    serde_json::from_str(&said).unwrap()
}

/// Names of what was asked with this result.
fn with<'a>(probed: &'a Value, result: &str) -> Vec<&'a str> {
    let findings = probed["findings"].as_array().unwrap().iter();
    let of = findings.filter(|finding| finding["result"] == result);
    of.map(|finding| finding["name"].as_str().unwrap()).collect()
}

/// Everything a database has by name; of a file, everything beside it.
async fn things(db: &tests::Db) -> Vec<String> {
    if let Some(path) = db.url.strip_prefix("sqlite://") {
        let folder = std::fs::read_dir(Path::new(path).parent().unwrap()).unwrap().map(Result::unwrap);
        let mut files: Vec<String> = folder
            .map(|file| format!("{} {}", file.file_name().display(), file.metadata().unwrap().len()))
            .collect();
        files.sort();
        return files;
    }
    let asked = Asked::open(db).await;
    let sql = "SELECT relname::text || ' ' || oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace \
         OR relname LIKE 'lianwang_probe%' ORDER BY 1";
    let things = asked.column(sql).await;
    asked.close().await;
    things
}

#[tokio::test]
async fn a_good_place_is_told_so_before_and_after_there_is_a_ledger_and_nothing_remains() {
    on_both(async |db| {
        let program = lianwang();
        let said = probe(&program, &db.url).await.said(0);
        assert!(said.contains(&format!("是什么：{}", db.name)) && said.contains("什么都没有留下"), "{said}");
        assert!(!said.contains("缺  ") && !said.contains("未运行  "), "{said}");
        assert_eq!(things(db).await, Vec::<String>::new());

        db.store().await.close().await.unwrap();
        let before = things(db).await;
        let probed = json(&program, &db.url, 0).await;
        assert_eq!((&probed["verdict"], with(&probed, "has").len() > 7), (&json!("fit"), true));
        assert_eq!(things(db).await, before);

        db.run("DELETE FROM seaql_migrations WHERE version LIKE '%_proof'").await;
        let probed = json(&program, &db.url, 0).await;
        let expected: &[&str] = if db.name == "SQLite" { &[] } else { &["全部表结构"] };
        assert_eq!(
            with(&probed, "not_run"),
            expected,
            "a ledger at work is not changed to see whether it can be"
        );
    })
    .await;
}

#[tokio::test]
async fn a_user_who_may_make_no_table_lacks_that_and_nothing_else() {
    let Some(db) = tests::Db::postgres().await else { return };
    let role = db.role().await.unwrap();
    let only_look = "DO $$ BEGIN EXECUTE format('REVOKE ALL ON SCHEMA %1$I FROM %2$I; GRANT USAGE ON SCHEMA %1$I TO %2$I', \
         current_schema(), 'r_' || current_schema()); END $$";
    db.run(only_look).await;
    let probed = json(&lianwang(), &role.url, 1).await;
    let lacks = vec!["在自己的模式里建表", "全部表结构"];
    assert_eq!((with(&probed, "lacks"), with(&probed, "not_run")), (lacks, vec![]));
    assert!(probed.to_string().contains("GRANT USAGE, CREATE ON SCHEMA"), "{probed}");
    role.drop().await;
    db.close().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_or_lets_nobody_in_is_told_and_nothing_is_said_of_what_was_not_run() {
    let program = lianwang();
    let mut urls = vec!["postgres://root@127.0.0.1:1/test".to_owned()];
    let db = tests::Db::postgres().await;
    if let Some(db) = &db {
        let (protocol, rest) = db.url.split_once("://").unwrap();
        let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
        urls.push(format!("{protocol}://nobody_such:secret@{place}"));
    }
    for url in &urls {
        let probed = json(&program, url, 3).await;
        assert_eq!(
            (&probed["verdict"], with(&probed, "has"), with(&probed, "lacks")),
            (&json!("unreachable"), vec![], vec![])
        );
        let ended = probe(&program, url).await;
        assert!(ended.out.contains("未运行  RETURNING") && ended.err.contains("数据库连不上"), "{ended:?}");
        assert!(!format!("{ended:?}").contains("secret"));
    }
    if let Some(db) = db {
        db.close().await;
    }
}

/// A server of which only the first words are known; it ends with the test.
fn greeting_with(words: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            let _startup = client.read(&mut [0; 256]);
            let _sent = client.write_all(words);
        }
    });
    place.to_string()
}

#[tokio::test]
async fn a_login_we_cannot_do_and_a_server_that_is_no_database_are_named_and_refused() {
    let program = lianwang();
    let opengauss = greeting_with(b"R\0\0\0\x0c\0\0\0\x0a\0\0\0\x02");
    let complaint = probe(&program, &format!("postgres://hub@{opengauss}/l")).await.complained(1);
    assert!(complaint.contains("openGauss") && complaint.contains("password_encryption_type"), "{complaint}");
    let web = greeting_with(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let complaint = probe(&program, &format!("postgres://hub@{web}/l")).await.complained(1);
    assert!(complaint.contains("不说 PostgreSQL 的协议"), "{complaint}");
    let complaint = probe(&program, "dm://SYSDBA:secret@127.0.0.1:5236").await.complained(2);
    assert!(complaint.contains("“dm”") && !complaint.contains("secret"), "{complaint}");
}

#[tokio::test]
async fn a_mariadb_is_told_by_its_name_under_either_address() {
    if TcpStream::connect("127.0.0.1:3306").is_err() {
        eprintln!("*** no MariaDB at 127.0.0.1:3306: not tested against a real one ***");
        return;
    }
    for url in ["mysql://root@127.0.0.1:3306/test", "postgres://root@127.0.0.1:3306/test"] {
        let probed = json(&lianwang(), url, 1).await;
        assert!(probed["system"].as_str().unwrap().starts_with("MariaDB"), "{probed}");
        assert_eq!((with(&probed, "has"), with(&probed, "lacks")), (vec![], vec![]));
    }
}

#[tokio::test]
async fn a_file_that_is_something_else_is_refused_and_a_folder_that_is_not_there_is_not_made() {
    let program = lianwang();
    let said = probe(&program, "sqlite://no/such/folder/l.db").await.said(0);
    assert!(said.contains("目录 no/such/folder 和文件都还没有，首次运行时新建"), "{said}");
    assert!(!program.folder().join("no").exists());
    std::fs::write(program.folder().join("letter.db"), "Dear").unwrap();
    let complaint = probe(&program, "sqlite://letter.db").await.complained(1);
    assert!(complaint.contains("不是 SQLite 的"), "{complaint}");
    assert_eq!(std::fs::read(program.folder().join("letter.db")).unwrap(), b"Dear");
}
