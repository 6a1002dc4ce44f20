//! What is opened, and what is not.

use proptest::prelude::*;

use super::*;

#[test]
fn the_vector_of_the_national_cipher_opens() {
    // transport.md §7, pattern 1
    let key = *b"0123456789abcdef";
    let sealed = "Ga3jiNOxxP0pfmGnTTuJUL/PRrElvGtRaq1Q37m+CDEcT5KKosVkwiXR0963LyxF";
    let body = format!(r#"{{"datas":"{sealed}"}}"#);
    let plain = open(&Cipher::new(&key, &key), body.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(plain.clone()).unwrap(), r#"[{"id":"1","dangerName":"隐患"}]"#);
    let posted = records(&plain).unwrap();
    assert_eq!(posted[0].text, r#"{"id":"1","dangerName":"隐患"}"#);
    assert!(open(&Cipher::new(b"another key 1234", &key), body.as_bytes()).is_none());
    assert!(open(&Cipher::new(&key, &key), b"{}").is_none());
}

#[test]
fn a_record_that_is_no_object_has_no_fields() {
    let posted = records(b"[1,{}]").unwrap();
    assert!(posted[0].fields.is_none() && posted[1].fields.is_some());
    assert!(records(b"{}").is_none());
}

#[test]
fn basic_credentials_are_read_as_rfc_7617_prints_them() {
    let headers = |value: &str| HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
    let given = credentials(&headers("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    assert_eq!(given, Some(("Aladdin".to_owned(), "open sesame".to_owned())));
    for wrong in ["Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Basic ???", "Basic", ""] {
        assert_eq!(credentials(&headers(wrong)), None, "{wrong}");
    }
}

#[test]
fn records_stay_as_they_were_written() {
    let plain = r#"[{"a": 1.10 , "b":"x"},
        {"a":12345678901234567890123}]"#;
    let posted = records(plain.as_bytes()).unwrap();
    let texts: Vec<&str> = posted.iter().map(|record| record.text.as_str()).collect();
    assert_eq!(texts, [r#"{"a": 1.10 , "b":"x"}"#, r#"{"a":12345678901234567890123}"#]);
}

proptest! {
    #[test]
    fn no_body_is_too_strange_to_refuse(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let key = *b"0123456789abcdef";
        let cipher = Cipher::new(&key, &key);
        prop_assert_eq!(open(&cipher, &body), None);
        let _ = records(&body);
    }

    #[test]
    fn what_a_sender_seals_is_opened(plain in prop::collection::vec(any::<u8>(), 0..200)) {
        let cipher = Cipher::new(b"0123456789abcdef", b"fedcba9876543210");
        let body = format!(r#"{{"datas":"{}"}}"#, cipher.seal(&plain));
        prop_assert_eq!(open(&cipher, body.as_bytes()), Some(plain));
    }

    #[test]
    fn credentials_with_any_password_come_back(user in "[0-9]{9}", password in "[!-~]{0,20}") {
        let value = format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
        prop_assert_eq!(credentials(&headers), Some((user, password)));
    }
}
