//! UTCTime and GeneralizedTime (RFC 5280 §4.1.2.5), read as OpenSSL's `ASN1_TIME_print` reads and
//! prints them.

use super::DecodeError;
use super::der::Reader;

/// A point in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time {
    /// Seconds since 1970-01-01 00:00:00 UTC. A time that cannot be read lies at the end of all
    /// time where it would be the start of a validity, and before all time where it would be the
    /// end.
    pub epoch: i64,
    /// The text that Python gives and `ssl.cert_time_to_seconds` takes: `Jun  1 12:00:00 2026 GMT`.
    /// `Bad time value` for a time that cannot be read.
    pub text: String,
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

impl Time {
    /// Reads a Time. If its characters are no time, the certificate is still worth decoding: then
    /// `epoch` is `unreadable`, which the caller chooses so that nobody takes the certificate for
    /// valid.
    pub(super) fn read(
        reader: &mut Reader<'_>,
        unreadable: i64,
        what: &str,
    ) -> Result<Time, DecodeError> {
        let time = reader.any(what)?;
        if !matches!(time.tag, UTC_TIME | GENERALIZED_TIME) {
            return Err(super::der::error(format!("{what} is not a time")));
        }
        let bad = Time { epoch: unreadable, text: "Bad time value".into() };
        Ok(parse(time.tag == GENERALIZED_TIME, time.body).unwrap_or(bad))
    }
}

/// `YYMMDDhhmm[ss]` or `YYYYMMDDhhmm[ss[.f…]]`, then `Z` or `±hhmm`. RFC 5280 allows only seconds
/// and `Z`; OpenSSL reads the rest as well.
fn parse(generalized: bool, text: &[u8]) -> Option<Time> {
    let mut rest = text;
    let year = if generalized {
        pair(&mut rest, 0, 99)? * 100 + pair(&mut rest, 0, 99)?
    } else {
        // RFC 5280 §4.1.2.5.1: 50 to 99 are of the last century.
        let year = pair(&mut rest, 0, 99)?;
        if year < 50 { year + 2000 } else { year + 1900 }
    };
    let month = pair(&mut rest, 1, 12)?;
    let day = pair(&mut rest, 1, days_in_month(year, month))?;
    let hour = pair(&mut rest, 0, 23)?;
    let minute = pair(&mut rest, 0, 59)?;
    let mut second = 0;
    let mut fraction: &[u8] = b"";
    if rest.first()?.is_ascii_digit() {
        second = pair(&mut rest, 0, 59)?;
        if generalized && rest.first() == Some(&b'.') {
            let digits = rest.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
            (fraction, rest) = rest.split_at_checked(1 + digits).filter(|_| digits > 0)?;
        }
    }
    let (zone, mut rest) = rest.split_first()?;
    let offset = match zone {
        b'Z' => 0,
        b'+' => pair(&mut rest, 0, 12)? * 3600 + pair(&mut rest, 0, 59)? * 60,
        b'-' => -(pair(&mut rest, 0, 12)? * 3600 + pair(&mut rest, 0, 59)? * 60),
        _ => return None,
    };
    if !rest.is_empty() {
        return None;
    }

    let epoch =
        days_since_epoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    let (year, month, day) = date(epoch.div_euclid(86_400));
    if offset != 0 && !(1900..=9999).contains(&year) {
        // Where OpenSSL's calendar ends, which it needs only to go from one zone to another.
        return None;
    }
    let (hour, minute, second) =
        (epoch.rem_euclid(86_400) / 3600, epoch.rem_euclid(3600) / 60, epoch.rem_euclid(60));
    let month = usize::try_from(month - 1).ok().and_then(|month| MONTHS.get(month))?;
    let fraction = std::str::from_utf8(fraction).ok()?;
    Some(Time {
        epoch,
        text: format!("{month} {day:2} {hour:02}:{minute:02}:{second:02}{fraction} {year} GMT"),
    })
}

