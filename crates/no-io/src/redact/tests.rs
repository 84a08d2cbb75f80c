//! Texts that repeat a secret, in any spelling.

use base64::Engine;

use super::*;

fn is_withheld(text: &str, secret: &str) -> bool {
    Redactor::new([secret]).printable(text, 512) == WITHHELD
}

fn assert_withheld(echoes: &[&str], secret: &str) {
    for echo in echoes {
        assert!(is_withheld(echo, secret), "{echo}");
        assert!(
            is_withheld(&format!("got ({echo}), sorry"), secret),
            "{echo}"
        );
    }
}

// fault: echo-in-another-spelling
#[test]
fn secret_in_any_spelling_is_withheld() {
    assert_withheld(
        &[
            "p/l+\u{e4}\"n%2-x",
            r#"p\/l+\u{e4}\"n%2-x"#.replace(r"\u{e4}", "\u{e4}").as_str(),
            r"p\u002Fl\u002b\u00E4\u0022n\u00252-x",
            "p%2Fl%2B%C3%A4%22n%252-x",
            "p%2fl%2b%c3%a4%22n%252-x",
            "p%252Fl%252B%25C3%25A4%2522n%25252-x",
            "p/l+%C3%A4\\\"n%252-x",
            "p/l \u{e4}\"n%2-x",
            "P/L+\u{e4}&quot;N%2-X",
            "p\\\\/l+\u{e4}\\\\\\\"n%2-x",
        ],
        "p/l+\u{e4}\"n%2-x",
    );
    let secret = "a b\u{1f600}\u{8}\t\n\u{c}\rcd";
    let form = "a+b%F0%9F%98%80%08%09%0A%0C%0Dcd";
    assert_withheld(
        &["a+b\u{1f600}cd", form, r"a b\ud83d\uDE00\b\t\n\f\rcd"],
        secret,
    );
}

// fault: echo-in-another-spelling
#[test]
fn secret_that_is_escaped_again_and_again_is_withheld() {
    let unicode = |text: &str| -> String {
        let units = text.encode_utf16();
        units.map(|unit| format!("\\u{unit:04x}")).collect()
    };
    let percent =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let json = |text: &str| {
        serde_json::to_string(text)
            .unwrap()
            .trim_matches('"')
            .to_owned()
    };
    let secret = "n\"t/b\u{e4}uf-r1x";
    for echo in [
        unicode(secret),
        unicode(&unicode(secret)),
        json(&unicode(secret)),
        json(&json(&unicode(secret))),
        json(&json(&json(secret))),
        percent(&percent(&percent(secret))),
        percent(&json(secret)),
        json(&percent(secret)),
        unicode(&percent(secret)),
        percent(&unicode(secret)),
    ] {
        assert_withheld(&[&echo], secret);
    }
}

// fault: echo-in-base64
#[test]
fn secret_in_base64_is_withheld_wherever_it_begins() {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let secret = "s3cret-of>ours?";
    for before in ["", "i", "id", "id:", "{\"client_secret\":\""] {
        let text = format!("{before}{secret}\"}}");
        assert_withheld(
            &[&STANDARD.encode(&text), &URL_SAFE_NO_PAD.encode(&text)],
            secret,
        );
        let form: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        assert_withheld(&[&STANDARD.encode(form)], secret);
    }
    assert_withheld(&[&STANDARD.encode("my-client:s3cret")], "s3cret");
    assert_withheld(&["c2VjcmV0LXMzY3JldC1zZWNyZXQ"], "s3cret");
}

// fault: echo-of-a-part
#[test]
fn eight_characters_in_a_row_are_withheld_and_seven_are_not() {
    let secret = "Zo5_U2v9-qkBq0Wm6mJm1vZkT8oSg3wXrYp4dNcLh7eRiUaQfKxEtMbJyPsVnC2D";
    let redactor = Redactor::new([secret]);
    for start in 0..=secret.len() - WINDOW {
        for length in [WINDOW, 40] {
            let part = &secret[start..secret.len().min(start + length)];
            let text = format!("the client secret {part}... is wrong");
            assert_eq!(redactor.printable(&text, 512), WITHHELD, "{part}");
        }
        let part = &secret[start..start + WINDOW - 1];
        let text = format!("the client secret {part}... is wrong");
        assert_eq!(redactor.printable(&text, 512), text);
    }
}

#[test]
fn short_secret_is_withheld_as_a_whole_and_a_word_as_a_word() {
    for (text, secret, expected) in [
        ("xs3cretx", "s3cret", true),
        ("s3cre", "s3cret", false),
        ("an errors list", "error", false),
        ("an error: x", "error", true),
        ("the end", "e", false),
        ("the e of it", "e", true),
        ("anything", "", false),
        ("", "s3cret", false),
    ] {
        assert_eq!(is_withheld(text, secret), expected, "{text} {secret}");
    }
}

