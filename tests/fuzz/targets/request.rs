//! A service's `[request]`: templates, paging, time formats, success rules. Never a panic, not when it is used either; what
//! a format writes, it reads again or not at all.
#![no_main]

use adapters::{
    http::{
        moment::TimeFormat,
        template::{BodyTemplate, Template, Values},
    },
    source::RequestConfig,
};
use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;
use toml::de::{DeTable, Deserializer};

fuzz_target!(|text: &str| {
    if let Ok(format) = TimeFormat::try_from(text.to_owned()) {
        times(&format);
    }
    let _ = Template::parse(text).map(|template| (template.fill(&values()), template.fill_json(&values())));
    let Ok(table) = DeTable::parse(text) else { return };
    let Ok(request) = serde::de::Deserialize::deserialize(Deserializer::from(table)) else { return };
    let request: RequestConfig = request;
    let _ = request.problems();
    if let Some(format) = &request.time_format {
        times(format);
    }
    let paging = &request.paging;
    let _ = (paging.is_endless(u64::MAX, 7), paging.resumes(), paging.size(), paging.overlap_s());
    for value in request.body.iter().flatten().map(|(_, value)| value) {
        if let Ok(template) = BodyTemplate::parse(value) {
            let _ = template.fill(&values());
        }
    }
    if let Some(rule) = &request.success {
        assert!(rule.failure(None, Some(text)).is_some());
    }
});

fn values() -> Values {
    let text = || Some("x".to_owned());
    Values {
        page: Some(1),
        size: Some(u64::MAX),
        offset: None,
        next: text(),
        from: Some("17".to_owned()),
        until: text(),
        after_time: text(),
        after_id: text(),
        numeric_times: true,
    }
}

fn times(format: &TimeFormat) {
    let zone = chrono_tz::Asia::Shanghai;
    let moment: DateTime<Utc> = fuzz::NOW.parse().unwrap();
    let written = format.write(moment, zone);
    let _ = format.read(&written, zone);
}
