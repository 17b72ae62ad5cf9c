//! From the prototypes of the header to a C program that calls every function as it should be, and
//! then with nonsense in the place of each argument in turn. What arguments.rs does not know of, in
//! a new function, is a panic that says so: nothing goes untested by being forgotten.

use std::fmt::Write as _;

use super::arguments::{self, *};
use Came::*;

/// A function of the header.
pub struct Function {
    returns: String,
    pub name: String,
    arguments: Vec<Argument>,
}

struct Argument {
    ty: String,
    name: String,
}

/// An expression in the place of an argument, said in words, and what comes of it.
struct Nonsense {
    what: &'static str,
    put: Vec<(usize, String)>,
    came: Came,
}

/// The functions of a header.
pub fn functions(header: &str) -> Vec<Function> {
    let code: Vec<_> = header.lines().filter(|line| !line.starts_with("//")).collect();
    let parse = |prototype: &str| {
        let prototype = prototype.split(");").next().unwrap().replace("TLSW_MUST_USE", "");
        let words = prototype.split_whitespace().collect::<Vec<_>>().join(" ");
        let (front, arguments) = words.split_once('(').unwrap();
        let split = |declared: &str| {
            let declared = declared.trim();
            let at = declared.rfind([' ', '*']).unwrap() + 1;
            let (ty, name) = declared.split_at(at);
            (ty.trim().to_owned(), name.to_owned())
        };
        let (returns, name) = split(front);
        let arguments = if arguments == "void" { "" } else { arguments };
        let arguments = arguments.split(',').filter(|argument| !argument.is_empty()).map(split);
        let arguments = arguments.map(|(ty, name)| Argument { ty, name }).collect();
        Function { returns, name, arguments }
    };
    let all = code.join("\n");
    all.split("\nTLSW_API\n").skip(1).map(parse).collect()
}

impl Function {
    fn frees(&self) -> bool {
        self.name.ends_with("_free")
    }

    fn has_status(&self) -> bool {
        self.returns == "tlsw_status"
    }

    fn is(&self, function: &str, argument: usize, name: &str) -> bool {
        self.name == function && self.arguments[argument].name == name
    }

    fn ty(&self, i: usize) -> &str {
        self.arguments.get(i).map_or("", |argument| argument.ty.as_str())
    }

