//! What is wrong with a rule file: where exactly, the line quoted, and a hint.
//! Leaves printing and exit codes to whoever asked for the check.

use std::fmt;

/// How grave a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The rules cannot be used.
    Error,
    /// They can, but somebody should look.
    Warning,
}

/// One problem at one place of one file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Problem {
    /// How grave.
    pub severity: Severity,
    /// Path of the file inside the configuration.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The line, without white space around it.
    pub quote: String,
    /// What is wrong, in Chinese.
    pub message: String,
    /// What may be meant, in Chinese.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "错误",
            Severity::Warning => "警告",
        };
        write!(f, "{}:{}:{}: {severity}: {}", self.file, self.line, self.column, self.message)?;
        if !self.quote.is_empty() {
            write!(f, "\n    {}", self.quote)?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\n    提示: {hint}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_like_a_compiler_message() {
        let mut problem = Problem {
            severity: Severity::Error,
            file: "kinds/hazard.toml".into(),
            line: 3,
            column: 7,
            quote: "dangerLevl = 1".into(),
            message: "没有这个字段".into(),
            hint: Some("是不是 dangerLevel？".into()),
        };
        let text =
            "kinds/hazard.toml:3:7: 错误: 没有这个字段\n    dangerLevl = 1\n    提示: 是不是 dangerLevel？";
        assert_eq!(problem.to_string(), text);
        problem.hint = None;
        problem.quote.clear();
        problem.severity = Severity::Warning;
        assert_eq!(problem.to_string(), "kinds/hazard.toml:3:7: 警告: 没有这个字段");
    }
}
