//! YAML into fields and JSON, with bounds on depth, references and size.

use super::{FIELDS, FrontMatterError, METADATA_DEPTH, Parsed, looks_like_a_field};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::options::NonFiniteFloatPolicy;
use serde_saphyr::{DefaultMessageFormatter, Localizer, Location};
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

/// How much text may come of it: references (`*name`) repeat what they refer to.
const TEXT_BYTES: usize = 2 * 1024 * 1024;

/// Reads front matter; the body is left empty.
pub(super) fn read(yaml: &str) -> Result<Parsed, FrontMatterError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            // The mapping of the fields is the first level.
            max_depth: METADATA_DEPTH + 1,
            max_events: 400_000,
            max_nodes: 200_000,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_merge_keys: 100,
            max_total_scalar_bytes: TEXT_BYTES,
            max_documents: 1,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 10_000, max_replay_stack_depth: 16 },
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        // `no` and `off` are words, as YAML 1.2 has it.
        strict_booleans: true,
        with_snippet: false,
    };
    let text_left = Cell::new(TEXT_BYTES);
    serde_saphyr::with_deserializer_from_str_with_options(yaml, options, |deserializer| {
        deserializer.deserialize_option(FieldsVisitor { text_left: &text_left })
    })
    .map_err(|error| FrontMatterError::Yaml {
        // The first line of the file is the `---`.
        line: error.location().map_or(1, |location| location.line() + 1),
        message: message(&error),
    })
}

/// What is wrong, without the place: that is one in the file, and is told once.
fn message(error: &serde_saphyr::Error) -> String {
    let text = error.render_with_formatter(&DefaultMessageFormatter.with_localizer(&Placeless));
    text.lines().next().unwrap_or_default().to_owned()
}

/// Words of the YAML parser without lines and columns, which it counts in the front matter alone.
struct Placeless;

impl Localizer for Placeless {
    fn attach_location<'a>(&self, base: Cow<'a, str>, _: Location) -> Cow<'a, str> {
        base
    }

    fn alias_defined_at(&self, _: Location) -> String {
        String::new()
    }

    fn alias_used_at(&self, _: Location) -> String {
        String::new()
    }
}

/// The whole front matter.
struct FieldsVisitor<'b> {
    text_left: &'b Cell<usize>,
}

impl<'de> Visitor<'de> for FieldsVisitor<'_> {
    type Value = Parsed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("front matter such as `title: Some title`")
    }

    fn visit_none<E: Error>(self) -> Result<Parsed, E> {
        Ok(Parsed::default())
    }

    fn visit_unit<E: Error>(self) -> Result<Parsed, E> {
        Ok(Parsed::default())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Parsed, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parsed, A::Error> {
        let mut parsed = Parsed::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "id" => parsed.id = map.next_value::<Text>()?.0,
                "title" => parsed.title = map.next_value::<Text>()?.0,
                "type" => parsed.entry_type = map.next_value::<Text>()?.0,
                "tags" => parsed.tags = map.next_value::<Names>()?.0,
                "aliases" => parsed.aliases = map.next_value::<Names>()?.0,
                _ => {
                    let value = map.next_value_seed(Json { text_left: self.text_left })?;
                    parsed.metadata.insert(member_name(key), value);
                }
            }
        }
        Ok(parsed)
    }
}

/// The name in the metadata: `_id` was written for `id`.
fn member_name(key: String) -> String {
    debug_assert!(!FIELDS.contains(&key.as_str()), "fields are no metadata");
    if looks_like_a_field(&key) { key[1..].to_owned() } else { key }
}

/// A text as it is written, were it a number or a date; an empty one is none.
struct Text(Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(Self(text.filter(|text| !text.is_empty())))
    }
}

/// A list of texts, or one text with commas.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of words, or words with commas between them")
    }

    fn visit_unit<E: Error>(self) -> Result<Names, E> {
        Ok(Names(Vec::new()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Names, E> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        Ok(Names(names.map(str::to_owned).collect()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Names, E> {
        Ok(Names(vec![value.to_string()]))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Names, E> {
        Ok(Names(vec![value.to_string()]))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Names, E> {
        Ok(Names(vec![value.to_string()]))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Names, E> {
        Ok(Names(vec![value.to_string()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Names, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = list.next_element::<Text>()? {
            names.extend(name.0);
        }
        Ok(Names(names))
    }
}

/// Any value as JSON.
#[derive(Clone, Copy)]
struct Json<'b> {
    text_left: &'b Cell<usize>,
}

impl Json<'_> {
    fn text<E: Error>(self, text: &str) -> Result<Value, E> {
        match self.text_left.get().checked_sub(text.len()) {
            Some(left) => self.text_left.set(left),
            None => return Err(E::custom("its references repeat too much")),
        }
        Ok(Value::from(text))
    }
}

impl<'de> DeserializeSeed<'de> for Json<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Json<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        self.text(&value.to_string())
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        self.text(&value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        // JSON has no NaN and no infinity.
        Number::from_f64(value).map_or_else(|| self.text(&value.to_string()), |number| Ok(Value::Number(number)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        self.text(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            self.text::<A::Error>(&key)?;
            members.insert(key, map.next_value_seed(self)?);
        }
        Ok(Value::Object(members))
    }
}
