//! The texts of the small world. A tank's level is a code of a table that lacks one word the park uses.

pub(super) const FILES: [(&str, &str); 11] = [
    ("lianwang.toml", "node = \"hub\"\nzone = \"Asia/Shanghai\"\n"),
    ("kinds/plant.toml", PLANT),
    ("kinds/tank.toml", TANK),
    ("kinds/alarm.toml", ALARM),
    ("tables/tank-level.csv", "code,label\n1,重大\n2,较大\n3,一般\n"),
    ("tables/park-level.csv", "from,code\n重大,1\n较大,2\n一般,3\n"),
    ("sources/park/source.toml", PARK),
    ("sources/park/plant.toml", PARK_PLANT),
    ("sources/park/tank.toml", PARK_TANK),
    ("sources/park/alarm.toml", PARK_ALARM),
    (
        "profiles/small.toml",
        "profile = \"small\"\nlabel = \"小\"\n[plant.fields]\nname = { required = true }\n",
    ),
];

/// How a service is read by (time, id).
pub(super) const KEYSET: &str = "\
paging = { kind = \"keyset\", size = 4, time = \"t\", id = \"id\" }
query = { after = \"{after_time}\", last = \"{after_id}\", until = \"{until}\", from = \"{from}\" }
";

/// How a service is read by page number.
pub(super) const PAGED: &str = "\
paging = { kind = \"page\", size = 4 }
query = { page = \"{page}\" }
";

/// How a service is read by place.
pub(super) const BY_PLACE: &str = "\
paging = { kind = \"offset\", size = 4 }
query = { offset = \"{offset}\" }
";

/// How a service is read by token.
pub(super) const BY_TOKEN: &str = "\
paging = { kind = \"next\", size = 4, token = \"next\" }
query = { next = \"{next}\" }
";

/// How to reach the receiver; the world puts its own in memory in the place of this.
pub(super) const RECEIVER: &str = "\
[connect]
type = \"rest\"
base_url = \"http://receiver.invalid\"

[wire]
zone = \"Asia/Shanghai\"
";

const PLANT: &str = r#"
kind = "plant"
label = "装置"
volatile = ["updateDate"]
as_of = "updateDate"
[fields]
id = { label = "主键", type = "id" }
name = { label = "名称", type = "text", max = 20 }
companyCode = { label = "企业编码", type = "text", owner = "chem" }
isTest = { label = "测试", type = "text", facet = "test" }
updateDate = { label = "更新时间", type = "datetime" }
"#;

const TANK: &str = r#"
kind = "tank"
label = "储罐"
volatile = ["updateDate"]
as_of = "updateDate"
[fields]
id = { label = "主键", type = "id" }
plantId = { label = "装置", type = "id", parent = "plant" }
name = { label = "名称", type = "text", max = 20, required = true }
level = { label = "等级", type = "code", table = "tank-level" }
updateDate = { label = "更新时间", type = "datetime" }
"#;

const ALARM: &str = r#"
kind = "alarm"
label = "报警"
[fields]
id = { label = "主键", type = "id" }
tankId = { label = "储罐", type = "id", parent = "tank" }
value = { label = "数值", type = "int" }
"#;

const PARK: &str = r#"
title = "园区"
full_read = "0 3 * * 0"

[connect]
type = "rest"
base_url = "http://park.invalid"

[[services]]
name = "plants"
[services.request]
path = "/plants"
list = "rows"
paging = { kind = "keyset", size = 4, time = "t", id = "id" }
query = { after = "{after_time}", last = "{after_id}", until = "{until}", from = "{from}" }

[[services]]
name = "tanks"
[services.request]
path = "/tanks"
list = "rows"
paging = { kind = "keyset", size = 4, time = "t", id = "id" }
query = { after = "{after_time}", last = "{after_id}", until = "{until}", from = "{from}" }

[[services]]
name = "alarms"
[services.request]
path = "/alarms"
list = "rows"
paging = { kind = "page", size = 4 }
query = { page = "{page}" }
"#;

const PARK_PLANT: &str = r#"
kind = "plant"
id_space = "uuid"
profile = "small"
select = { service = "plants" }
[fields]
id = "id"
name = "name"
companyCode = "corp"
isTest = "test"
updateDate = { from = "t", formats = ["%Y-%m-%dT%H:%M:%S%z"] }
"#;

const PARK_TANK: &str = r#"
kind = "tank"
id_space = "uuid"
select = { service = "tanks" }
[fields]
id = "id"
plantId = "plant"
name = "name"
level = { from = "level", table = "park-level" }
updateDate = { from = "t", formats = ["%Y-%m-%dT%H:%M:%S%z"] }
"#;

const PARK_ALARM: &str = r#"
kind = "alarm"
id_space = "uuid"
select = { service = "alarms" }
[fields]
id = "id"
tankId = "tank"
value = "value"
"#;
