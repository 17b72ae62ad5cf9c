//! Text forms of certificates and their times, beside CPython's.

mod support;
use support::*;

use std::fmt::Write;
use std::ptr::{null, null_mut};

fn to_pem(der: &[u8]) -> String {
    let mut pem = empty();
    call(|err| unsafe { tlsw_cert_der_to_pem(der.as_ptr(), der.len(), &mut pem, err) }).unwrap();
    String::from_utf8(take(pem)).unwrap()
}

fn to_der(pem: &str) -> Result<Vec<u8>, Error> {
    let mut der = empty();
    call(|err| unsafe { tlsw_cert_pem_to_der(pem.as_ptr(), pem.len(), &mut der, err) })?;
    Ok(take(der))
}

fn seconds(time: &str) -> Result<i64, Error> {
    let (time, mut seconds) = (c(time), i64::MIN);
    call(|err| unsafe { tlsw_cert_time_to_seconds(time.as_ptr(), &mut seconds, err) })?;
    Ok(seconds)
}

const HEADER: &str = "-----BEGIN CERTIFICATE-----";
const FOOTER: &str = "-----END CERTIFICATE-----";

#[test]
fn der_becomes_the_pem_that_cpython_writes() {
    let mut ders: Vec<Vec<u8>> =
        [0, 1, 2, 3, 47, 48, 49, 96, 1000].map(|n| (0..n).map(|i| (i * 7) as u8).collect()).into();
    ders.extend(pki_ders("localhost.chain.pem"));
    let mut hex = String::new();
    for der in &ders {
        let digits: Vec<String> = der.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(hex, "{}", digits.concat()).unwrap();
    }
    let program = "import ssl, sys\nfor line in sys.stdin: \
                   print(end=ssl.DER_cert_to_PEM_cert(bytes.fromhex(line)))";
    let ours: Vec<String> = ders.iter().map(|der| to_pem(der)).collect();
    assert_eq!(ours.concat(), python(program, &hex));
    for (der, pem) in ders.iter().zip(&ours) {
        assert_eq!(to_der(pem).as_ref(), Ok(der));
    }
}

#[test]
fn the_frame_must_be_that_of_one_certificate() {
    let body = "AAECAwQFBgc=";
    let sound = [
        format!("{HEADER}\n{body}\n{FOOTER}\n"),
        format!("{HEADER}\r\nAAEC\r\nAwQFBgc=\r\n{FOOTER}\r\n"),
        format!("{HEADER}{body}{FOOTER}"),
        format!("{HEADER}\n  {body}\t\n\n{FOOTER} \t\n\n"),
    ];
    for pem in &sound {
        assert_eq!(to_der(pem), Ok(vec![0, 1, 2, 3, 4, 5, 6, 7]), "{pem:?}");
    }
    let broken = [
        (format!(" {HEADER}\n{body}\n{FOOTER}\n"), "begin"),
        (format!("-----BEGIN X509 CERTIFICATE-----\n{body}\n{FOOTER}\n"), "begin"),
        (format!("{body}\n{FOOTER}\n"), "begin"),
        (String::new(), "begin"),
        (format!("{HEADER}\n{body}\n"), "end"),
        (format!("{HEADER}\n{body}\n-----END PRIVATE KEY-----\n"), "end"),
        (format!("{HEADER}\n{body}\n{FOOTER}\nmore\n"), "end"),
        (HEADER.to_owned(), "end"),
        (format!("{HEADER}\nAAAAA\n{FOOTER}\n"), "base64"),
    ];
    for (pem, what) in &broken {
        let error = to_der(pem).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_DECODE, "{pem:?}");
        assert!(error.message.contains(what), "{}", error.message);
    }
    let program = "import ssl, sys\nfor pem in sys.stdin.read().split('\\0'):\n    \
                   try: print(ssl.PEM_cert_to_DER_cert(pem).hex())\n    \
                   except ValueError: print('refused')";
    let all: Vec<&str> = sound
        .iter()
        .map(String::as_str)
        .chain(broken.iter().map(|(pem, _)| pem.as_str()))
        .collect();
    let theirs = python(program, &all.join("\0"));
    let ours = all.iter().map(|pem| to_der(pem).map(|_| "0001020304050607").unwrap_or("refused"));
    assert_eq!(theirs.lines().collect::<Vec<_>>(), ours.collect::<Vec<_>>());
    // What Python passes over is an error here.
    assert_eq!(
        to_der(&format!("{HEADER}\nAA?AA\n{FOOTER}\n")).unwrap_err().status,
        TLSW_ERR_DECODE
    );
}