/// Takes two digits.
fn pair(rest: &mut &[u8], least: i64, most: i64) -> Option<i64> {
    let ([tens, ones], after) = rest.split_first_chunk()?;
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
    let value = digit(tens)? * 10 + digit(ones)?;
    *rest = after;
    (least..=most).contains(&value).then_some(value)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The seconds since 1970-01-01 00:00:00 UTC that the text of a time stands for: the inverse of
/// [`Time::text`], as forgiving as Python's `ssl.cert_time_to_seconds`.
///
/// The month and `GMT` in any case, any white space between the parts, numbers with one digit or
/// two. As there, a second may be 60 or 61, and a day that the month does not have is one of the
/// next month. No other zone than GMT is taken, and no fraction of a second.
pub fn seconds(text: &str) -> Option<i64> {
    let (month, rest) = text.split_at_checked(3)?;
    let month = MONTHS.iter().zip(1..).find(|(name, _)| name.eq_ignore_ascii_case(month))?.1;
    if !rest.starts_with(is_space) {
        return None;
    }
    let parts: Vec<&str> = rest.split(is_space).filter(|part| !part.is_empty()).collect();
    let [day, clock, year, zone] = *parts.as_slice() else {
        return None;
    };
    let clock: Vec<&str> = clock.split(':').collect();
    let [hour, minute, second] = *clock.as_slice() else {
        return None;
    };
    if !zone.eq_ignore_ascii_case("GMT") || rest.ends_with(is_space) || year.len() != 4 {
        return None;
    }
    let days = days_since_epoch(number(year, 1, 9999)?, month, 1) + short(day, 1, 31)? - 1;
    let (hour, minute, second) =
        (short(hour, 0, 23)?, short(minute, 0, 59)?, short(second, 0, 61)?);
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t'..='\r')
}

/// A number of one digit or two.
fn short(digits: &str, least: i64, most: i64) -> Option<i64> {
    number(digits, least, most).filter(|_| digits.len() <= 2)
}

fn number(digits: &str, least: i64, most: i64) -> Option<i64> {
    let all = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|number| all && (least..=most).contains(number))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar. Years are taken to begin in March:
/// then the leap day is the last of its year, and the lengths of the months follow a line of 153
/// days in 5 months.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year * 365 + year / 4 - year / 100 + day_of_year - 719_468
}

/// The date so many days after 1970-01-01: the inverse of [`days_since_epoch`].
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let march = (5 * day + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day - (153 * march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readable_times_have_epoch_and_text() {
        for (generalized, text, epoch, expected) in [
            (false, "260601120000Z", 1_780_315_200, "Jun  1 12:00:00 2026 GMT"),
            (false, "700101000000Z", 0, "Jan  1 00:00:00 1970 GMT"),
            (false, "500101000000Z", -631_152_000, "Jan  1 00:00:00 1950 GMT"),
            (false, "491231235959Z", 2_524_607_999, "Dec 31 23:59:59 2049 GMT"),
            (false, "2606011200Z", 1_780_315_200, "Jun  1 12:00:00 2026 GMT"),
            (false, "260601120000+0230", 1_780_306_200, "Jun  1 09:30:00 2026 GMT"),
            (false, "260601230000-0200", 1_780_362_000, "Jun  2 01:00:00 2026 GMT"),
            (true, "99991231235959Z", 253_402_300_799, "Dec 31 23:59:59 9999 GMT"),
            (true, "00000101000000Z", -62_167_219_200, "Jan  1 00:00:00 0 GMT"),
            (true, "20240229000000.25Z", 1_709_164_800, "Feb 29 00:00:00.25 2024 GMT"),
            (true, "202402290000Z", 1_709_164_800, "Feb 29 00:00:00 2024 GMT"),
        ] {
            let time = parse(generalized, text.as_bytes()).unwrap();
            assert_eq!((time.epoch, time.text.as_str()), (epoch, expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for (generalized, text) in [
            (false, ""),
            (false, "2606011200"),
            (false, "260601120000"),
            (false, "260601120060Z"),
            (false, "260601240000Z"),
            (false, "260631120000Z"),
            (false, "250229120000Z"),
            (false, "260001120000Z"),
            (false, "26060112000Z"),
            (false, "260601120000.5Z"),
            (false, "260601120000z"),
            (false, "260601120000ZZ"),
            (false, "260601120000+1300"),
            (false, "260601120000+01"),
            (true, "20260601120000.Z"),
            (true, "19000101000000+0100"),
            (true, "99991231235959-0100"),
            (true, "202606011200.5Z"),
            (true, "20260601120000.5"),
        ] {
            assert_eq!(parse(generalized, text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn every_day_is_the_day_after_the_day_before() {
        let mut expected = (0, 1, 1);
        for days in days_since_epoch(0, 1, 1)..days_since_epoch(2801, 1, 1) {
            assert_eq!(date(days), expected);
            let (year, month, day) = expected;
            assert_eq!(days_since_epoch(year, month, day), days);
            expected = match (month, day) {
                (12, 31) => (year + 1, 1, 1),
                _ if day == days_in_month(year, month) => (year, month + 1, 1),
                _ => (year, month, day + 1),
            };
        }
    }
}
