//! Whether one record is good: every complaint about it, in the platform's words.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use serde_json::Value;

use super::forms::{COMMON, Form};

/// A record as posted, by field.
pub(super) type Fields = BTreeMap<String, Value>;

/// Why a record is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) text: String,
    /// The parent it names was never taken here.
    pub(super) orphan: bool,
}

/// All complaints about a record; `known(path, id)` says whether a parent was taken, `user` is who logged in.
pub(super) fn judge(
    form: &Form,
    fields: &Fields,
    user: Option<&str>,
    known: &dyn Fn(&str, &str) -> bool,
) -> Vec<Complaint> {
    let mut texts = identity(fields, user);
    for part in [&COMMON, form] {
        texts.extend(missing(part, fields));
        texts.extend(strange_codes(part, fields));
        texts.extend(bad_moments(part, fields));
        texts.extend(too_long(part, fields));
    }
    let mut complaints: Vec<Complaint> =
        texts.into_iter().map(|text| Complaint { text, orphan: false }).collect();
    complaints.extend(orphaned(form, fields, known));
    complaints
}

/// A field's text: texts trimmed, numbers as written, nothing for null and absent.
pub(super) fn text(fields: &Fields, name: &str) -> String {
    match fields.get(name) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(truth)) => truth.to_string(),
        _ => String::new(),
    }
}

/// One spelling of an id: lower-case, without hyphens.
pub(super) fn normal(id: &str) -> String {
    id.replace('-', "").to_lowercase()
}

fn identity(fields: &Fields, user: Option<&str>) -> Vec<String> {
    let (id, company, hazard) = (text(fields, "id"), text(fields, "companyCode"), text(fields, "hazardCode"));
    let mut complaints = Vec::new();
    if !id.is_empty() && uuid::Uuid::try_parse(&id).is_err() || !matches!(id.len(), 0 | 32 | 36) {
        complaints.push("id 格式错误：应为32位或36位UUID".to_owned());
    }
    if !company.is_empty() && !digits(&company, 9) {
        complaints.push("companyCode 格式错误：应为9位数字".to_owned());
    }
    if !hazard.is_empty() && !digits(&hazard, 12) {
        complaints.push("hazardCode 格式错误：应为12位数字".to_owned());
    }
    if user.is_some_and(|user| user != company) {
        complaints.push("companyCode 校验失败：与登录用户不一致".to_owned());
    }
    complaints
}

fn missing(form: &Form, fields: &Fields) -> Vec<String> {
    let conditional = form
        .conditions
        .iter()
        .filter(|condition| condition.values.contains(&text(fields, condition.field).as_str()))
        .flat_map(|condition| condition.then);
    form.required
        .iter()
        .chain(conditional)
        .filter(|name| text(fields, name).is_empty())
        .map(|name| format!("{name} 不能为空"))
        .collect()
}

fn strange_codes(form: &Form, fields: &Fields) -> Vec<String> {
    let strange = |(name, values): &(&str, &[&str])| {
        let code = text(fields, name);
        (!code.is_empty() && !values.contains(&code.as_str())).then(|| format!("{name} 不在代码表中"))
    };
    form.codes.iter().filter_map(strange).collect()
}

fn bad_moments(form: &Form, fields: &Fields) -> Vec<String> {
    let bad = |name: &&str| {
        let at = text(fields, name);
        (!at.is_empty() && !is_moment(&at)).then(|| format!("{name} 时间格式错误"))
    };
    form.moments.iter().filter_map(bad).collect()
}

fn too_long(form: &Form, fields: &Fields) -> Vec<String> {
    let long = |(name, most): &(&str, usize)| {
        // JT counts with Java's String.length: UTF-16 units
        let length = text(fields, name).encode_utf16().count();
        (length > *most).then(|| format!("{name} 长度超过{most}"))
    };
    form.lengths.iter().filter_map(long).collect()
}

fn orphaned(form: &Form, fields: &Fields, known: &dyn Fn(&str, &str) -> bool) -> Vec<Complaint> {
    let orphan = |(name, path): &(&str, &str)| {
        let id = text(fields, name);
        let missed = !id.is_empty() && !known(path, &normal(&id));
        missed
            .then(|| Complaint { text: format!("{name} 不存在，请先上传上级数据"), orphan: true })
    };
    form.parents.iter().filter_map(orphan).collect()
}

fn digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_moment(text: &str) -> bool {
    let compact = digits(text, 14).then(|| NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S"));
    let spaced = (text.len() == 19).then(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S"));
    compact.or(spaced).is_some_and(|parsed| parsed.is_ok())
}

#[cfg(test)]
mod tests;
