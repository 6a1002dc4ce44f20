//! A TOML file as a tree with places: the entry an error speaks of, and the tree without it.
//! Leaves what the error says to `wording`.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use super::wording::Fault;

/// Deepest level looked into.
const DEEPEST: u8 = 32;

/// An entry of a table, or an element of a list.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Its key; of an element, the list's.
    pub key: String,
    /// What to show a person: the key when it is unknown, else the value.
    pub shown: Range<usize>,
    key_at: Range<usize>,
    value_at: Range<usize>,
    /// The value as serde names it in messages (`string "x"`).
    named: String,
    depth: u8,
}

impl Node {
    /// The innermost node that an error at `span` speaks of.
    ///
    /// A tagged table loses its places on the way through serde: an error inside it carries the table's own span. The
    /// key or the value that the message names is then looked for inside it.
    pub fn find(root: &DeTable<'_>, span: Option<Range<usize>>, fault: &Fault) -> Option<Self> {
        let span = span?;
        let mut nodes = Vec::new();
        collect(root, 0, &mut nodes);
        if let Some(unknown) = nodes.iter().find(|node| node.key_at == span && fault.unknown.is_some()) {
            return Some(Self { shown: span, ..unknown.clone() });
        }
        let at = nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.value_at == span)
            .max_by_key(|(_, node)| node.depth);
        let (place, whole) = at?;
        let below = nodes.iter().skip(place + 1).take_while(|node| node.depth > whole.depth);
        let inside = below.clone().find_map(|node| {
            let unknown = fault.unknown.as_ref().is_some_and(|key| *key == node.key);
            let wrong = fault.found.as_ref().is_some_and(|found| *found == node.named);
            let shown = if unknown { &node.key_at } else { &node.value_at };
            (unknown || wrong).then(|| Self { shown: shown.clone(), ..node.clone() })
        });
        inside.or_else(|| Some(whole.clone()))
    }

    /// The list of `[[tables]]` and its first table stand at one place: the depth tells them apart.
    fn stands_at(&self, key_at: &Range<usize>, value: &Spanned<DeValue<'_>>, depth: u8) -> bool {
        *key_at == self.key_at && value.span() == self.value_at && depth == self.depth
    }
}

/// Takes a node out of the tree.
pub(super) fn remove(table: &mut DeTable<'_>, node: &Node) {
    remove_from(table, node, 0);
}

fn remove_from<'i>(table: &mut DeTable<'i>, node: &Node, depth: u8) {
    let whole: DeTable<'i> = std::mem::take(table);
    for (key, mut value) in whole {
        if !node.stands_at(&key.span(), &value, depth) {
            remove_below(&mut value, node, &key.span(), depth);
            table.insert(key, value);
        }
    }
}

fn remove_below(value: &mut Spanned<DeValue<'_>>, node: &Node, key_at: &Range<usize>, depth: u8) {
    match value.get_mut() {
        DeValue::Table(table) if depth < DEEPEST => remove_from(table, node, depth + 1),
        DeValue::Array(array) if depth < DEEPEST => {
            let whole = std::mem::replace(array, DeArray::new());
            *array =
                whole.into_iter().filter(|element| !node.stands_at(key_at, element, depth + 1)).collect();
            array.iter_mut().for_each(|element| remove_below(element, node, key_at, depth + 1));
        }
        _ => {}
    }
}

/// Every node below a table, each before what is inside it.
fn collect(table: &DeTable<'_>, depth: u8, nodes: &mut Vec<Node>) {
    for (key, value) in table {
        enter(key.get_ref(), &key.span(), value, depth, nodes);
    }
}

fn enter(key: &str, key_at: &Range<usize>, value: &Spanned<DeValue<'_>>, depth: u8, nodes: &mut Vec<Node>) {
    nodes.push(Node {
        key: key.to_owned(),
        shown: value.span(),
        key_at: key_at.clone(),
        value_at: value.span(),
        named: named(value.get_ref()),
        depth,
    });
    match value.get_ref() {
        DeValue::Table(table) if depth < DEEPEST => collect(table, depth + 1, nodes),
        DeValue::Array(array) if depth < DEEPEST => {
            array.iter().for_each(|element| enter(key, key_at, element, depth + 1, nodes));
        }
        _ => {}
    }
}

