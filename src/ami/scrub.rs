//! Takes out of a post whose it is: what may be kept is listed, everything else gets a stand-in.
//!
//! The same input has the same stand-in for as long as a [`Scrubber`] lives. Ids have stand-ins of their own across all
//! fields, so that what was equal stays equal, and what was apart stays apart. Stand-ins are counted, not computed
//! from what they stand for, so nobody can try names until one fits.

use std::collections::{HashMap, HashSet};

use super::words;

/// Where the parts of a scrubbed multipart form are told apart.
pub const BOUNDARY: &str = "amigo-boundary";

/// The first stand-in of an id. Ids of real rows are smaller, for the most part.
const FIRST_ID: i64 = 900_001;
/// The moment that every post is made at.
const MOMENT: &str = "2026-01-01T00:00:00Z";
/// The longest name of a field that is kept.
const LONGEST_KEY: usize = 48;

/// What a stand-in stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Column,
    Field,
    Host,
    Huge,
    Page,
    Person,
    Project,
    View,
    Window,
}

/// Gives stand-ins.
#[derive(Debug, Default)]
pub struct Scrubber {
    ids: HashMap<i64, i64>,
    taken: HashSet<i64>,
    given: i64,
    named: HashMap<(Kind, String), usize>,
    counts: HashMap<Kind, usize>,
    texts: HashMap<String, String>,
    shapes: HashMap<String, u64>,
}

impl Scrubber {
    /// All fields but the signature, in their order.
    pub fn pairs(&mut self, pairs: &[(String, String)]) -> Vec<(String, String)> {
        // No id's stand-in may be an id that is still to come.
        let numbers = pairs.iter().flat_map(|(_, value)| value.split(','));
        self.taken
            .extend(numbers.filter_map(|number| number.trim().parse::<i64>().ok()));
        let kept = pairs.iter().filter(|(key, _)| key != "signature");
        kept.map(|(key, value)| (self.key(key), self.value(key, value)))
            .collect()
    }

    /// The options of an address. Whatever is no option and has no value may be a secret itself.
    pub fn query(&mut self, query: &[(String, String)]) -> Vec<(String, String)> {
        let scrub = |(key, value): &(String, String)| match value.as_str() {
            "" => (self.filled(key), String::new()),
            // A switch, not an id.
            "0" | "1" | "on" | "off" => (self.key(key), value.clone()),
            value => (self.key(key), self.value(key, value)),
        };
        query.iter().map(scrub).collect()
    }

    /// The name of a field; it stays as long as it looks like one.
    pub fn key(&mut self, key: &str) -> String {
        let bare = key.strip_suffix("[]").unwrap_or(key);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let is_name = bare.len() <= LONGEST_KEY
            && bare.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && bare.bytes().all(plain);
        if is_name { key.to_owned() } else { self.filled(key) }
    }

    /// The value of a field.
    pub fn value(&mut self, key: &str, value: &str) -> String {
        if stays(value) {
            return value.to_owned();
        }
        match key.strip_suffix("[]").unwrap_or(key) {
            "user_login" => self.person(value),
            "server_hostname" => self.host(value),
            "project_name" => self.name(Kind::Project, "Project", value),
            "title" => self.name(Kind::Page, "Page", value),
            "view" => self.name(Kind::View, "View", value),
            "session_uuid" => self.window(value),
            "column_display_names" => each(value, |label| self.name(Kind::Column, "Column", label)),
            "cols" | "sort_column" | "sort_columns" | "grouping_column" | "grouping_columns"
            | "target_column" => each(value, |column| self.column(column)),
            "entity_type" if words::is_type(value) => value.to_owned(),
            "referrer_path" => self.path(value),
            "timestamp" => self.moment(value),
            _ => self.any(value),
        }
    }

    /// A Content-Type, as it was sent but for what only this post has.
    pub fn content_type(&mut self, text: &str) -> String {
        let mut parts = text.split(';');
        let kind = parts.next().unwrap_or_default();
        let known = |list: &[&str], text: &str| list.iter().any(|word| word.eq_ignore_ascii_case(text));
        let mut kept = if known(&words::MEDIA_TYPES, kind.trim()) {
            kind.to_owned()
        } else {
            self.filled(kind)
        };
        for part in parts {
            let space = &part[..part.len() - part.trim_start().len()];
            let (name, value) = part.trim().split_once('=').unwrap_or((part.trim(), ""));
            let bare = value.trim_matches('"');
            let value = match name.to_ascii_lowercase().as_str() {
                "boundary" => BOUNDARY.to_owned(),
                "charset" if known(&words::CHARSETS, bare) => value.to_owned(),
                _ => self.filled(value),
            };
            kept.push_str(&format!(";{space}{}={value}", self.key(name)));
        }
        kept
    }

