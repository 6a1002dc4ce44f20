//! What the rules read: one source record as paths and values as written.
//! Leaves decoding to whoever implements [`Record`]; nothing is interpreted here but absence.

/// How a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A quoted text.
    Text,
    /// A bare number; its text is exactly what was written.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`.
    Null,
    /// A list or an object, as its JSON text.
    Nested,
}

/// One value as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'r> {
    /// The text, escapes resolved, otherwise untouched.
    pub text: &'r str,
    /// How it was written.
    pub form: Form,
}

/// One record in its source's words.
pub trait Record {
    /// Visits every path with its value, in the order written; a path written twice is visited twice.
    fn each<'r>(&'r self, visit: &mut dyn FnMut(&'r str, Value<'r>));

    /// The value of a path; of a path written twice, the last.
    fn get(&self, path: &str) -> Option<Value<'_>> {
        let mut found = None;
        self.each(&mut |name, value| {
            if name == path {
                found = Some(value);
            }
        });
        found
    }
}

impl Record for [(String, String, Form)] {
    fn each<'r>(&'r self, visit: &mut dyn FnMut(&'r str, Value<'r>)) {
        for (path, text, form) in self {
            visit(path, Value { text, form: *form });
        }
    }
}

impl Record for Vec<(String, String, Form)> {
    fn each<'r>(&'r self, visit: &mut dyn FnMut(&'r str, Value<'r>)) {
        self.as_slice().each(visit);
    }
}

impl Value<'_> {
    /// Whether the sender said nothing: `null`, blank text, an empty list or object.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self.form {
            Form::Null => true,
            Form::Nested => matches!(self.text, "" | "[]" | "{}"),
            Form::Text | Form::Number | Form::Bool => trimmed(self.text).is_empty(),
        }
    }
}

/// The text without white space and byte order marks around it.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(path: &str, text: &str, form: Form) -> (String, String, Form) {
        (path.to_owned(), text.to_owned(), form)
    }

    #[test]
    fn get_gives_the_last_of_a_repeated_path() {
        let record =
            vec![pair("a", "1", Form::Text), pair("b", "2", Form::Text), pair("a", "3", Form::Number)];
        assert_eq!(record.get("a"), Some(Value { text: "3", form: Form::Number }));
        assert_eq!(record.get("c"), None);
    }

    #[test]
    fn null_blank_and_empty_lists_are_absent_but_the_word_null_is_not() {
        let absent = |text, form| Value { text, form }.is_absent();
        assert!(absent("", Form::Null));
        assert!(absent(" \u{3000}\u{feff}\t", Form::Text));
        assert!(absent("[]", Form::Nested));
        assert!(!absent("null", Form::Text));
        assert!(!absent("0", Form::Number));
        assert!(!absent("[1]", Form::Nested));
    }
}
