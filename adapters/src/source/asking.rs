//! What is asked of a REST source: an ask of the pipeline becomes one HTTP request. Pure.
//! Leaves credentials and sending to [`super::rest`].

use std::collections::BTreeMap;

use chrono::TimeDelta;
use chrono_tz::Tz;
use reqwest::{
    Request, Url,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue},
};
use serde_json::Value;

use super::{Ask, RequestConfig, RestConnect, Resume, config::Method, rest::below};
use crate::{
    error::{AdapterError, Certainty},
    http::{
        moment::TimeFormat,
        paging::PagingConfig,
        success::{Text, cut},
        template::{BodyTemplate, Hole, Template, Values},
    },
};

/// A service's request, its templates read.
#[derive(Debug)]
pub(super) struct Asking {
    method: Method,
    path: String,
    query: Vec<(String, Template)>,
    body: Body,
    paging: PagingConfig,
    time_format: TimeFormat,
    zone: Tz,
}

#[derive(Debug)]
enum Body {
    None,
    Json(BodyTemplate),
    Form(Vec<(String, Template)>),
}

impl Body {
    fn has(&self, hole: Hole) -> bool {
        match self {
            Self::None => false,
            Self::Json(body) => body.has(hole),
            Self::Form(form) => form.iter().any(|(_, template)| template.has(hole)),
        }
    }
}

impl Asking {
    /// Reads the templates.
    ///
    /// # Errors
    /// A configuration error naming an unknown placeholder.
    pub(super) fn new(
        request: &RequestConfig,
        connect: &RestConnect,
        zone: Tz,
    ) -> Result<Self, AdapterError> {
        Ok(Self {
            method: request.method,
            path: request.path.clone(),
            query: templates(&request.query).map_err(AdapterError::config)?,
            body: body(request).map_err(AdapterError::config)?,
            paging: request.paging.clone(),
            time_format: request.time_format.as_ref().unwrap_or(&connect.time_format).clone(),
            zone,
        })
    }

    /// The request of one page, without credentials, and how to show it to people.
    ///
    /// # Errors
    /// When the pass has had more pages than it may have.
    pub(super) fn request(&self, base: &Url, ask: &Ask) -> Result<(Request, String), AdapterError> {
        if self.paging.is_endless(ask.read, pages(&ask.resume)) {
            let what = format!("本轮已读 {} 条，超过 max_pages 页仍未结束", ask.read);
            return Err(AdapterError::remote(what, Certainty::NotReceived));
        }
        let values = self.values(ask);
        let mut url = below(base, &self.path);
        let query = fill(&self.query, &values);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(&query);
        }
        let (body, shown_body) = self.body(&url, &values);
        let shown = shown(self.method, &self.path, &query, &shown_body);
        let mut request = Request::new(method(self.method), url);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some((content_type, bytes)) = body {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            *request.body_mut() = Some(bytes.into());
        }
        Ok((request, shown))
    }

    fn values(&self, ask: &Ask) -> Values {
        let mark = match &ask.resume {
            Resume::After(mark) => Some(mark),
            _ => None,
        };
        let overlap = TimeDelta::seconds(i64::from(self.paging.overlap_s()));
        let write = |moment| self.time_format.write(moment, self.zone);
        Values {
            page: page_number(&self.paging, &ask.resume),
            size: self.paging.size(),
            offset: place(&self.paging, &ask.resume),
            next: token(&self.paging, &ask.resume),
            // the first moment there is comes from a source too, and then there is nothing before it
            from: ask.window.from.map(|from| write(from.checked_sub_signed(overlap).unwrap_or(from))),
            until: Some(write(ask.window.until)),
            after_time: mark.map(|mark| mark.time.clone()),
            after_id: mark.map(|mark| mark.id.clone()),
            numeric_times: self.time_format.is_number(),
        }
    }

    fn body(&self, url: &Url, values: &Values) -> (Option<(&'static str, String)>, String) {
        match &self.body {
            Body::None => (None, String::new()),
            Body::Json(template) => {
                let text = template
                    .fill(values)
                    .unwrap_or_else(|| Value::Object(serde_json::Map::new()))
                    .to_string();
                (Some(("application/json", text.clone())), text)
            }
            Body::Form(form) => {
                let form = fill(form, values);
                let mut scratch = url.clone();
                scratch.query_pairs_mut().clear().extend_pairs(&form);
                let text = scratch.query().unwrap_or_default().to_owned();
                (Some(("application/x-www-form-urlencoded", text)), pairs(&form))
            }
        }
    }
}