    /// Numbers are ids, in lists too; all else keeps its shape.
    fn any(&mut self, value: &str) -> String {
        let items = || value.split(',').map(str::trim);
        if items().all(|item| item.is_empty() || is_number(item)) {
            return each(value, |number| self.number(number));
        }
        self.filled(value)
    }

    fn number(&mut self, text: &str) -> String {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", text),
        };
        match digits.parse::<i64>() {
            Ok(0) => text.to_owned(),
            Ok(id) => format!("{sign}{}", self.id(id)),
            // Too large for any id, and so is its stand-in.
            Err(_) => {
                let count = self.count(Kind::Huge, text);
                format!(
                    "{sign}{}{count:018}",
                    "9".repeat(digits.len().saturating_sub(18).max(2))
                )
            }
        }
    }

    fn id(&mut self, id: i64) -> i64 {
        if let Some(known) = self.ids.get(&id) {
            return *known;
        }
        let stand_in = loop {
            let next = FIRST_ID + self.given;
            self.given += 1;
            if !self.taken.contains(&next) && next != id {
                break next;
            }
        };
        self.ids.insert(id, stand_in);
        stand_in
    }

    /// Which of its kind it is, from 1.
    fn count(&mut self, kind: Kind, text: &str) -> usize {
        let counts = &mut self.counts;
        *self.named.entry((kind, text.to_owned())).or_insert_with(|| {
            let count = counts.entry(kind).or_default();
            *count += 1;
            *count
        })
    }

    /// `Project 2`, in more than ASCII where the name was.
    fn name(&mut self, kind: Kind, word: &str, text: &str) -> String {
        let count = self.count(kind, text);
        if text.is_ascii() {
            format!("{word} {count}")
        } else {
            format!("{word} {count} – é愛")
        }
    }

    fn person(&mut self, login: &str) -> String {
        let count = self.count(Kind::Person, login);
        let word = if login.is_ascii() { "person" } else { "persön" };
        let at = if login.contains('@') {
            "@studio.example"
        } else {
            ""
        };
        format!("{word}.{count}{at}")
    }

    fn host(&mut self, host: &str) -> String {
        let (name, port) = match host.trim().rsplit_once(':') {
            Some((name, port)) if is_number(port) => (name, ":443"),
            _ => (host.trim(), ""),
        };
        let count = self.count(Kind::Host, &name.to_lowercase());
        let word = if host.is_ascii() { "flow" } else { "flöw" };
        format!("{word}-{count}.example{port}")
    }

    /// A browser window's id.
    fn window(&mut self, text: &str) -> String {
        let lengths = text.split('-').map(str::len);
        let hexadecimal = text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit());
        if hexadecimal && lengths.eq([8, 4, 4, 4, 12]) {
            let count = self.count(Kind::Window, text);
            return format!("00000000-0000-4000-8000-{count:012x}");
        }
        self.filled(text)
    }

    /// `entity.Shot.sg_sequence`
    fn column(&mut self, column: &str) -> String {
        let known = |part: &str| words::FIELDS.contains(&part) || words::is_type(part);
        let parts: Vec<String> = column
            .split('.')
            .map(|part| match known(part) {
                true => part.to_owned(),
                false => format!("sg_field_{}", self.count(Kind::Field, part)),
            })
            .collect();
        parts.join(".")
    }

    /// `/detail/HumanUser/24`
    fn path(&mut self, path: &str) -> String {
        let between = |c: char| matches!(c, '/' | '?' | '&' | '=' | '#');
        let mut scrubbed = String::new();
        for piece in path.split_inclusive(between) {
            let word = piece.trim_end_matches(between);
            scrubbed += &match word {
                "" => String::new(),
                word if words::PATHS.contains(&word) || words::is_type(word) => word.to_owned(),
                word if is_number(word) => self.number(word),
                word => self.filled(word),
            };
            scrubbed += &piece[word.len()..];
        }
        scrubbed
    }

    fn moment(&mut self, text: &str) -> String {
        if is_usual_moment(text) {
            MOMENT.to_owned()
        } else {
            self.filled(text)
        }
    }

    /// A text of the same shape: letters for letters, digits for digits, the same spaces and signs.
    fn filled(&mut self, text: &str) -> String {
        if !text.chars().any(|c| range_of(c).is_some()) {
            return text.to_owned();
        }
        if let Some(known) = self.texts.get(text) {
            return known.clone();
        }
        let shape: String = text
            .chars()
            .map(|c| range_of(c).map_or(c, |range| range.first))
            .collect();
        let stand_in = loop {
            let number = self.shapes.entry(shape.clone()).or_default();
            let stand_in = fill(text, *number);
            *number += 1;
            if stand_in != text {
                break stand_in;
            }
        };
        self.texts.insert(text.to_owned(), stand_in.clone());
        stand_in
    }
}

