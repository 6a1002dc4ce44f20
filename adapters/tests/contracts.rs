//! What the other crates build on: references, the clock, errors, and the shape in which a cursor is kept.

use std::{path::PathBuf, time::Duration};

use adapters::{
    AdapterError, Blame, Certainty, Clock, Environment, ManualClock, Mark, Next, Reference, Resume, Retry,
    Sent, SystemClock, Window,
};
use chrono::{TimeDelta, TimeZone, Utc};
use secrecy::ExposeSecret;

mod references {
    use super::*;

    #[test]
    fn two_forms_and_no_other() {
        assert_eq!(Reference::parse("env:TOKEN"), Some(Reference::Env("TOKEN".to_owned())));
        assert_eq!(Reference::parse("file:a/b"), Some(Reference::File(PathBuf::from("a/b"))));
        for text in ["", "env:", "file:", "s3cret", "ENV:TOKEN", " env:TOKEN"] {
            assert_eq!(Reference::parse(text), None, "{text}");
        }
    }

    #[test]
    fn values_are_found_and_never_shown() {
        let environment = Environment::default().with("TOKEN", "s3cret");
        let found = environment.resolve(&Reference::Env("TOKEN".to_owned())).unwrap();
        assert_eq!(found.expose_secret(), "s3cret");
        assert_eq!(format!("{environment:?} {found:?}").matches("s3cret").count(), 0);
    }

    #[test]
    fn a_file_loses_its_line_end_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        for (written, read) in [("a b \r\n", "a b "), ("a\nb\n\n", "a\nb"), ("", "")] {
            std::fs::write(&path, written).unwrap();
            let found = Environment::default().resolve(&Reference::File(path.clone())).unwrap();
            assert_eq!(found.expose_secret(), read);
        }
    }

    #[test]
    fn nowhere_is_a_configuration_error() {
        let environment = Environment::default();
        for (reference, what) in [
            (Reference::Env("TOKEN".to_owned()), "环境变量 TOKEN 没有设置"),
            (Reference::File("/no/such/file".into()), "读不到文件 /no/such/file：没有这个文件"),
        ] {
            let error = environment.resolve(&reference).unwrap_err();
            assert!(error.what.starts_with(what), "{}", error.what);
            assert_eq!(
                (error.blame, error.retry, error.certainty),
                (Blame::Config, Retry::Never, Certainty::NotReceived)
            );
        }
    }
}

mod time {
    use super::*;

    #[test]
    fn a_manual_clock_stands_still_until_moved_and_is_shared_by_its_clones() {
        let start = Utc.with_ymd_and_hms(2024, 6, 12, 1, 30, 0).unwrap();
        let clock = ManualClock::starting(start);
        let other = clock.clone();
        assert_eq!((clock.now(), other.now()), (start, start));
        other.advance(TimeDelta::milliseconds(1_500));
        assert_eq!(clock.now(), start + TimeDelta::milliseconds(1_500));
        clock.advance(TimeDelta::hours(-1));
        assert_eq!(other.now(), start + TimeDelta::milliseconds(1_500) - TimeDelta::hours(1));
    }

    #[test]
    fn the_machines_clock_does_not_run_backwards_at_once() {
        let first = SystemClock.now();
        assert!(SystemClock.now() >= first);
    }
}

mod errors {
    use super::*;

    #[test]
    fn each_kind_says_what_may_be_done() {
        let remote = AdapterError::remote("断了", Certainty::Unknown);
        assert_eq!(
            (remote.blame, remote.retry, remote.certainty),
            (Blame::Remote, Retry::Later, Certainty::Unknown)
        );
        let paced = AdapterError::paced(Duration::from_millis(250));
        assert_eq!(
            (paced.blame, paced.retry, paced.certainty),
            (Blame::Us, Retry::Paced(Duration::from_millis(250)), Certainty::NotReceived)
        );
        assert_eq!(paced.to_string(), "按限速等待 250 毫秒");
    }

    #[test]
    fn what_was_seen_and_sent_is_added_and_nothing_lost() {
        let error = AdapterError::remote("断了", Certainty::Unknown)
            .with_seen(Some(200), b"abc".to_vec())
            .with_retry(Retry::After(Duration::from_secs(7)))
            .with_sent(Sent { digest: "d".to_owned(), with: "plain".to_owned() })
            .with_seen(None, b"abcd".to_vec());
        assert_eq!((error.status, error.seen.as_slice()), (Some(200), &b"abcd"[..]));
        assert_eq!(error.retry, Retry::After(Duration::from_secs(7)));
        assert_eq!(error.sent.unwrap().with, "plain");
    }
}

mod a_cursor_as_kept {
    use super::*;

    /// Rows of the ledger hold these texts: a change of shape would strand every pass under way.
    #[test]
    fn keeps_its_shape() {
        let mark = Mark { time: "2024-06-12 09:30:00".to_owned(), id: "17".to_owned() };
        let next = Next { token: "abc".to_owned(), pages: 3, mark: "ab".to_owned() };
        for (resume, text) in [
            (Resume::Start, r#""start""#),
            (Resume::Page(3), r#"{"page":3}"#),
            (Resume::Offset(300), r#"{"offset":300}"#),
            (Resume::Next(next), r#"{"next":{"token":"abc","pages":3,"mark":"ab"}}"#),
            (Resume::After(mark), r#"{"after":{"time":"2024-06-12 09:30:00","id":"17"}}"#),
        ] {
            assert_eq!(serde_json::to_string(&resume).unwrap(), text);
            assert_eq!(serde_json::from_str::<Resume>(text).unwrap(), resume);
        }
        let window = Window { from: None, until: Utc.with_ymd_and_hms(2024, 6, 12, 1, 30, 0).unwrap() };
        let text = r#"{"from":null,"until":"2024-06-12T01:30:00Z"}"#;
        assert_eq!(serde_json::to_string(&window).unwrap(), text);
        assert_eq!(serde_json::from_str::<Window>(text).unwrap(), window);
    }
}