#[test]
fn ordinary_text_stays_beside_a_random_secret() {
    let redactor = Redactor::new([
        "Zo5_U2v9-qkBq0Wm6mJm1vZkT8oSg3wXrYp4dNcLh7eR",
        "e",
        "hunter2",
    ]);
    for text in [
        "Client is not authorized to access resource server https://api.sitecorecloud.io. 50%!",
        "AADSTS7000215: Invalid client secret provided. Trace ID: 8f1e3c6a-1d6f-4a0e-9d2e-2b7c9d3f0a00",
    ] {
        assert_eq!(redactor.printable(text, 512), text);
    }
}

#[test]
fn secret_at_the_cut_is_withheld() {
    for padding in 500..512 {
        let text = "a ".repeat(padding / 2) + "s3cret-of-ours";
        assert!(is_withheld(&text, "s3cret-of-ours"), "{padding}");
    }
}

#[test]
fn added_secret_counts_beside_the_others() {
    let redactor = Redactor::new(["s3cret-of-ours"]);
    let added = redactor.with("t0ken-of-theirs");
    let both = added.with("a/ssertion+%41");
    for text in [
        "s3cret-of-ours",
        "t0ken-of-theirs",
        "a%2Fssertion%2B%2541",
        "a/ssertion A",
    ] {
        assert_eq!(both.whole(text), WITHHELD, "{text}");
    }
    assert_eq!(added.whole("a/ssertion+%41"), "a/ssertion+%41");
    assert_eq!(redactor.whole("t0ken-of-theirs"), "t0ken-of-theirs");
    assert_eq!(format!("{both:?}"), "Redactor([redacted])");
}

#[test]
fn whole_text_is_bounded() {
    let redactor = Redactor::new(["s3cret"]);
    let most = "a".repeat(WHOLE_LIMIT);
    assert_eq!(redactor.whole(&most), most);
    assert_eq!(redactor.whole(&(most + "a")), TOO_LONG);
}

#[test]
fn secrets_are_prepared_once_and_only_for_a_text_that_may_repeat_them() {
    struct Counted(std::cell::Cell<u32>);
    impl Secrets for Counted {
        fn prepare(&self) -> Prepared {
            self.0.set(self.0.get() + 1);
            Prepared::new(["s3cret-of-ours"])
        }
    }
    let secrets = Counted(Default::default());
    let pre_check = secrets.prepare().into_pre_check();
    let redactor = Redactor::unprepared(&pre_check, &secrets);
    for (text, is_withheld, preparations) in [
        ("another text", false, 1),
        // Its pairs are those of the secret.
        ("s3s3s3s3", false, 2),
        ("got 3CRET-of", true, 2),
        ("another text", false, 2),
    ] {
        assert_eq!(redactor.whole(text) == WITHHELD, is_withheld, "{text}");
        assert_eq!(secrets.0.get(), preparations, "{text}");
    }
}

#[test]
fn text_that_repeats_no_secret_is_printable_and_cut() {
    let redactor = Redactor::new(["s3cret-of-ours"]);
    for (text, expected) in [
        ("a plain text", "a plain text"),
        ("a plain text.", "a plain text..."),
        ("\u{202e}", "?"),
    ] {
        assert_eq!(redactor.printable(text, 12), expected);
    }
}

// fault: echo-in-another-spelling
#[test]
fn added_secret_is_withheld_in_any_spelling() {
    let redactor = Redactor::new([]);
    for (secret, echo) in [
        ("p/l+\u{e4}\"n%2-x", r"p\u002Fl+\u00E4\u0022n%252-x"),
        ("plain-and-long", "PLAIN%2Dand-long"),
        ("a+b", "(a b)"),
        ("\u{e4}\u{f6}\u{fc}", "%C3%A4%C3%B6%C3%BC"),
    ] {
        let redactor = redactor.with(secret);
        assert_eq!(redactor.whole(echo), WITHHELD, "{secret}");
        assert_eq!(redactor.whole(secret), WITHHELD, "{secret}");
        assert_eq!(redactor.whole("another text"), "another text");
        let Needles::Added { secret, .. } = redactor.needles else {
            panic!("it was added")
        };
        let is_plain = echo.starts_with("PLAIN");
        assert_eq!(matches!(secret, Added::Borrowed(_)), is_plain);
    }
    for empty in ["", "\\"] {
        let redactor = redactor.with(empty);
        assert_eq!(redactor.whole("a text, or \\"), "a text, or \\");
    }
}

#[test]
fn secret_of_four_characters_counts_within_a_word_and_one_of_three_does_not() {
    assert!(is_withheld("xxa1B2yy", "a1B2"));
    assert!(!is_withheld("xxa1Byy", "a1B"));
    assert!(is_withheld("xx a1B yy", "a1B"));
    let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    assert!(is_withheld(&base64("to be a1B or not to be"), "a1B"));
    assert!(!is_withheld(&base64("to be a1 or not to be"), "a1"));
    assert!(is_withheld("to be a1 or not to be", "a1"));
}
