//! A server on this machine that answers what a test tells it to, and remembers what it was asked.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) authorization: String,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

/// An answer to give.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    status: u16,
    headers: String,
    body: String,
    lost: bool,
}

impl Told {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: String::new(),
            body: body.into(),
            lost: false,
        }
    }

    /// The request is read, and the connection is closed without an answer.
    pub(crate) fn nothing() -> Self {
        Self {
            lost: true,
            ..Self::new(0, "")
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push_str(&format!("{name}: {value}\r\n"));
        self
    }
}

/// The server. The last answer of the script is given again and again.
pub(crate) struct Scripted {
    pub(crate) base_url: String,
    script: Arc<Mutex<VecDeque<Told>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Scripted {
    pub(crate) fn new(script: impl IntoIterator<Item = Told>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(script.into_iter().collect::<VecDeque<_>>()));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (shared_script, shared_asked) = (Arc::clone(&script), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, asked) = (Arc::clone(&shared_script), Arc::clone(&shared_asked));
                std::thread::spawn(move || serve(stream, &script, &asked));
            }
        });
        Self {
            base_url,
            script,
            asked,
        }
    }

    /// From now on, this and nothing else.
    pub(crate) fn answer(&self, told: Told) {
        *self.script.lock().unwrap() = VecDeque::from([told]);
    }

    /// What came so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The request lines that came so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}

fn serve(stream: TcpStream, script: &Mutex<VecDeque<Told>>, asked: &Mutex<Vec<Asked>>) {
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    while let Some(request) = read_request(&mut reader) {
        asked.lock().unwrap().push(request);
        let told = {
            let mut script = script.lock().unwrap();
            let next = script.pop_front().unwrap_or_else(|| Told::new(500, ""));
            if script.is_empty() {
                script.push_back(next.clone());
            }
            next
        };
        if told.lost {
            return;
        }
        let answer = format!(
            "HTTP/1.1 {} Told\r\ncontent-length: {}\r\n{}\r\n{}",
            told.status,
            told.body.len(),
            told.headers,
            told.body
        );
        if writer.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut asked = Asked {
        line: line.trim_end().trim_end_matches(" HTTP/1.1").to_owned(),
        authorization: String::new(),
        content_type: String::new(),
        body: String::new(),
    };
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => asked.authorization = value.to_owned(),
            "content-type" => asked.content_type = value.to_owned(),
            "content-length" => length = value.parse().unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    asked.body = String::from_utf8(body).unwrap();
    Some(asked)
}
