//! Spellings of one image, and what is none.

use proptest::prelude::*;

use super::*;

const HEADS: [&[u8]; 5] = [
    &[0xff, 0xd8, 0xff, 0xe0],
    &[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a],
    b"GIF89a",
    &[b'B', b'M', 9, 9, 9, 9, 0, 0, 0, 0],
    b"RIFF9999WEBP",
];

#[test]
fn the_first_bytes_say_what_it_is() {
    for (head, (word, format)) in HEADS.into_iter().zip(Format::WORDS) {
        assert_eq!(Format::of(head), Some(format));
        assert_eq!((format.word(), Format::parse(word)), (word, Some(format)));
    }
    for bytes in [&b""[..], b"\xff\xd8", b"%PDF-1.7", b"BMW is a car", b"RIFF9999WAVE"] {
        assert_eq!(Format::of(bytes), None);
    }
    assert_eq!(Format::parse("jpg"), None);
}

#[test]
fn what_is_no_image_is_not_read() {
    let plain = STANDARD.encode(HEADS[1]);
    for text in
        ["", "无", "aGk=", "data:image/png;base64,", "data:image/png,%89PNG", "http://a/b.jpg", "/9j/4A-_"]
    {
        assert_eq!(Image::read(text), None, "{text}");
    }
    assert_eq!(Image::read(&format!("{plain},{plain}")), None);
    assert_eq!(Image::read(&format!("{}{plain}", "x".repeat(200))), None);
}

#[test]
fn addresses_are_told_from_images() {
    for link in ["http://a/b", "HTTPS://a", "ftp://a/b", "/upload/2024/a.JPG", "a.png"] {
        assert!(is_link(link), "{link}");
    }
    for other in ["/9j/4AAQ", "a b.jpg", "无", &format!("http://{}", "a".repeat(2000))] {
        assert!(!is_link(other), "{other}");
    }
}

#[test]
fn only_a_digest_is_a_digest() {
    let image = Image::read(&STANDARD.encode(HEADS[0])).unwrap();
    assert_eq!(Image::named(&image.canonical()), Some(image.digest()));
    assert_eq!(image.shown(), format!("图片 JPEG 1 KB sha256:{}", image.digest()));
    for text in ["blob:", "blob:xyz", &image.canonical().to_uppercase(), image.digest()] {
        assert_eq!(Image::named(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn every_spelling_of_the_same_bytes_is_the_same_image(
        head in 0usize..5,
        tail in proptest::collection::vec(any::<u8>(), 0..200),
        line in 1usize..80,
    ) {
        let bytes = [HEADS[head], &tail].concat();
        let plain = Spelling::Base64.write(&bytes);
        let image = Image::read(&plain).unwrap();
        prop_assert_eq!(image.bytes(), bytes.as_slice());
        prop_assert_eq!(image.chars(), plain.len());
        let chunks: Vec<&str> = plain.as_bytes().chunks(line).map(|chunk| std::str::from_utf8(chunk).unwrap()).collect();
        let spellings = [
            Spelling::DataUri.write(&bytes),
            format!("DATA:image/JPG;base64,{plain}"),
            format!("image/jpeg;base64,{plain}"),
            plain.trim_end_matches('=').to_owned(),
            plain.replace('+', "-").replace('/', "_"),
            format!(" \r\n{}\t", chunks.join("\r\n")),
        ];
        for spelling in spellings {
            prop_assert_eq!(Image::read(&spelling), Some(image.clone()), "{}", spelling);
        }
    }

    #[test]
    fn any_text_is_read_or_not(text in "\\PC{0,40}|[A-Za-z0-9+/=,;:_-]{0,60}") {
        let _ = (Image::read(&text), is_link(&text), Image::named(&text));
    }
}
