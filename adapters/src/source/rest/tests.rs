//! Addresses: what is one, and how paths follow it. Exchanges are tested in `tests/rest_source.rs`.

use super::*;

#[test]
fn paths_follow_the_address() {
    for (base, path, url) in [
        ("http://a", "b", "http://a/b"),
        ("http://a/", "/b/c", "http://a/b/c"),
        ("https://a:8443/x/", "/b", "https://a:8443/x/b"),
        ("https://a/x", "b c/隐", "https://a/x/b%20c/%E9%9A%90"),
        ("https://a/x", "b?c=1#d", "https://a/x/b%3Fc=1%23d"),
    ] {
        assert_eq!(below(&base_url(base).unwrap(), path).as_str(), url);
    }
}

#[test]
fn a_host_is_its_name_and_port() {
    for (url, key) in [("http://a/x", "a:80"), ("https://a", "a:443"), ("http://a:81/y", "a:81")] {
        assert_eq!(host_key(&base_url(url).unwrap()), key);
    }
}
