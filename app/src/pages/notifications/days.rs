//! Notifications by the day on which they came.

use crate::protocol::Timestamp;
use crate::protocol::notification::Notification;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A day, and the notifications of that day by their ids.
pub type Day = (i64, Vec<i64>);

/// Brings notifications together by day, in the order in which they come. `local` is for browsers only.
pub fn by_day(items: &[Notification], local: bool) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for item in items {
        let day = day_of(item.created_at.millis(), local);
        match days.iter_mut().find(|known| known.0 == day) {
            Some((_, ids)) => ids.push(item.id),
            None => days.push((day, vec![item.id])),
        }
    }
    days
}

/// The day of a point in time, counted from 1970-01-01: in UTC, or where the browser is.
pub fn day_of(millis: i64, local: bool) -> i64 {
    let behind = if local {
        js_sys::Date::new(&(millis as f64).into()).get_timezone_offset() as i64 * MINUTE
    } else {
        0
    };
    (millis - behind).div_euclid(DAY)
}

/// What people call a day.
pub fn named(day: i64, today: Option<i64>) -> String {
    match today.map(|today| today - day) {
        Some(0) => "Today".to_owned(),
        Some(1) => "Yesterday".to_owned(),
        _ => Timestamp::from_millis(day * DAY).to_string().chars().take(10).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_said_as_people_say_them() {
        let day = day_of(1_700_000_000_000, false);
        assert_eq!(named(day, Some(day)), "Today");
        assert_eq!(named(day, Some(day + 1)), "Yesterday");
        assert_eq!(named(day, Some(day + 2)), "2023-11-14");
        assert_eq!(named(day, None), "2023-11-14");
    }
}
