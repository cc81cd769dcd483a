//! Names that must never reach a file system or a bucket.

use millrace_store::{Key, Store, StoreError};

use crate::verbs::key;

pub fn bad_names_are_refused_everywhere(store: &Store) {
    store.put(&key("safe/object"), "1").unwrap();
    for name in bad_names() {
        let shown = name.escape_debug();
        let error = Key::new(name.clone()).expect_err(&name);
        assert!(
            matches!(error, StoreError::InvalidKey { .. }),
            "{shown}: {error:?}"
        );
        assert!(
            error.to_string().len() < 1_000,
            "{shown}: a hostile name does not flood the log"
        );
        assert!(
            !error.to_string().chars().any(char::is_control),
            "{shown}: nor break its lines"
        );
        assert!(key("safe").join(&name).is_err(), "{shown}");
        assert!(Key::try_from(name.clone()).is_err(), "{shown}");
    }
    for prefix in [
        "/",
        "../",
        "..\u{ff0f}",
        "\u{ff0e}\u{ff0e}/",
        "a\u{202e}",
        "%252e/",
        "a%00",
        "a\r\n",
        "a/../",
        "a//",
        "./a",
        "%2e%2e/",
        "a\0",
        "a\\b",
        "caf\u{e9}",
        &"x".repeat(1_001),
    ] {
        let error = store.list(prefix).expect_err(prefix);
        assert!(
            matches!(error, StoreError::InvalidKey { .. }),
            "{prefix:?}: {error:?}"
        );
    }
    assert_eq!(store.list("").unwrap().len(), 1);
}

fn bad_names() -> Vec<String> {
    let plain = [
        "",
        "/",
        "/a",
        "a/",
        "a//b",
        "//",
        ".",
        "..",
        "./a",
        "a/.",
        "a/./b",
        "../a",
        "a/..",
        "a/../b",
        "a/../../b",
        "a\\b",
        "..\\a",
        "C:\\a",
        "a\0",
        "\0",
        "a\nb",
        "a\tb",
        "a\x7fb",
        "a\x1b[2J",
        "%2e%2e/a",
        "%2E%2E/a",
        ".%2e/a",
        "%252e%252e/a",
        "%c0%ae%c0%ae/a",
        "%uff0e/a",
        "a%2fb",
        "a%5cb",
        "a%00",
        "a%0d%0ab",
        "%",
        "a b",
        "a'b",
        "a\"b",
        "a;b",
        "a*b",
        "a?b",
        "a|b",
        "a<b",
        "a>b",
        "a$b",
        "a`b",
        "a&b",
        "a#b",
        "a~b",
        "{a}",
        "~/a",
        "$(a)",
        ".tmp-1",
        "a/.tmp-millrace-1",
        ".TMP-1/a",
        // Looks like, or is folded by some file systems into, something else.
        "caf\u{e9}",
        "cafe\u{301}",
        "\u{ff0e}\u{ff0e}/a",
        "a\u{2215}b",
        "a\u{ff0f}b",
        "a\u{2044}b",
        "a\u{29f8}b",
        "\u{2024}\u{2024}/a",
        "\u{2025}/a",
        "a\u{338}b",
        "a\u{202e}b",
        "\u{202e}a",
        "a\u{200f}",
        "\u{2066}a\u{2069}",
        "a\u{200b}b",
        "\u{feff}a",
        "a\u{ad}b",
        "a\u{a0}b",
        "a\u{85}b",
        "a\u{e0041}",
        "\u{212a}",
        "\u{1f600}",
    ];
    let mut names: Vec<String> = plain.map(str::to_owned).to_vec();
    for length in [1_001, 1_024, 1_025, 1 << 20] {
        names.push("a".repeat(length));
        names.push(["a"; 8].join("/") + &"/a".repeat(length));
    }
    names.push(["a"; 501].join("/"));
    names.push("a".repeat(256));
    names.push("\u{1}".repeat(100_000));
    names
}

#[test]
fn the_longest_and_oddest_good_names_are_taken() {
    for name in [
        "a".repeat(255),
        ["a"; 500].join("/"),
        "...".to_owned(),
        "a..b".to_owned(),
        "-_.=+@:,".to_owned(),
    ] {
        assert_eq!(Key::new(name.clone()).expect(&name).as_str(), name);
    }
    assert!(Key::new("a").unwrap().join("b/c").is_ok());
    assert_eq!(key("a/b/c").parent(), Some(key("a/b")));
    assert_eq!((key("a").parent(), key("a/b").file_name()), (None, "b"));
}
