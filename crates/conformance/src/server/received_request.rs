//! A request as a server received it.

/// The request of a client, cut into lines and not interpreted further.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReceivedRequest {
    pub(crate) line: String,
    /// Names in lower case, in the order of their arrival, with repetitions.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl ReceivedRequest {
    /// Parses the bytes before the empty line.
    pub(crate) fn parse(head: &[u8]) -> Self {
        let head = String::from_utf8_lossy(head);
        let mut lines = head.split("\r\n");
        let line = lines.next().unwrap_or_default().to_owned();
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Self {
            line,
            headers,
            body: Vec::new(),
        }
    }

    /// Returns the whole request as text.
    pub(crate) fn text(&self) -> String {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| format!("{name}: {value}\r\n"));
        let (headers, body) = (
            headers.collect::<String>(),
            String::from_utf8_lossy(&self.body),
        );
        format!("{}\r\n{headers}\r\n{body}", self.line)
    }

    /// Returns the whole request as text, after the parts that carry credentials.
    pub(crate) fn credentials_first(&self) -> String {
        let body = String::from_utf8_lossy(&self.body);
        let credentials = self.all("authorization").concat();
        format!("{body}\r\n{credentials}\r\n{}", self.text())
    }

    pub(crate) fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }

    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let headers = self.headers.iter();
        headers
            .filter(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    pub(crate) fn length(&self) -> usize {
        match self.all("content-length").as_slice() {
            [length] => length.parse().unwrap_or(0),
            _ => 0,
        }
    }
}
