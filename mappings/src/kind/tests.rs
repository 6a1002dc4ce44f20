//! What a kind answers.

use crate::{
    Facet, FieldType, Kind,
    kind::sorted_by_name,
    tests::{compiled, file, small},
};

fn note() -> Kind {
    compiled(&small()).kind("note").unwrap().clone()
}

#[test]
fn a_kind_answers_by_name() {
    let kind = note();
    assert_eq!(
        (kind.name(), kind.label(), kind.wire(), kind.as_of()),
        ("note", "便条", None, Some("touched"))
    );
    assert_eq!(kind.volatile(), ["touched", "touchedBy"]);
    assert_eq!(kind.parents().collect::<Vec<_>>(), [("folderId", "folder")]);
    assert_eq!((kind.origin_elsewhere(), kind.id_space()), (false, None));
    assert!(kind.field("nothing").is_none());
}

#[test]
fn a_field_answers_what_it_is() {
    let kind = note();
    let field = |name: &str| kind.field(name).unwrap().clone();
    assert_eq!(
        (field("name").label(), field("name").max(), field("name").field_type()),
        ("名称", 10, FieldType::Text)
    );
    assert_eq!(field("id").max(), 200);
    assert_eq!(field("person").max(), 4000);
    assert_eq!(field("photo").max(), usize::MAX);
    assert_eq!(field("level").table().unwrap().name(), "level");
    assert_eq!(field("folderId").parent(), Some("folder"));
    assert_eq!(field("person").personal(), Some("name"));
    assert!(field("touched").volatile() && !field("name").volatile());
}

#[test]
fn every_field_is_found_at_its_number() {
    let kind = note();
    for (number, field) in kind.fields().iter().enumerate() {
        assert_eq!(kind.number(field.name()), Some(number), "{}", field.name());
    }
    for name in ["", "A", "zzz", "nam", "names"] {
        assert_eq!(kind.number(name), None, "{name}");
    }
    let sorted: Vec<&str> =
        sorted_by_name(kind.fields()).into_iter().map(|number| kind.fields()[number].name()).collect();
    assert!(sorted.is_sorted());
}

#[test]
fn marks_point_at_the_fields_of_a_version() {
    let kind = note();
    let marks = &kind.0.marks;
    let name = |number: usize| kind.fields()[number].name();
    assert_eq!(name(marks.id), "id");
    assert_eq!(marks.as_of.map(name), Some("touched"));
    assert_eq!(
        marks.owners.iter().map(|(scheme, number)| (scheme.as_str(), name(*number))).collect::<Vec<_>>(),
        [("chem", "company")]
    );
    assert_eq!(marks.test.map(name), Some("test"));
    assert_eq!((marks.region, marks.industry), (None, None));
}

#[test]
fn facets_are_three_words() {
    for (word, facet) in [("test", Facet::Test), ("region", Facet::Region), ("industry", Facet::Industry)] {
        assert_eq!(Facet::parse(word), Some(facet));
    }
    assert_eq!(Facet::parse("Test"), None);
}

#[test]
fn a_file_may_say_where_records_are_from() {
    let mut files = small();
    files.push(file(
        "kinds/object.toml",
        "kind = \"object\"\nlabel = \"对象\"\nwire = \"sec_object\"\norigin = \"elsewhere\"\nid_space = \"registered\"\n[fields]\nid = { label = \"编码\", type = \"id\" }\n",
    ));
    let book = compiled(&files);
    let kind = book.kind("object").unwrap();
    assert_eq!(
        (kind.wire(), kind.origin_elsewhere(), kind.id_space()),
        (Some("sec_object"), true, Some("registered"))
    );
}

#[test]
fn a_field_may_be_its_senders_alone() {
    let mut files = small();
    let table = "type = \"code\", table = \"level\"";
    files[4].text = files[4].text.replace(table, &format!("{table}, owner_only = true"));
    let book = compiled(&files);
    let kind = book.kind("note").unwrap();
    let own: Vec<&str> =
        kind.fields().iter().filter(|field| field.owner_only()).map(crate::Field::name).collect();
    assert_eq!(own, ["level"]);
    files[4].text = files[4].text.replace("owner_only = true", "owner_only = \"yes\"");
    let (_, problems) = crate::Rulebook::compile(&files);
    assert!(problems[0].to_string().contains("owner_only 应当是 true 或 false"), "{problems:?}");
}

#[test]
fn a_text_may_say_what_the_owner_is_called() {
    let mut files = small();
    let firm = "[fields]\nfirm = { label = \"企业\", type = \"text\", owner_name = true }\n";
    files[4].text = files[4].text.replacen("[fields]\n", firm, 1);
    let book = compiled(&files);
    let says = book.kind("note").unwrap().fields().iter().filter(|field| field.owner_name());
    assert_eq!(says.map(crate::Field::name).collect::<Vec<_>>(), ["firm"]);
    files[4].text = files[4].text.replace("\"text\", owner_name", "\"int\", owner_name");
    let (_, problems) = crate::Rulebook::compile(&files);
    assert!(problems[0].to_string().contains("类型 int 没有 owner_name"), "{problems:?}");
}
