//! Assertions in files.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_driver::AssertionSource;
use edge_oauth_keys::AssertionFile;
use edge_oauth_no_io::{AssertionRequest, CredentialError, Purpose};

pub(crate) fn text(source: &dyn AssertionSource) -> Result<String, CredentialError> {
    let assertion = source.assertion(&AssertionRequest::new(Purpose::ClientAuth))?;
    Ok(assertion.expose().to_owned())
}

pub(crate) fn jwt(claims: &str) -> String {
    format!(
        "eyJhbGciOiJFUzI1NiJ9.{}.c2ln",
        URL_SAFE_NO_PAD.encode(claims)
    )
}

/// Returns an empty folder for one test.
pub(crate) fn folder(test: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _missing = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

// fault: byte-order-mark
#[test]
fn rotated_file_is_read_again_without_its_newline() {
    let path = folder("rotated").join("token");
    let source = AssertionFile::new(&path);
    for (written, read) in [
        ("first\n", "first"),
        ("second\r\n", "second"),
        ("third", "third"),
        ("\u{feff}fourth\r\n", "fourth"),
    ] {
        fs::write(&path, written).unwrap();
        assert_eq!(text(&source).unwrap(), read);
    }
}

/// As Kubernetes does: `token` links to `..data/token`, and `..data` is a link that is replaced by a rename.
#[cfg(unix)]
#[test]
fn swapped_data_folder_is_followed() {
    use std::os::unix::fs::symlink;

    let folder = folder("swapped");
    let swap = |version: &str| {
        fs::create_dir(folder.join(version)).unwrap();
        fs::write(folder.join(version).join("token"), version).unwrap();
        symlink(version, folder.join("..data_tmp")).unwrap();
        fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
    };
    symlink("..data/token", folder.join("token")).unwrap();
    let source = AssertionFile::new(folder.join("token"));

    assert!(
        text(&source).unwrap_err().is_transient(),
        "before the first version"
    );
    swap("..2026_11_01");
    assert_eq!(text(&source).unwrap(), "..2026_11_01");
    swap("..2026_11_02");
    fs::remove_dir_all(folder.join("..2026_11_01")).unwrap();
    assert_eq!(text(&source).unwrap(), "..2026_11_02");
}

#[test]
fn unusable_file_names_the_path_and_whether_it_may_pass() {
    let folder = folder("unusable");
    let file = |name: &str, content: &[u8]| {
        fs::write(folder.join(name), content).unwrap();
        folder.join(name)
    };
    for (path, transient, part) in [
        (folder.join("missing"), true, "does not exist"),
        (file("empty", b""), true, "is empty"),
        (file("newline", b"\n"), true, "is empty"),
        (file("two-lines", b"first\nsecond\n"), false, "a line break"),
        (file("space", b"Bearer token"), false, "a space"),
        (file("umlaut", "tökén".as_bytes()), false, "not ASCII"),
        (file("binary", &[0xff, 0xfe]), false, "not ASCII"),
        (
            file("large", &vec![b'x'; 64 * 1024 + 1]),
            false,
            "more than 65536 bytes",
        ),
        (folder.clone(), false, "is a folder"),
    ] {
        let error = text(&AssertionFile::new(&path)).unwrap_err();
        assert_eq!(error.is_transient(), transient, "{error}");
        assert!(error.to_string().contains(part), "{error}");
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(error.to_string().contains(name), "{error}");
    }
    let largest = file("largest", &vec![b'x'; 64 * 1024]);
    assert_eq!(text(&AssertionFile::new(largest)).unwrap().len(), 64 * 1024);
}

// fault: assertion-file-is-a-pipe
#[cfg(unix)]
#[test]
fn pipe_device_and_socket_are_permanent_errors_and_never_waited_for() {
    use std::os::unix::net::UnixListener;
    use std::process::Command;
    use std::sync::mpsc::channel;
    use std::thread;

    let folder = folder("special");
    let (pipe, socket) = (folder.join("pipe"), folder.join("socket"));
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let _listener = UnixListener::bind(&socket).unwrap();
    for path in [pipe, socket, PathBuf::from("/dev/zero")] {
        let (done, outcome) = channel();
        let read = path.clone();
        thread::spawn(move || done.send(text(&AssertionFile::new(read))));
        let outcome = outcome.recv_timeout(Duration::from_secs(60));
        let error = outcome.expect("it is not waited for").unwrap_err();
        assert!(!error.is_transient(), "{error}");
        assert!(error.to_string().contains("is no regular file"), "{error}");
        assert!(error.to_string().contains(path.to_str().unwrap()));
        let source = std::error::Error::source(&error).unwrap();
        let source = source.downcast_ref::<std::io::Error>().unwrap();
        assert_eq!(source.kind(), std::io::ErrorKind::InvalidInput);
    }
}

#[test]
fn expired_assertion_is_an_error_that_says_by_how_much() {
    let path = folder("expired").join("token");
    let at = |seconds| AssertionFile::new(&path).clock(move || Duration::from_secs(seconds));
    fs::write(&path, jwt(r#"{"sub":"me","exp":1000}"#)).unwrap();
    assert!(text(&at(999)).is_ok());
    let error = text(&at(1090)).unwrap_err();
    assert!(error.is_transient());
    assert!(error.to_string().contains("expired 90 s ago"), "{error}");

    fs::write(&path, jwt(r#"{"exp":1000.5}"#)).unwrap();
    assert!(text(&at(1000)).is_ok());
    assert!(text(&at(1001)).is_err());
    // Other texts are the server's to judge.
    for other in [
        jwt(r#"{"sub":"me"}"#),
        jwt(r#"{"exp":"1"}"#),
        jwt("no JSON"),
        "a.b".into(),
        "opaque".into(),
    ] {
        fs::write(&path, &other).unwrap();
        assert_eq!(text(&at(u64::MAX)).unwrap(), other);
    }
}
