//! Changes to the members of an answer's JSON.

use serde_json::Value;

use super::effect::Change;
use crate::wire::answer::Answer;

/// An answer with members of its JSON changed, wherever they stand in it.
pub(crate) fn changed(answer: Answer, names: &[&str], change: Change) -> Answer {
    let Ok(mut json) = serde_json::from_slice::<Value>(&answer.body) else {
        return answer;
    };
    change_members(&mut json, names, change);
    Answer {
        body: json.to_string().into(),
        ..answer
    }
}

fn change_members(json: &mut Value, names: &[&str], change: Change) {
    match json {
        Value::Object(members) => {
            for name in names {
                let Some(member) = members.get_mut(*name) else {
                    continue;
                };
                match change {
                    Change::Remove => {
                        members.remove(*name);
                    }
                    Change::Null => *member = Value::Null,
                    Change::Text(text) => *member = text.into(),
                    Change::AnotherId => {
                        if let Value::String(id) = member {
                            *id = another_id(id);
                        }
                    }
                }
            }
            for member in members.values_mut() {
                change_members(member, names, change);
            }
        }
        Value::Array(items) => {
            for item in items {
                change_members(item, names, change);
            }
        }
        _ => {}
    }
}

/// An id of the same form: its last character is another one.
fn another_id(id: &str) -> String {
    let mut other = id.to_owned();
    if let Some(last) = other.pop() {
        other.push(match last {
            '0'..='8' => '9',
            '9' => '0',
            'a' => 'b',
            'A' => 'B',
            letter if letter.is_ascii_uppercase() => 'A',
            _ => 'a',
        });
    }
    other
}
