//! What the operating system refuses, in Chinese, told by its kind. What somebody here said already stays as it is said.

use std::io::{self, ErrorKind};

/// What is said of each kind.
const KINDS: [(ErrorKind, &str); 20] = [
    (ErrorKind::NotFound, "没有这个文件或目录"),
    (ErrorKind::PermissionDenied, "没有权限"),
    (ErrorKind::AlreadyExists, "已经有了"),
    (ErrorKind::NotADirectory, "路径里有一段不是目录"),
    (ErrorKind::IsADirectory, "是目录，不是文件"),
    (ErrorKind::DirectoryNotEmpty, "目录不是空的"),
    (ErrorKind::ReadOnlyFilesystem, "磁盘是只读的"),
    (ErrorKind::StorageFull, "磁盘满了"),
    (ErrorKind::QuotaExceeded, "超出了磁盘配额"),
    (ErrorKind::InvalidFilename, "文件名不合规定"),
    (ErrorKind::InvalidInput, "写法不对"),
    (ErrorKind::AddrInUse, "地址已被占用"),
    (ErrorKind::AddrNotAvailable, "本机没有这个地址"),
    (ErrorKind::ConnectionRefused, "对方拒绝连接（没有程序在那里监听）"),
    (ErrorKind::ConnectionReset, "连接被对方断开"),
    (ErrorKind::BrokenPipe, "连接已断开"),
    (ErrorKind::HostUnreachable, "到不了那台主机"),
    (ErrorKind::NetworkUnreachable, "到不了那个网络"),
    (ErrorKind::TimedOut, "超时"),
    (ErrorKind::UnexpectedEof, "没有读完就断了"),
];

/// The error in words: its own where somebody gave it some, else those of its kind, else the system's.
#[must_use]
pub fn said(error: &io::Error) -> String {
    let known = KINDS.iter().find(|(kind, _)| *kind == error.kind());
    match known.filter(|_| error.get_ref().is_none()) {
        Some((_, words)) => (*words).to_owned(),
        None => error.to_string(),
    }
}

/// The same error, saying what it is about.
#[must_use]
pub fn about(error: &io::Error, what: &str) -> io::Error {
    io::Error::new(error.kind(), format!("{what}：{}", said(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_words_are_translated_and_ours_stay() {
        let missing = std::fs::read("/no/such/file").unwrap_err();
        assert_eq!(said(&missing), "没有这个文件或目录");
        let named = about(&missing, "读不到账");
        assert_eq!(
            (named.kind(), said(&named)),
            (ErrorKind::NotFound, "读不到账：没有这个文件或目录".into())
        );
        assert_eq!(said(&io::Error::other("别的")), "别的");
        let below_a_file = std::fs::read("/proc/self/status/x").unwrap_err();
        assert_eq!(said(&below_a_file), "路径里有一段不是目录");
    }
}