/// The number of the page asked for, where pages have numbers.
pub(super) fn page_number(paging: &PagingConfig, resume: &Resume) -> Option<u64> {
    match (paging, resume) {
        (PagingConfig::Page { .. }, Resume::Page(page)) => Some(*page),
        (PagingConfig::Page { first, .. }, _) => Some(*first),
        _ => None,
    }
}

/// The place asked for, where places are counted in records.
pub(super) fn place(paging: &PagingConfig, resume: &Resume) -> Option<u64> {
    match (paging, resume) {
        (PagingConfig::Offset { .. }, Resume::Offset(place)) => Some(*place),
        (PagingConfig::Offset { first, .. }, _) => Some(*first),
        _ => None,
    }
}

fn token(paging: &PagingConfig, resume: &Resume) -> Option<String> {
    match (paging, resume) {
        (PagingConfig::Next { .. }, Resume::Next(next)) => Some(next.token.clone()),
        (PagingConfig::Next { first, .. }, _) => first.clone(),
        _ => None,
    }
}

fn pages(resume: &Resume) -> u64 {
    if let Resume::Next(next) = resume { next.pages } else { 0 }
}

/// Whether a request asks for nothing that changed after the pass began.
pub(super) fn is_bounded(request: &RequestConfig) -> bool {
    let query = templates(&request.query).unwrap_or_default();
    query.iter().any(|(_, template)| template.has(Hole::Until))
        || body(request).is_ok_and(|body| body.has(Hole::Until))
}

/// What is wrong with a request's templates, in Chinese.
pub(super) fn problems(request: &RequestConfig) -> Vec<String> {
    let mut problems = Vec::new();
    if request.path.contains(['?', '#']) {
        problems.push("path 里不能有 ? 或 #：参数写进 query".to_owned());
    }
    let (query, body) = match (templates(&request.query), body(request)) {
        (Ok(query), Ok(body)) => (query, body),
        (query, body) => {
            problems.extend(query.err());
            problems.extend(body.err());
            return problems;
        }
    };
    let has = |hole| query.iter().any(|(_, template)| template.has(hole)) || body.has(hole);
    let needed: &[(Hole, &str)] = match request.paging {
        PagingConfig::None => &[],
        PagingConfig::Page { .. } => &[(Hole::Page, "{page}")],
        PagingConfig::Offset { .. } => &[(Hole::Offset, "{offset}")],
        PagingConfig::Next { .. } => &[(Hole::Next, "{next}")],
        PagingConfig::Keyset { .. } => &[(Hole::AfterTime, "{after_time}"), (Hole::AfterId, "{after_id}")],
    };
    for (_, name) in needed.iter().filter(|(hole, _)| !has(*hole)) {
        problems.push(format!("请求里没有占位符 {name}，这种翻页方式离不开它"));
    }
    problems
}

fn body(request: &RequestConfig) -> Result<Body, String> {
    if let Some(form) = &request.form {
        return templates(form).map(Body::Form);
    }
    let Some(body) = &request.body else { return Ok(Body::None) };
    let table = body.iter().map(|(name, value)| Ok((name.clone(), BodyTemplate::parse(value)?)));
    Ok(Body::Json(BodyTemplate::Table(table.collect::<Result<_, String>>()?)))
}

fn templates(table: &BTreeMap<String, Text>) -> Result<Vec<(String, Template)>, String> {
    table.iter().map(|(name, text)| Ok((name.clone(), Template::parse(&text.written())?))).collect()
}

fn fill(templates: &[(String, Template)], values: &Values) -> Vec<(String, String)> {
    templates.iter().filter_map(|(name, template)| Some((name.clone(), template.fill(values)?))).collect()
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
    }
}

fn shown(method: Method, path: &str, query: &[(String, String)], body: &str) -> String {
    let query = if query.is_empty() { String::new() } else { format!(" ?{}", pairs(query)) };
    let body = if body.is_empty() { String::new() } else { format!(" {}", cut(body, 500)) };
    format!("{} {path}{query}{body}", self::method(method))
}

fn pairs(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests;