#[test]
fn the_header_names_the_frame() {
    let header = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/include/tlswrap.h"));
    let header = header.unwrap();
    for (name, text) in [("HEADER", HEADER), ("FOOTER", FOOTER)] {
        assert!(header.contains(&format!("\n#define TLSW_PEM_{name} \"{text}\"\n")), "{name}");
    }
    let names = python("import ssl\nprint(ssl.PEM_HEADER, ssl.PEM_FOOTER, sep='\\n')", "");
    assert_eq!(names, format!("{HEADER}\n{FOOTER}\n"));
}

#[test]
fn the_sample_time_means_what_it_means() {
    assert_eq!(seconds("Jan  5 09:34:43 2018 GMT"), Ok(1_515_144_883));
    for month in ["Jan", "JAN", "jan", "jaN"] {
        assert_eq!(seconds(&format!("{month}  5 09:34:43 2018 GMT")), Ok(1_515_144_883));
    }
    for wrong in
        ["Jan  5 09:34:43 2018", "Jan  5 09:34:43 2018 UTC", "", "Jän  5 09:34:43 2018 GMT"]
    {
        let error = seconds(wrong).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_ARGUMENT);
        assert!(error.message.contains("GMT"), "{}", error.message);
    }
}

/// Every part sound, at its bounds and beyond them, in every kind of spacing.
fn times() -> Vec<String> {
    let months: Vec<String> = "Jan Feb mar APR mAY Jun Jul Aug Sep Oct Nov Dec Foo Ja January 01"
        .split(' ')
        .map(str::to_owned)
        .collect();
    let days =
        ["1", " 1", "01", "001", "28", "29", "30", "31", "32", "0", "00", "-1", "+1", "", "1a"];
    let clocks = [
        "00:00:00",
        "23:59:59",
        "24:00:00",
        "23:60:00",
        "09:34:60",
        "09:34:61",
        "09:34:62",
        "9:3:1",
        "9:34",
        "09:34:43.5",
        "09:34:43:00",
        "",
        "009:34:43",
        "09 :34:43",
        "-1:00:00",
        "+1:00:00",
    ];
    let years =
        ["2018", "1970", "1969", "0001", "0000", "9999", "10000", "18", "2000", "1900", "+201"];
    let zones = ["GMT", "gmt", "Gmt", "UTC", "", "GMT ", "GMTx", "+0000"];
    let spaces = [[" ", " ", " ", " "], ["  ", "\t", "\n", "  "], ["", " ", " ", " "]];
    let mut all = Vec::new();
    let mut add = |month: &str, day: &str, clock: &str, year: &str, zone: &str| {
        for [a, b, c, d] in spaces {
            all.push(format!("{month}{a}{day}{b}{clock}{c}{year}{d}{zone}"));
        }
    };
    for month in &months {
        for day in days {
            add(month, day, "12:00:00", "2016", "GMT");
            add(month, day, "12:00:00", "2017", "GMT");
        }
    }
    for clock in clocks {
        for year in years {
            for zone in zones {
                add("Feb", "29", clock, year, zone);
            }
        }
    }
    all.push("Jan  5 09:34:43 2018GMT".to_owned());
    all.push(" Jan  5 09:34:43 2018 GMT".to_owned());
    all
}

#[test]
fn cpython_agrees_on_every_time() {
    let program = "import ssl, sys\nfor time in sys.stdin.read().split('\\0'):\n    \
                   try: print(ssl.cert_time_to_seconds(time))\n    \
                   except ValueError: print('refused')";
    let times = times();
    let theirs = python(program, &times.join("\0"));
    let theirs: Vec<&str> = theirs.lines().collect();
    assert_eq!(theirs.len(), times.len());
    assert!(times.len() > 4_000);
    for (time, theirs) in times.iter().zip(theirs) {
        let ours = seconds(time).map_or("refused".to_owned(), |seconds| seconds.to_string());
        assert_eq!(ours, theirs, "{time:?}");
    }
}

#[test]
fn wrong_arguments_are_told() {
    let (mut buf, mut seconds) = (empty(), 0);
    let time = c("Jan  5 09:34:43 2018 GMT");
    for refused in [
        call(|err| unsafe { tlsw_cert_der_to_pem(null(), 1, &mut buf, err) }),
        call(|err| unsafe { tlsw_cert_der_to_pem(null(), 0, null_mut(), err) }),
        call(|err| unsafe { tlsw_cert_pem_to_der(null(), 1, &mut buf, err) }),
        call(|err| unsafe { tlsw_cert_pem_to_der(null(), 0, null_mut(), err) }),
        call(|err| unsafe { tlsw_cert_time_to_seconds(null(), &mut seconds, err) }),
        call(|err| unsafe { tlsw_cert_time_to_seconds(time.as_ptr(), null_mut(), err) }),
    ] {
        assert_eq!(refused.unwrap_err().status, TLSW_ERR_ARGUMENT);
    }
    assert!(buf.data.is_null());
}
