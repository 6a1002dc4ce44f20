//! The interop vectors of transport.md §7, and that opening undoes sealing.

use proptest::prelude::*;

use super::*;

const KEY: &str = "0123456789abcdef";
const PLAIN: &str = r#"[{"id":"1","dangerName":"隐患"}]"#;

#[test]
fn pattern_1_key_is_iv() {
    let cipher = Cipher::from_texts(KEY, KEY).unwrap();
    let sealed = "Ga3jiNOxxP0pfmGnTTuJUL/PRrElvGtRaq1Q37m+CDEcT5KKosVkwiXR0963LyxF";
    assert_eq!(cipher.seal(PLAIN.as_bytes()), sealed);
    assert_eq!(cipher.open(sealed).unwrap(), PLAIN.as_bytes());
}

#[test]
fn pattern_3_iv_of_sixteen_ascii_zeros() {
    let cipher = Cipher::from_texts(KEY, "0000000000000000").unwrap();
    let sealed = "seqdQvIcuDKciZYCIf4y2Bb2O3dOCo4VhjhyVK/3Bkwv3DMxYmhVHi5uxdpYzRO9";
    assert_eq!(cipher.seal(PLAIN.as_bytes()), sealed);
    assert_eq!(cipher.open(&format!(" {sealed}\n")).unwrap(), PLAIN.as_bytes());
}

#[test]
fn the_wrong_key_a_cut_text_and_no_base64_are_told_apart() {
    let cipher = Cipher::from_texts(KEY, KEY).unwrap();
    let sealed = cipher.seal(PLAIN.as_bytes());
    assert_eq!(cipher.open("隐患"), Err(CipherError::Base64));
    assert_eq!(cipher.open(sealed.get(..20).unwrap()), Err(CipherError::Padding));
    assert_eq!(cipher.open(""), Err(CipherError::Padding));
    assert_eq!(Cipher::from_texts("short", KEY).unwrap_err(), CipherError::Length);
    assert_eq!(Cipher::from_texts(KEY, "十六个字节").unwrap_err(), CipherError::Length);
}

#[test]
fn debug_shows_no_key() {
    assert_eq!(format!("{:?}", Cipher::new(&[65; 16], &[66; 16])), "Cipher(aes-128-cbc)");
}

proptest! {
    #[test]
    fn opening_undoes_sealing(plain: Vec<u8>, key: [u8; 16], iv: [u8; 16]) {
        let cipher = Cipher::new(&key, &iv);
        prop_assert_eq!(cipher.open(&cipher.seal(&plain)).unwrap(), plain);
    }

    #[test]
    fn opening_never_panics(text: String) {
        let _ = Cipher::new(&[1; 16], &[2; 16]).open(&text);
    }
}
