//! The fields of a call: members of a JSON body, or parameters of a query.

use form_urlencoded::Serializer;
use serde_json::{Map, Value};

use crate::error::{CliError, Exit};
use crate::input::value;

/// A field with its value. Its name may contain `[member]` and `[]`.
#[derive(Clone, Debug)]
pub(super) struct Field {
    name: String,
    value: Value,
}

impl Field {
    /// Reads `NAME=VALUE` of `--raw-field`: the value is text.
    pub(super) fn raw(given: &str) -> Result<Self, CliError> {
        let (name, value) = split("--raw-field", given)?;
        Ok(Self {
            name: name.to_owned(),
            value: value.into(),
        })
    }

    /// Reads `NAME=VALUE` of `--field`: `true`, `false`, `null` and whole numbers have their type, and `@FILE` is
    /// replaced by the file's content.
    pub(super) fn typed(given: &str) -> Result<Self, CliError> {
        let (name, text) = split("--field", given)?;
        let value = match text {
            "true" => true.into(),
            "false" => false.into(),
            "null" => Value::Null,
            text => match text.parse::<i64>() {
                Ok(number) => number.into(),
                Err(_) => value::read("--field", text)?.as_str().into(),
            },
        };
        Ok(Self {
            name: name.to_owned(),
            value,
        })
    }
}

fn split<'a>(option: &str, given: &'a str) -> Result<(&'a str, &'a str), CliError> {
    let pair = given.split_once('=').filter(|(name, _)| !name.is_empty());
    pair.ok_or_else(|| {
        CliError::new(Exit::Usage, format_args!("{option} is not of the form NAME=VALUE"))
            .next("use for example --field label=www, --field options[mode]=Smart or --field locales[]=en")
    })
}

/// Returns the JSON object of the fields.
pub(super) fn object(fields: &[Field]) -> Result<Value, CliError> {
    let mut object = Value::Object(Map::new());
    for Field { name, value } in fields {
        let keys = keys(name).ok_or_else(|| {
            CliError::new(
                Exit::Usage,
                "the name of a field has brackets that do not match",
            )
            .next("use NAME, NAME[MEMBER] or NAME[]")
        })?;
        let conflict = || {
            CliError::new(
                Exit::Usage,
                "two fields give one member two values, or two types",
            )
            .next("use NAME[] for each item of a list")
        };
        let mut place = &mut object;
        for key in keys {
            let empty = matches!(place, Value::Null);
            place = match key {
                None if empty => {
                    *place = Value::Array(vec![Value::Null]);
                    place.get_mut(0)
                }
                None => place.as_array_mut().and_then(|items| {
                    items.push(Value::Null);
                    items.last_mut()
                }),
                Some(key) => {
                    if empty {
                        *place = Value::Object(Map::new());
                    }
                    let members = place.as_object_mut();
                    members.map(|members| members.entry(key).or_insert(Value::Null))
                }
            }
            .ok_or_else(conflict)?;
        }
        match place {
            Value::Null => *place = value.clone(),
            _ => return Err(conflict()),
        }
    }
    Ok(object)
}

/// Returns the parts of a name: `a[b][]` has `a`, `b` and an item.
fn keys(name: &str) -> Option<Vec<Option<String>>> {
    let (first, mut rest) = name.split_at(name.find('[').unwrap_or(name.len()));
    let mut keys = vec![Some(first.to_owned())];
    while !rest.is_empty() {
        let (key, after) = rest.strip_prefix('[')?.split_once(']')?;
        keys.push((!key.is_empty()).then(|| key.to_owned()));
        rest = after;
    }
    (!first.is_empty() && !name.ends_with('[')).then_some(keys)
}

/// Returns the query of the fields. Their names are not split.
pub(super) fn query(fields: &[Field]) -> String {
    let mut query = Serializer::new(String::new());
    for Field { name, value } in fields {
        match value {
            Value::String(text) => query.append_pair(name, text),
            other => query.append_pair(name, &other.to_string()),
        };
    }
    query.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(given: &[&str]) -> Vec<Field> {
        let fields = given.iter().map(|given| Field::typed(given).unwrap());
        fields.collect()
    }

    #[test]
    fn fields_become_nested_members_with_types() {
        let given = [
            "name=nightly",
            "options[xmc][locales][]=en",
            "options[xmc][locales][]=de-DE",
            "options[xmc][site][mode]=Smart",
            "count=7",
            "deep=true",
            "none=null",
        ];
        let expected = json!({
            "name": "nightly",
            "options": { "xmc": { "locales": ["en", "de-DE"], "site": { "mode": "Smart" } } },
            "count": 7,
            "deep": true,
            "none": null,
        });
        assert_eq!(object(&read(&given)).unwrap(), expected);
        let raw = [Field::raw("a=7").unwrap(), Field::raw("b=@x=y").unwrap()];
        assert_eq!(object(&raw).unwrap(), json!({ "a": "7", "b": "@x=y" }));
    }

    #[test]
    fn fields_that_contradict_each_other_are_refused() {
        for given in [
            &["a=1", "a=2"][..],
            &["a[]=1", "a[b]=2"],
            &["a=1", "a[b]=2"],
        ] {
            assert!(object(&read(given)).is_err(), "{given:?}");
        }
        for name in ["a[=1", "a]b[=1", "[a]=1", "a[b]c=1"] {
            assert!(object(&read(&[name])).is_err(), "{name}");
        }
        assert!(Field::typed("=1").is_err() && Field::raw("a").is_err());
    }

    #[test]
    fn query_is_encoded() {
        let fields = read(&["system.status=Queued|Running", "n=2", "a[]=\u{e4} b"]);
        assert_eq!(
            query(&fields),
            "system.status=Queued%7CRunning&n=2&a%5B%5D=%C3%A4+b"
        );
    }
}