fn named(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("string {text:?}"),
        DeValue::Integer(number) => format!("integer `{}`", number.as_str()),
        DeValue::Float(number) => format!("floating point `{}`", number.as_str()),
        DeValue::Boolean(truth) => format!("boolean `{truth}`"),
        DeValue::Array(_) => "sequence".to_owned(),
        DeValue::Table(_) => "map".to_owned(),
        DeValue::Datetime(_) => "datetime".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a = 1\n[t]\nb = 'x'\nc = [1, 'x']\n[[l]]\nb = 2\n[[l]]\nb = 3\n";

    fn span(of: &str) -> Range<usize> {
        let start = TEXT.find(of).unwrap();
        start..start + of.len()
    }

    fn keys(table: &DeTable<'_>) -> Vec<String> {
        let mut nodes = Vec::new();
        collect(table, 0, &mut nodes);
        nodes.iter().map(|node| format!("{}={}", node.key, node.named)).collect()
    }

    /// What is left after taking out what an error at `span` speaks of.
    fn left(span: Range<usize>, fault: &Fault) -> Vec<String> {
        let mut table = DeTable::parse(TEXT).unwrap();
        let node = Node::find(table.get_ref(), Some(span), fault).unwrap();
        remove(table.get_mut(), &node);
        keys(table.get_ref())
    }

    #[test]
    fn every_entry_and_element_is_a_node() {
        let table = DeTable::parse(TEXT).unwrap();
        let all = [
            "a=integer `1`",
            "l=sequence",
            "l=map",
            "b=integer `2`",
            "l=map",
            "b=integer `3`",
            "t=map",
            "b=string \"x\"",
            "c=sequence",
            "c=integer `1`",
            "c=string \"x\"",
        ];
        assert_eq!(keys(table.get_ref()), all);
    }

    #[test]
    fn a_value_is_found_by_its_place_and_taken_out_alone() {
        let left = left(span("'x'"), &Fault::default());
        assert!(!left.contains(&"b=string \"x\"".to_owned()));
        assert_eq!(left.len(), 10);
    }

    #[test]
    fn an_element_leaves_its_neighbours() {
        let start = TEXT.rfind("'x'").unwrap();
        let left = left(start..start + 3, &Fault::default());
        assert!(left.contains(&"c=integer `1`".to_owned()) && !left.contains(&"c=string \"x\"".to_owned()));
    }

    #[test]
    fn a_key_inside_a_table_is_found_by_name_where_only_the_tables_place_is_known() {
        let fault = Fault { unknown: Some("c".to_owned()), ..Fault::default() };
        let table = DeTable::parse(TEXT).unwrap();
        let whole = table.get_ref().get("t").unwrap().span();
        let node = Node::find(table.get_ref(), Some(whole.clone()), &fault).unwrap();
        assert_eq!((node.key.as_str(), TEXT.get(node.shown)), ("c", Some("c")));
        assert_eq!(left(whole, &fault).len(), 8);
    }

    #[test]
    fn the_first_table_of_a_list_is_not_the_list() {
        let table = DeTable::parse(TEXT).unwrap();
        let list = table.get_ref().get("l").unwrap();
        let first = list.get_ref().get(0).unwrap().span();
        let left = left(first, &Fault::default());
        assert!(left.contains(&"b=integer `3`".to_owned()) && !left.contains(&"b=integer `2`".to_owned()));
    }

    #[test]
    fn an_error_without_a_place_speaks_of_nothing() {
        let table = DeTable::parse(TEXT).unwrap();
        assert!(Node::find(table.get_ref(), None, &Fault::default()).is_none());
        assert!(Node::find(table.get_ref(), Some(900..901), &Fault::default()).is_none());
    }
}
