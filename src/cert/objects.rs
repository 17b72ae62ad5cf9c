//! OpenSSL's table of objects: numbers (NIDs), names and identifiers, as Python's `ssl` hands them
//! out.
//!
//! BoringSSL has a table of its own, but it is shorter, and from 948 on its numbers mean other
//! things than OpenSSL's. So the table is held here, as text: `objects.tsv` is OpenSSL 3.0's, one
//! object a line: number, dotted identifier (algorithms that are only modes have none), short name,
//! long name (empty if it is the short one). It is searched from its beginning, for whoever
//! asks, asks seldom; where two objects share a name (NULL) or an identifier (1.3), the first is
//! meant, as in OpenSSL.

/// One object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object {
    /// OpenSSL's number.
    pub nid: i32,
    /// The short name: `serverAuth`.
    pub short: &'static str,
    /// The long name: `TLS Web Server Authentication`.
    pub long: &'static str,
    /// The identifier in dotted decimal, if it has one.
    pub oid: Option<&'static str>,
}

const TABLE: &str = include_str!("objects.tsv");

/// The fields of one line.
type Row = [&'static str; 4];

fn rows() -> impl Iterator<Item = Row> {
    TABLE.lines().filter_map(|line| {
        let mut fields = line.split('\t');
        Some([fields.next()?, fields.next()?, fields.next()?, fields.next()?])
    })
}

fn object([nid, oid, short, long]: Row) -> Option<Object> {
    Some(Object {
        nid: nid.parse().ok()?,
        short,
        long: if long.is_empty() { short } else { long },
        oid: (!oid.is_empty()).then_some(oid),
    })
}

/// The object of a number.
pub fn by_nid(nid: i32) -> Option<Object> {
    let nid = nid.to_string();
    rows().find(|row| row[0] == nid).and_then(object)
}

/// The object of a dotted identifier.
pub fn by_oid(oid: &str) -> Option<Object> {
    if oid.is_empty() {
        return None;
    }
    rows().find(|row| row[1] == oid).and_then(object)
}

/// The object of a short name, else of a long one. Case matters.
pub fn by_name(name: &str) -> Option<Object> {
    if name.is_empty() {
        return None;
    }
    let short = rows().find(|row| row[2] == name);
    short.or_else(|| rows().find(|row| row[3] == name)).and_then(object)
}

#[cfg(test)]
mod tests {
    use super::super::names;
    use super::*;

    #[test]
    fn every_line_is_an_object() {
        let count = TABLE.lines().count();
        let objects: Vec<Object> = rows().filter_map(object).collect();
        assert_eq!((objects.len(), count), (1238, 1238));
        assert!(objects.is_sorted_by(|one, next| one.nid < next.nid));
        assert!(objects.iter().all(|object| !object.short.is_empty()));
    }

    #[test]
    fn the_names_of_certificates_are_the_same() {
        for object in rows().filter_map(object) {
            if let Some(oid) = object.oid.filter(|oid| *oid != "1.3") {
                assert_eq!(names::long(oid), object.long, "{oid}");
            }
        }
    }
}