    /// The kind of the handle that an argument is.
    fn handle(&self, i: usize) -> Option<&'static str> {
        let name = self.ty(i).strip_suffix(" *")?;
        let name = name.strip_prefix("const ").unwrap_or(name);
        HANDLES.iter().map(|(kind, _)| *kind).find(|kind| *kind == name)
    }

    /// Whether an argument is bytes or room, with its length behind it.
    fn is_bytes(&self, i: usize) -> bool {
        matches!(self.ty(i), "const uint8_t *" | "uint8_t *") && self.ty(i + 1) == "size_t"
    }

    fn is_error(&self, i: usize) -> bool {
        self.ty(i) == "tlsw_error *"
    }

    /// Whether a call that comes to `status` says more about it. A caller's function that is ours has
    /// nowhere to say it.
    fn tells(&self, status: &str) -> bool {
        status.starts_with("TLSW_ERR") && self.is_error(self.arguments.len() - 1)
    }

    /// The type of the result that an argument says where to put.
    fn result(&self, i: usize) -> Option<String> {
        let ty = self.ty(i);
        let pointed_to = ty.strip_suffix('*')?.trim();
        let is_result = ty.ends_with("**")
            || matches!(
                pointed_to,
                "size_t" | "ptrdiff_t" | "uint32_t" | "uint64_t" | "int32_t" | "int64_t"
            )
            || (pointed_to == "tlsw_buf" && !self.frees());
        is_result.then(|| pointed_to.to_owned())
    }

    /// What makes the call one as it should be.
    fn good(&self, i: usize) -> String {
        let Argument { ty, name } = &self.arguments[i];
        if self.result(i).is_some() {
            return format!("&{name}.value");
        }
        if self.is_error(i) {
            return "&err".to_owned();
        }
        if i > 0 && self.is_bytes(i - 1) {
            return match self.ty(i - 1) {
                "uint8_t *" => format!("sizeof {}", self.arguments[i - 1].name),
                _ => self.bytes(i - 1).1.to_owned(),
            };
        }
        if self.is_bytes(i) {
            return match ty.as_str() {
                "uint8_t *" => name.clone(),
                _ => self.bytes(i).0.to_owned(),
            };
        }
        if let Some(kind) = self.handle(i) {
            if self.frees() {
                return format!("new_{}()", kind.strip_prefix("tlsw_").unwrap());
            }
            let other = OTHER_HANDLES.iter().find(|(function, argument, _)| {
                (function.is_empty() || *function == self.name) && argument == name
            });
            return other.map_or_else(|| self.live(kind), |other| other.2).to_owned();
        }
        match arguments::good(&self.name, ty, name) {
            Some(good) => good.to_owned(),
            None => self.unknown(i, "good"),
        }
    }

    /// Bytes to lend, and how many.
    fn bytes(&self, i: usize) -> (&'static str, &'static str) {
        let found = arguments::bytes(&self.name, &self.arguments[i].name);
        found.unwrap_or_else(|| self.unknown(i, "bytes"))
    }

    /// Says what has to be done about a new function.
    fn unknown(&self, i: usize, table: &str) -> ! {
        let Argument { ty, name } = &self.arguments[i];
        panic!(
            "{}: nothing is known about `{ty} {name}`. Add a line to `{table}` in \
             tests/misuse/arguments.rs, and what it needs, if that is new, to the world of \
             tests/misuse/frame.c",
            self.name
        )
    }

    /// Every nonsense for an argument.
    fn nonsense(&self, i: usize) -> Vec<Nonsense> {
        let one = |what, put: &str, came| Nonsense { what, put: vec![(i, put.to_owned())], came };
        let refused = if self.has_status() { RefusedItself } else { Default };
        let name = self.arguments[i].name.as_str();
        if let Some(kind) = self.handle(i) {
            let others = HANDLES.iter().filter(|(other, _)| *other != kind);
            let mut found = vec![
                one("NULL", "NULL", refused),
                one("what was freed", "(void *)gone.bytes", refused),
                one("misaligned by 1", &format!("off({}, 1)", self.live(kind)), refused),
                one("misaligned by 4", &format!("off({}, 4)", self.live(kind)), refused),
            ];
            found.extend(
                others.map(|(_, live)| one("of another kind", &format!("(void *){live}"), refused)),
            );
            return found;
        }
        if let Some(result) = self.result(i) {
            let null = if OPTIONAL.iter().any(|(f, a)| self.is(f, i, a)) {
                // Without it the rest is as it should be: see each function's words.
                To("TLSW_OK")
            } else {
                RefusedItself
            };
            return vec![
                one("NULL", "NULL", null),
                one("misaligned", &format!("({result} *)off(&{name}, 1)"), RefusedItself),
            ];
        }
        if self.is_bytes(i) {
            let empty = EMPTY.iter().find(|(f, a, _)| self.is(f, i, a));
            let empty = empty.unwrap_or_else(|| self.unknown(i, "EMPTY")).2;
            let two = |what, pointer: &str, length: &str, came| Nonsense {
                what,
                put: vec![(i, pointer.to_owned()), (i + 1, length.to_owned())],
                came,
            };
            let good = self.good(i);
            return vec![
                two("NULL with a length", "NULL", "1", RefusedItself),
                two("NULL with the largest length", "NULL", "SIZE_MAX", RefusedItself),
                two("with the largest length", &good, "SIZE_MAX", RefusedItself),
                two("with a negative length", &good, "(size_t)-2", RefusedItself),
                two("of half the memory", &good, "SIZE_MAX / 2 + 1", RefusedItself),
                two("NULL and empty", "NULL", "0", empty),
                two("empty", &good, "0", empty),
            ];
        }
        if i > 0 && self.is_bytes(i - 1) {
            // With its pointer, above; but room may also be too small.
            let small = TOO_SMALL.iter().find(|(f, a, _)| self.is(f, i - 1, a));
            let Some((_, room, sizes)) = small else { return Vec::new() };
            return sizes.iter().map(|size| one("too small", size, Refused(room))).collect();
        }
        if self.is_error(i) {
            return Vec::new(); // with every case
        }
        let Argument { ty, name } = &self.arguments[i];
        arguments::wrong(&self.name, ty, name)
            .unwrap_or_else(|| self.unknown(i, "wrong"))
            .into_iter()
            .map(|(put, came)| Nonsense { what: "", put: vec![(i, put.to_owned())], came })
            .collect()
    }

    /// A live handle of a kind, for what frees too.
    fn live(&self, kind: &str) -> &'static str {
        HANDLES.iter().find(|handle| handle.0 == kind).unwrap().1
    }

    /// The answer of a question about nothing.
    fn about_nothing(&self) -> &'static str {
        ABOUT_NOTHING.iter().find(|(name, _)| *name == self.name).map_or("0", |row| row.1)
    }

    /// The call, with some arguments replaced and the error given.
    fn call(&self, put: &[(usize, String)], err: &str) -> String {
        let argument = |i: usize| {
            let replaced = put.iter().find(|(at, _)| *at == i).map(|(_, put)| put.clone());
            let given = if self.is_error(i) { Some(err.to_owned()) } else { None };
            replaced.or(given).unwrap_or_else(|| self.good(i))
        };
        let arguments: Vec<_> = (0..self.arguments.len()).map(argument).collect();
        format!("{}({})", self.name, arguments.join(", "))
    }

    /// Where results go, poisoned.
    fn rooms(&self, poison: &str) -> String {
        let mut out = String::new();
        for (i, Argument { name, .. }) in self.arguments.iter().enumerate() {
            let size = if let Some(ty) = self.result(i) {
                let star = if ty.ends_with('*') { "" } else { " " };
                writeln!(
                    out,
                    "    union {{ {ty}{star}value; unsigned char more[sizeof({ty}) + 8]; }} {name};"
                )
                .unwrap();
                true
            } else if self.is_bytes(i) && self.ty(i) == "uint8_t *" {
                writeln!(out, "    uint8_t {name}[64];").unwrap();
                true
            } else {
                false
            };
            if size {
                writeln!(out, "    {poison}(&{name}, sizeof {name});").unwrap();
            }
        }
        out
    }

    /// A check of every room.
    fn untouched(&self) -> String {
        let mut out = String::new();
        for (i, Argument { name, .. }) in self.arguments.iter().enumerate() {
            if self.result(i).is_some() || (self.is_bytes(i) && self.ty(i) == "uint8_t *") {
                writeln!(out, "    untouched(&{name}, sizeof {name}, \"{name}\");").unwrap();
            }
        }
        out
    }

    /// Frees what a call gave.
    fn cleanup(&self) -> String {
        let mut out = String::new();
        for (i, Argument { name, .. }) in self.arguments.iter().enumerate() {
            match self.result(i).as_deref() {
                Some("tlsw_buf") => writeln!(out, "        tlsw_buf_free(&{name}.value);"),
                Some(handle) if handle.starts_with("tlsw_") => {
                    let kind = handle.trim_end_matches([' ', '*']);
                    writeln!(out, "        {kind}_free({name}.value);")
                }
                _ => continue,
            }
            .unwrap();
        }
        out
    }

    fn good_status(&self) -> &'static str {
        GOOD.iter().find(|(name, _)| *name == self.name).map_or("TLSW_OK", |(_, status)| status)
    }

    /// The call as it should be, with and without `err`.
    fn as_it_should_be(&self) -> String {
        let rooms = self.rooms("poison");
        let mut out = format!("static void good_{}(void) {{\n", self.name);
        if !self.has_status() {
            let call = self.call(&[], "");
            out += "    ready();\n";
            if self.ty(0) == "tlsw_buf *" {
                out += "    tlsw_buf gone_buf = {NULL, 0};\n";
            }
            match self.returns.as_str() {
                "void" => writeln!(out, "    {call};").unwrap(),
                _ if PLAIN.contains(&self.name.as_str()) => {
                    let nothing = self.about_nothing();
                    let wrong = "wrong(\"an unexpected answer\", \"\")";
                    writeln!(out, "    if ({call} != {nothing}) {wrong};").unwrap();
                }
                _ => {
                    let nothing = self.about_nothing();
                    writeln!(out, "    if ({call} == {nothing}) wrong(\"no answer\", \"\");")
                        .unwrap();
                }
            }
            return out + "}\n\n";
        }
        let status = self.good_status();
        for err in ["&err", "NULL"] {
            let call = self.call(&[], err);
            let err = match err {
                "NULL" => "",
                _ if self.tells(status) => "    is_filled(&err, got, NULL);\n",
                _ => "    untouched(&err, sizeof err, \"err\");\n",
            };
            write!(
                out,
                "    {{\n    ready();\n    tlsw_error err;\n    poison(&err, sizeof err);\n\
                 {rooms}    tlsw_status got = {call};\n    is_status(got, {status}, &err);\n\
                 {err}    if (got == TLSW_OK) {{\n{}    }}\n    }}\n",
                self.cleanup()
            )
            .unwrap();
        }
        out + "}\n\n"
    }

    /// One case: the call with nonsense, what came of it, and that all is as before.
    fn case(&self, i: usize, nonsense: &Nonsense) -> String {
        let Argument { name, .. } = &self.arguments[i];
        let put = &nonsense.put[0].1;
        let what = format!("{}: {name} is {} {put}", self.name, nonsense.what).replace("  ", " ");
        let what = what.replace('\\', "\\\\").replace('"', "\\\"");
        let mut out = format!("    {{\n    begin(\"{what}\");\n    ready();\n");
        if !self.has_status() {
            let call = self.call(&nonsense.put, "");
            match (nonsense.came, self.returns.as_str()) {
                (Default, "void") => writeln!(out, "    {call};"),
                (Default, _) => {
                    let nothing = self.about_nothing();
                    writeln!(out, "    if ({call} != {nothing}) wrong(\"an answer\", \"\");")
                }
                (Answer(answer), _) => {
                    writeln!(out, "    if ({call} != {answer}) wrong(\"another answer\", \"\");")
                }
                (Text, _) => writeln!(out, "    if (!*{call}) wrong(\"no text\", \"\");"),
                _ => panic!("{what}: has no status"),
            }
            .unwrap();
            writeln!(out, "    alive();\n    good_{}();\n    }}", self.name).unwrap();
            return out;
        }
        let (status, named) = match nonsense.came {
            To(status) => (status, "NULL".to_owned()),
            Refused(named) => ("TLSW_ERR_ARGUMENT", format!("\"{named}\"")),
            RefusedItself => ("TLSW_ERR_ARGUMENT", format!("\"{name}\"")),
            Default | Answer(_) | Text => panic!("{what}: has a status"),
        };
        let error = self.arguments.last().unwrap().name.as_str();
        let [with, without, misaligned] = ["&err.value", "NULL", "(tlsw_error *)off(&err, 1)"]
            .map(|err| self.call(&nonsense.put, err));
        out += "    union { tlsw_error value; unsigned char more[sizeof(tlsw_error) + 8]; } err;\n";
        out += "    poison(&err, sizeof err);\n";
        out += &self.rooms("poison");
        writeln!(out, "    tlsw_status got = {with};").unwrap();
        writeln!(out, "    is_status(got, {status}, &err.value);").unwrap();
        if status == "TLSW_OK" {
            out += "    untouched(&err, sizeof err, \"err\");\n";
            writeln!(out, "    if (got == TLSW_OK) {{\n{}    }}", self.cleanup()).unwrap();
        } else {
            if self.tells(status) {
                writeln!(out, "    if (got < 0) is_filled(&err.value, got, {named});").unwrap();
                out += "    untouched(err.more + sizeof err.value, 8, \"behind err\");\n";
            } else {
                out += "    untouched(&err, sizeof err, \"err\");\n";
            }
            out += &self.untouched();
            writeln!(out, "    is_status({without}, {status}, NULL);").unwrap();
            out += &self.untouched();
            out += "    poison(&err, sizeof err);\n";
            writeln!(out, "    is_status({misaligned}, {status}, NULL);").unwrap();
            writeln!(out, "    untouched(&err, sizeof err, \"{error}, misaligned\");").unwrap();
            out += &self.untouched();
            out += "    alive();\n";
        }
        writeln!(out, "    good_{}();\n    }}", self.name).unwrap();
        out
    }
}

/// The program, and how many cases it has.
pub fn program(functions: &[Function], header: &str, frame: &str) -> (String, usize) {
    let mut out = format!("#include \"{header}\"\n#include \"{frame}\"\n\n");
    let mut cases = 0;
    for function in functions {
        out += &function.as_it_should_be();
        let mut bad = String::new();
        for i in 0..function.arguments.len() {
            for nonsense in function.nonsense(i) {
                bad += &function.case(i, &nonsense);
                cases += 1;
            }
        }
        let name = &function.name;
        writeln!(
            out,
            "static void bad_{name}(void) {{\n    world_begin();\n    begin(\"{name}\");\n    \
             good_{name}();\n{bad}    world_end();\n}}\n"
        )
        .unwrap();
        cases += 1;
    }
    out += "int main(int argc, char **argv) {\n    setvbuf(stdout, NULL, _IONBF, 0);\n    \
            demand(argc == 2, \"usage: misuse PKI\");\n    setsid(); /* no terminal */\n    w.pki = argv[1];\n";
    for function in functions {
        writeln!(out, "    bad_{}();", function.name).unwrap();
    }
    out += "    printf(\"%d cases, %d failures\\n\", cases, failures);\n    return failures != 0;\n}\n";
    (out, cases)
}
