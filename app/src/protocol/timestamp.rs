//! Points in time, RFC 3339 UTC with milliseconds, always.
//!
//! By hand, because a library for dates is larger than all else of the protocol, and this is all that pages need of one.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Milliseconds since 1970-01-01 UTC. As text: `2026-11-20T17:00:00.123Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, format = DateTime)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The point `millis` milliseconds after 1970-01-01 UTC, held to the years that RFC 3339 can write.
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(-62_167_219_200_000, 253_402_207_200_000))
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub const fn millis(self) -> i64 {
        self.0
    }
}

/// A text that is no point in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time of RFC 3339, such as 2026-11-20T17:00:00.123Z")]
pub struct InvalidTimestamp(String);

const DAY: i64 = 86_400_000;

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.0.div_euclid(DAY));
        let millis = self.0.rem_euclid(DAY);
        let (hour, minute) = (millis / 3_600_000, millis / 60_000 % 60);
        let (second, millis) = (millis / 1_000 % 60, millis % 1_000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;
    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        read(text).map(Self::from_millis).ok_or_else(|| InvalidTimestamp(text.to_owned()))
    }
}

fn read(text: &str) -> Option<i64> {
    let (day, rest) = text.split_once(['T', 't', ' '])?;
    let [year, month, day] = numbers(day, '-', [4, 2, 2])?;
    let days = days(year, month, day);
    if date(days) != (year, month, day) {
        return None;
    }
    let (time, rest) = rest.split_at_checked(8)?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    // Sixty is a leap second.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).filter(|end| *end > 0)?),
        None => ("", rest),
    };
    let millis = fraction
        .bytes()
        .chain(*b"000")
        .take(3)
        .fold(0, |n, digit| n * 10 + i64::from(digit - b'0'));
    let seconds = hour * 3_600 + minute * 60 + second.min(59) - offset(zone)?;
    Some(days * DAY + seconds * 1_000 + millis)
}

/// By how many seconds a zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    let (sign, zone) = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => return Some(0),
        ("+", zone) => (1, zone),
        ("-", zone) => (-1, zone),
        _ => return None,
    };
    let [hours, minutes] = numbers(zone, ':', [2, 2])?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// Numbers of so many digits, with marks between them.
fn numbers<const N: usize>(text: &str, mark: char, digits: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(mark);
    let mut numbers = [0; N];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts
            .next()
            .filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

// The calendar repeats itself each 400 years, which are 146 097 days. A year that begins in March has its leap day at
// the end, and months whose days follow from their number. 719 468 days lie between 0000-03-01 and 1970-01-01.

/// The day of a date of the Gregorian calendar, counted from 1970-01-01.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year.div_euclid(400) * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The year, month and day of a day that is counted from 1970-01-01.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = (month + 2) % 12 + 1;
    (days.div_euclid(146_097) * 400 + year + i64::from(month <= 2), month, day)
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTimestamp;
    fn try_from(text: String) -> Result<Self, InvalidTimestamp> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(at: Timestamp) -> String {
        at.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_timestamp_always_has_milliseconds() {
        assert_eq!(Timestamp::from_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
        let at: Timestamp = "2026-11-20T17:00:00.1239+01:00".parse().unwrap();
        assert_eq!(at.to_string(), "2026-11-20T16:00:00.123Z");
        assert_eq!(Timestamp::from_millis(i64::MAX).to_string().len(), 24);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "now",
            "2026-11-20",
            "2026-11-20T17:00Z",
            "2026-11-20T17:00:00",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-11-00T00:00:00Z",
            "2026-11-20T24:00:00Z",
            "2026-11-20T17:60:00Z",
            "2026-11-20T17:00:00.Z",
            "2026-11-20T17:00:00+1:00",
            "2026-11-20T17:00:00Zz",
            "26-11-20T17:00:00Z",
            "2026-11-20T17:00:00.5",
            "2026-11-20Tßß:00:00Z",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn dates_are_those_of_a_library(millis in -62_167_219_200_000_i64..=253_402_207_200_000) {
            let of_library = jiff::Timestamp::from_millisecond(millis).unwrap();
            let at = Timestamp::from_millis(millis);
            prop_assert_eq!(at.to_string(), format!("{of_library:.3}"));
            prop_assert_eq!(at.to_string().parse::<Timestamp>(), Ok(at));
            for zone in ["-03:30", "+14:00"] {
                let elsewhere = format!("{}{zone}", at.to_string().trim_end_matches('Z'));
                let of_library: Result<jiff::Timestamp, _> = elsewhere.parse();
                if let Ok(of_library) = of_library {
                    prop_assert_eq!(elsewhere.parse(), Ok(Timestamp::from_millis(of_library.as_millisecond())));
                }
            }
        }
    }
}
