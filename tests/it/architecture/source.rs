//! Just enough Rust to find the paths that a file names: comments, texts and test code do not count.

/// A piece of source that can be part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `::`
    Into,
    Sign(char),
}

/// Every path that the code names outside `#[cfg(test)]`, groups of `use` taken apart; single words too.
pub fn paths(source: &str) -> Vec<Vec<String>> {
    let tokens = without_tests(&tokens(source));
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = match tokens[at] {
            Token::Word(_) => path(&tokens, at, &[], &mut found),
            Token::Into | Token::Sign(_) => at + 1,
        };
    }
    found
}

/// Reads one path, or one `use` tree, and tells where it ends.
fn path(tokens: &[Token], mut at: usize, before: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = before.to_vec();
    loop {
        match tokens.get(at) {
            Some(Token::Word(word)) => {
                path.push(word.clone());
                at += 1;
            }
            Some(Token::Sign('{')) if !path.is_empty() => return group(tokens, at + 1, &path, found),
            _ => break,
        }
        if tokens.get(at) == Some(&Token::Into) {
            at += 1;
        } else {
            break;
        }
    }
    found.push(path);
    at
}

fn group(tokens: &[Token], mut at: usize, before: &[String], found: &mut Vec<Vec<String>>) -> usize {
    while let Some(token) = tokens.get(at) {
        match token {
            Token::Sign('}') => return at + 1,
            Token::Word(_) => {
                at = path(tokens, at, before, found);
                // What follows is a rename at most.
                while tokens
                    .get(at)
                    .is_some_and(|token| *token != Token::Sign(',') && *token != Token::Sign('}'))
                {
                    at += 1;
                }
            }
            Token::Into | Token::Sign(_) => at += 1,
        }
    }
    at
}

/// Leaves out every item behind `#[cfg(test)]`.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let word = |text: &str| Token::Word(text.to_owned());
    let mark = [
        Token::Sign('#'),
        Token::Sign('['),
        word("cfg"),
        Token::Sign('('),
        word("test"),
        Token::Sign(')'),
        Token::Sign(']'),
    ];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at..].starts_with(&mark) {
            at = item_end(tokens, at + mark.len());
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

fn item_end(tokens: &[Token], mut at: usize) -> usize {
    let mut depth = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            Token::Sign('{') => depth += 1,
            Token::Sign('}') if depth == 1 => break,
            Token::Sign('}') => depth -= 1,
            Token::Sign(';') if depth == 0 => break,
            _ => {}
        }
    }
    at
}

fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        if c == '/' && next == Some('/') {
            at = skip_while(&chars, at, |c| c != '\n');
        } else if c == '/' && next == Some('*') {
            at = skip_comment(&chars, at);
        } else if c == '"' {
            at = skip_text(&chars, at + 1);
        } else if c == '\'' {
            at = skip_char_or_lifetime(&chars, at);
        } else if c == ':' && next == Some(':') {
            tokens.push(Token::Into);
            at += 2;
        } else if c.is_alphanumeric() || c == '_' {
            let end = skip_while(&chars, at, |c| c.is_alphanumeric() || c == '_');
            let word: String = chars[at..end].iter().collect();
            let hashes = skip_while(&chars, end, |c| c == '#') - end;
            let raw = ["r", "br", "cr"].contains(&word.as_str()) && chars.get(end + hashes) == Some(&'"');
            if raw {
                at = skip_raw_text(&chars, end + hashes + 1, hashes);
            } else {
                tokens.push(Token::Word(word));
                at = end;
            }
        } else {
            if !c.is_whitespace() {
                tokens.push(Token::Sign(c));
            }
            at += 1;
        }
    }
    tokens
}

fn skip_while(chars: &[char], at: usize, belongs: impl Fn(char) -> bool) -> usize {
    chars[at..]
        .iter()
        .position(|c| !belongs(*c))
        .map_or(chars.len(), |steps| at + steps)
}

fn skip_comment(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                at += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    break;
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn skip_text(chars: &[char], mut at: usize) -> usize {
    while let Some(c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

fn skip_raw_text(chars: &[char], mut at: usize, hashes: usize) -> usize {
    while at < chars.len() {
        at += 1;
        if chars[at - 1] == '"' && chars[at..].iter().take_while(|c| **c == '#').count() >= hashes {
            return at + hashes;
        }
    }
    at
}

fn skip_char_or_lifetime(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), _) => skip_while(chars, at + 3, |c| c != '\'') + 1,
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<String> {
        paths(source)
            .iter()
            .map(|path| path.join("::"))
            .filter(|path| path.contains("::"))
            .collect()
    }

    #[test]
    fn uses_are_taken_apart() {
        assert_eq!(
            found("use crate::{plan::{self, OpId as Id}, run as life, web::*};"),
            [
                "crate::plan::self",
                "crate::plan::OpId",
                "crate::run",
                "crate::web"
            ]
        );
    }

    #[test]
    fn paths_in_code_count() {
        assert_eq!(
            found(
                "fn a(x: &'static crate::run::Run) -> u8 { b'\\'' as u8 + crate::web::f::<u8>('\"', 'x') }"
            ),
            ["crate::run::Run", "crate::web::f"]
        );
    }

    #[test]
    fn comments_texts_and_tests_do_not() {
        let source = r##"
            //! [`crate::web`]
            /* crate::a /* crate::b */ crate::c */
            const X: &str = "crate::d \" crate::e";
            const Y: &str = r#"crate::f " crate::g"#;
            #[cfg(test)]
            mod tests { fn x() { if a { crate::h::i() } } }
            #[cfg(test)]
            use crate::j;
            use crate::k;
        "##;
        assert_eq!(found(source), ["crate::k"]);
    }
}