/// What a character may be replaced by: as many as `count` from `first` on, of the same length in UTF-8.
#[derive(Clone, Copy)]
struct Range {
    first: char,
    count: u32,
}

fn range_of(c: char) -> Option<Range> {
    let (first, count) = match c {
        'a'..='z' => ('a', 26),
        'A'..='Z' => ('A', 26),
        '0'..='9' => ('0', 10),
        _ if c.is_ascii() || c.is_whitespace() => return None,
        _ => match c.len_utf8() {
            2 => ('à', 23),
            3 => ('か', 40),
            _ => ('🌀', 32),
        },
    };
    Some(Range { first, count })
}

/// The `number`-th text of a shape: the last places count first.
fn fill(text: &str, mut number: u64) -> String {
    let mut filled: Vec<char> = text
        .chars()
        .rev()
        .map(|c| {
            let Some(Range { first, count }) = range_of(c) else {
                return c;
            };
            let place = u32::try_from(number % u64::from(count)).unwrap_or_default();
            number /= u64::from(count);
            char::from_u32(u32::from(first) + place).unwrap_or(first)
        })
        .collect();
    filled.reverse();
    filled.into_iter().collect()
}

/// Whether a value says nothing of anybody.
fn stays(value: &str) -> bool {
    value.trim().is_empty() || words::VALUES.contains(&value.trim())
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it is written as Flow writes it (`flow-api.md §2`).
fn is_usual_moment(text: &str) -> bool {
    let digits = text
        .bytes()
        .map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    digits.eq(*b"0000-00-00T00:00:00Z")
}

/// Each item of a list with commas; spaces and empty items stay.
fn each(list: &str, mut scrub: impl FnMut(&str) -> String) -> String {
    let items: Vec<String> = list
        .split(',')
        .map(|item| {
            let word = item.trim();
            if stays(item) {
                return item.to_owned();
            }
            let before = &item[..item.len() - item.trim_start().len()];
            let after = &item[item.trim_end().len()..];
            format!("{before}{}{after}", scrub(word))
        })
        .collect();
    items.join(",")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::{any, proptest};
    use rstest::rstest;

    use super::*;

    fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        fields
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn relations_between_ids_survive() {
        let post = pairs(&[
            ("user_id", "57"),
            ("project_id", "188"),
            ("referrer_path", "/detail/HumanUser/57"),
            ("ids", "188, 900001,57,0,007"),
            ("selected_ids[]", "188"),
        ]);
        let scrubbed = Scrubber::default().pairs(&post);
        let values: Vec<&str> = scrubbed.iter().map(|(_, value)| value.as_str()).collect();
        // 900001 is no stand-in, because somebody has it.
        assert_eq!(
            values,
            [
                "900002",
                "900003",
                "/detail/HumanUser/900002",
                "900003, 900004,900002,0,900005",
                "900003"
            ]
        );
    }

    #[test]
    fn what_flow_itself_says_stays() {
        for (key, value) in [
            ("title", "undefined"),
            ("title", ""),
            ("selected_ids", " "),
            ("entity_type", "CustomEntity03"),
            ("cols", "code,entity.Shot.sg_sequence"),
            ("sort_direction", "desc"),
            ("view", "Default"),
            ("referrer_path", "/my_tasks"),
            ("timestamp", "2026-01-01T00:00:00Z"),
        ] {
            assert_eq!(Scrubber::default().value(key, value), value, "{key}");
        }
    }

    #[rstest]
    #[case("user_login", "mira.kowalski", "person.1")]
    #[case("user_login", "zoë@studio.test", "persön.1@studio.example")]
    #[case("server_hostname", "Studio.test:8443", "flow-1.example:443")]
    #[case("project_name", "愛と海", "Project 1 – é愛")]
    #[case("title", "Mira's Shots", "Page 1")]
    #[case(
        "session_uuid",
        "3f0b8a52-6c1d-4e77-9a41-0242ac110005",
        "00000000-0000-4000-8000-000000000001"
    )]
    #[case("session_uuid", "window 7", "aaaaaa 0")]
    #[case(
        "cols",
        "code, sg_mira,step.Step.sg_mira",
        "code, sg_field_1,step.Step.sg_field_1"
    )]
    #[case("column_display_names", "Mira,,Étape", "Column 1,,Column 2 – é愛")]
    #[case("entity_type", "Mira", "Aaaa")]
    #[case("referrer_path", "/page/mira?token=aB3", "/page/aaaa?aaaaa=aA0")]
    #[case("timestamp", "2026-03-11T14:05:09Z", MOMENT)]
    #[case("timestamp", "11/03/2026", "00/00/0000")]
    #[case("colour", "Mira's Ünique 7 – 愛!", "Aaaa'a àaaaaa 0 か か!")]
    #[case("user_id", "me", "aa")]
    #[case("user_id", "-5", "-900001")]
    #[case("user_id", "99999999999999999999", "99000000000000000001")]
    #[case("<b>", "x", "a")]
    fn values_get_stand_ins(#[case] key: &str, #[case] value: &str, #[case] expected: &str) {
        assert_eq!(Scrubber::default().value(key, value), expected);
    }

    #[test]
    fn names_of_fields_stay_when_they_are_names() {
        let mut scrubber = Scrubber::default();
        for key in ["selected_ids[]", "target_column", "x-y.z", "_0"] {
            assert_eq!(scrubber.key(key), key);
        }
        assert_eq!(scrubber.key("{\"mira\":\"kowalski\"}"), "{\"aaaa\":\"aaaaaaaa\"}");
        assert_eq!(scrubber.key("mira@studio.test"), "aaaa@aaaaaa.aaaa");
        assert_eq!(
            scrubber.query(&pairs(&[("mira", ""), ("tasks", "no")])),
            pairs(&[("aaaa", ""), ("tasks", "no")])
        );
    }

    #[rstest]
    #[case("application/x-www-form-urlencoded", "application/x-www-form-urlencoded")]
    #[case(
        "Multipart/Form-Data; boundary=----WebKitMira7",
        "Multipart/Form-Data; boundary=amigo-boundary"
    )]
    #[case(
        "text/plain;charset=UTF-8;  mira=kowalski",
        "text/plain;charset=UTF-8;  mira=aaaaaaaa"
    )]
    #[case("mira/kowalski; charset=mira", "aaaa/aaaaaaaa; charset=aaaa")]
    fn a_content_type_keeps_what_forms_have(#[case] sent: &str, #[case] expected: &str) {
        assert_eq!(Scrubber::default().content_type(sent), expected);
    }

    proptest! {
        #[test]
        fn different_ids_never_become_the_same(ids in proptest::collection::vec(1_i64..2_000_000, 1..200)) {
            let mut scrubber = Scrubber::default();
            let list: Vec<String> = ids.iter().map(i64::to_string).collect();
            let scrubbed = scrubber.pairs(&[("ids".to_owned(), list.join(","))]);
            let apart = |list: &str| list.split(',').map(str::to_owned).collect::<BTreeSet<_>>();
            let (before, after) = (apart(&list.join(",")), apart(&scrubbed[0].1));
            assert_eq!(before.len(), after.len());
            assert!(before.is_disjoint(&after));
        }

        #[test]
        fn any_text_keeps_its_length_and_is_stable(key in any::<String>(), text in any::<String>()) {
            let mut scrubber = Scrubber::default();
            let once = scrubber.filled(&text);
            assert_eq!(once, scrubber.filled(&text));
            assert_eq!(once.len(), text.len());
            let letters = |text: &str| text.chars().any(|c| range_of(c).is_some());
            assert!(once != text || !letters(&text));
            // Whatever the field, nothing becomes empty, and nothing empty becomes something.
            assert_eq!(scrubber.value(&key, &text).is_empty(), text.is_empty());
        }
    }
}
