//! The metadata of an entry as its author writes it: a JSON object, or nothing. Pure.

use crate::protocol::entry::Metadata;
use serde_json::{Map, Value};

/// Metadata as it stands in its field; empty where there is none.
pub fn written(metadata: &Metadata) -> String {
    if metadata.is_empty() {
        return String::new();
    }
    // JSON that was read can be written.
    serde_json::to_string_pretty(metadata).unwrap_or_default()
}

/// Reads what stands in the field, or says what is wrong with it and how to mend it.
pub fn parse(text: &str) -> Result<Metadata, String> {
    if text.trim().is_empty() {
        return Ok(Metadata::new());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(metadata)) => Ok(metadata),
        Ok(_) => Err("This is JSON, but no object. Put it in braces: {\"source\": \"a book\"}.".to_owned()),
        Err(problem) if problem.is_eof() => Err("This JSON is not finished: a quote, a bracket or a brace is still open.".to_owned()),
        Err(problem) => Err(format!("This is no JSON: {problem}.")),
    }
}

/// What is wrong with `text` where it shall replace `base`.
pub fn problem(base: &str, text: &str) -> Option<String> {
    let metadata = match parse(text) {
        Ok(metadata) => metadata,
        Err(problem) => return Some(problem),
    };
    let mut out = Map::new();
    let refused = difference(&parse(base).unwrap_or_default(), &metadata, &mut out).err()?;
    Some(format!(
        "“{refused}” is null, which takes a member away. Leave it out, or give it an empty text (\"\")."
    ))
}

/// Whether a reader would see no difference.
pub fn same(one: &str, other: &str) -> bool {
    one == other || matches!((parse(one), parse(other)), (Ok(one), Ok(other)) if one == other)
}

/// The merge patch (RFC 7396) that makes `text` of `base`; none where they are the same, or one is no JSON.
pub fn patch(base: &str, text: &str) -> Option<Value> {
    let (base, text) = (parse(base).ok()?, parse(text).ok()?);
    let mut out = Map::new();
    difference(&base, &text, &mut out).ok()?;
    (!out.is_empty()).then_some(Value::Object(out))
}

/// Writes what differs into `out`; the error names a member that is new as `null`, which a merge patch cannot say.
fn difference(from: &Metadata, to: &Metadata, out: &mut Metadata) -> Result<(), String> {
    for name in from.keys().filter(|name| !to.contains_key(*name)) {
        out.insert(name.clone(), Value::Null);
    }
    for (name, value) in to.iter().filter(|(name, value)| from.get(*name) != Some(value)) {
        let change = match value {
            Value::Null => return Err(name.clone()),
            Value::Object(value) => {
                let before = match from.get(name) {
                    Some(Value::Object(before)) => before.clone(),
                    _ => Map::new(),
                };
                let mut within = Map::new();
                difference(&before, value, &mut within)?;
                Value::Object(within)
            }
            other => other.clone(),
        };
        out.insert(name.clone(), change);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_wrong_is_said_with_the_place() {
        assert_eq!(parse(" \n"), Ok(Metadata::new()));
        assert!(parse("{\"a\": 1,\n \"b\" 2}").is_err_and(|why| why.contains("line 2 column")));
        assert!(parse("{\"a\": 1").is_err_and(|why| why.contains("not finished")));
        assert!(parse("[1]").is_err_and(|why| why.contains("no object")));
    }

    #[test]
    fn a_patch_holds_only_what_changed() {
        let base = r#"{"a": 1, "b": {"c": 2, "d": [1, null]}, "gone": true, "none": null}"#;
        assert_eq!(patch(base, base), None);
        let text = r#"{"a": 1, "b": {"c": 3, "d": [1, null]}, "new": "x", "none": null}"#;
        assert_eq!(patch(base, text), Some(json!({"b": {"c": 3}, "gone": null, "new": "x"})));
        assert_eq!(patch(r#"{"a": 1}"#, r#"{"a": {}}"#), Some(json!({"a": {}})));
        assert_eq!(patch(r#"{"a": 1}"#, ""), Some(json!({"a": null})));
    }

    #[test]
    fn a_new_null_is_refused_and_an_old_one_stays() {
        assert_eq!(problem(r#"{"a": null}"#, r#"{"a": null, "b": 1}"#), None);
        assert!(problem("", r#"{"x": {"a": null}}"#).is_some_and(|why| why.contains("“a” is null")));
    }

    #[test]
    fn spaces_and_order_make_no_difference() {
        assert!(same("", " {} "));
        assert!(same(r#"{"a":1,"b":2}"#, "{\n  \"b\": 2, \"a\": 1}"));
        assert!(!same("{", "{}"));
    }
}
