//! A JSON writer (RFC 8259), no reader: objects, arrays, strings, integers, booleans, null.
//!
//! The text is what Python's `json.dumps(value, ensure_ascii=False)` would print: `", "` and `": "`
//! between the parts, UTF-8 as it is, and only what RFC 8259 §7 demands escaped. So it can be
//! compared with Python's byte for byte. Objects and arrays are filled by closures: a bracket
//! cannot stay open, and a value in an object cannot lack its key.

use std::fmt::Write;

/// The text of one JSON object, filled by `fill`.
pub fn object(fill: impl FnOnce(&mut Object<'_>)) -> String {
    let mut text = String::new();
    write_object(&mut text, fill);
    text
}

/// The text of one JSON array, filled by `fill`.
pub fn array(fill: impl FnOnce(&mut Array<'_>)) -> String {
    let mut text = String::new();
    write_array(&mut text, fill);
    text
}

/// The same JSON text in ASCII alone, as Python's `json.dumps(value)` prints it: from U+007F on
/// characters become `\uXXXX`, those above U+FFFF two of them. They can only be inside of strings.
pub fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '\0'..='~' => text.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write_display(&mut text, format_args!("\\u{unit:04x}"));
                }
            }
        }
    }
    text
}

/// A JSON object being written. Keys appear in the order of the calls; that none is repeated is the
/// caller's care.
#[derive(Debug)]
pub struct Object<'a> {
    text: &'a mut String,
    empty: bool,
}

impl Object<'_> {
    /// Adds `"key": "value"`.
    pub fn string(&mut self, key: &str, value: &str) {
        write_string(self.key(key), value);
    }

    /// Adds `"key": 5`.
    pub fn integer(&mut self, key: &str, value: i64) {
        write_display(self.key(key), value);
    }

    /// Adds `"key": true`.
    pub fn boolean(&mut self, key: &str, value: bool) {
        write_display(self.key(key), value);
    }

    /// Adds `"key": null`.
    pub fn null(&mut self, key: &str) {
        self.key(key).push_str("null");
    }

    /// Adds `"key": […]`.
    pub fn array(&mut self, key: &str, fill: impl FnOnce(&mut Array<'_>)) {
        write_array(self.key(key), fill);
    }

    /// Adds `"key": {…}`.
    pub fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) {
        write_object(self.key(key), fill);
    }

    /// Adds `"key": ["…", "…"]`.
    pub fn strings(&mut self, key: &str, values: &[impl AsRef<str>]) {
        self.array(key, |list| values.iter().for_each(|value| list.string(value.as_ref())));
    }

    fn key(&mut self, key: &str) -> &mut String {
        separate(self.text, &mut self.empty);
        write_string(self.text, key);
        self.text.push_str(": ");
        self.text
    }
}

/// A JSON array being written.
#[derive(Debug)]
pub struct Array<'a> {
    text: &'a mut String,
    empty: bool,
}

impl Array<'_> {
    /// Adds `"value"`.
    pub fn string(&mut self, value: &str) {
        write_string(self.next(), value);
    }

    /// Adds `5`.
    pub fn integer(&mut self, value: i64) {
        write_display(self.next(), value);
    }

    /// Adds `[…]`.
    pub fn array(&mut self, fill: impl FnOnce(&mut Array<'_>)) {
        write_array(self.next(), fill);
    }

    /// Adds `{…}`.
    pub fn object(&mut self, fill: impl FnOnce(&mut Object<'_>)) {
        write_object(self.next(), fill);
    }

    fn next(&mut self) -> &mut String {
        separate(self.text, &mut self.empty);
        self.text
    }
}

fn separate(text: &mut String, empty: &mut bool) {
    if !*empty {
        text.push_str(", ");
    }
    *empty = false;
}

fn write_object(text: &mut String, fill: impl FnOnce(&mut Object<'_>)) {
    text.push('{');
    fill(&mut Object { text, empty: true });
    text.push('}');
}

fn write_array(text: &mut String, fill: impl FnOnce(&mut Array<'_>)) {
    text.push('[');
    fill(&mut Array { text, empty: true });
    text.push(']');
}

fn write_string(text: &mut String, value: &str) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\0'..='\u{1f}' => write_display(text, format_args!("\\u{:04x}", u32::from(character))),
            other => text.push(other),
        }
    }
    text.push('"');
}

fn write_display(text: &mut String, value: impl std::fmt::Display) {
    // Writing to a String cannot fail; the Result belongs to the trait.
    let _ = write!(text, "{value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separators_are_those_of_python() {
        let text = object(|o| {
            o.string("s", "x");
            o.integer("n", i64::MIN);
            o.boolean("yes", true);
            o.null("no");
            o.strings("list", &["a", "b"]);
            o.array("nested", |a| {
                a.array(|_| ());
                a.integer(1);
                a.object(|o| o.object("deep", |_| ()));
            });
        });
        assert_eq!(
            text,
            r#"{"s": "x", "n": -9223372036854775808, "yes": true, "no": null, "list": ["a", "b"], "nested": [[], 1, {"deep": {}}]}"#
        );
        assert_eq!(array(|a| a.string("")), r#"[""]"#);
    }

    #[test]
    fn ascii_is_what_python_prints() {
        let text = array(|a| a.string("a~\u{7f}\u{e9}\u{2028}\u{1f512}\n"));
        assert_eq!(ascii(&text), r#"["a~\u007f\u00e9\u2028\ud83d\udd12\n"]"#);
    }

    #[test]
    fn what_must_be_escaped_is_and_nothing_else() {
        let text =
            array(|a| a.string("\"\\/\u{0}\u{1f}\u{7f}\n\r\t\u{8}\u{c}\u{e9}\u{2028}\u{1f512}"));
        assert_eq!(
            text,
            "[\"\\\"\\\\/\\u0000\\u001f\u{7f}\\n\\r\\t\\b\\f\u{e9}\u{2028}\u{1f512}\"]"
        );
    }
}
